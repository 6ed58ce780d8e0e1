"""Thousands of tiny problems at once, each an item of its own, against every split there is."""

from dataclasses import replace

import numpy as np
import pytest

from aid.matching.solve import Lines, Offers, Plan, Settings, solve
from aid.matching.solve.problem import Float, chosen
from tests.aid.matching.oracle import optimum
from tests.aid.matching.places import PLACES

ITEMS = 400
LINES_EACH, OFFERS_EACH = 3, 3
BY_COLUMNS = Settings(all_edges_up_to=0, first_edges=1, edges_per_round=1, stop_at_gap=0)
BY_MOVES = Settings(exact_edges_up_to=0)


def tiny_problems(seed: int, *, whole: float) -> tuple[Lines, Offers]:
    """Return many items with a few lines and offers each, at named places and around them."""
    random = np.random.default_rng(seed)
    many, stock = ITEMS * LINES_EACH, ITEMS * OFFERS_EACH
    place = np.array(list(PLACES.values()))
    lon, lat = (place[random.integers(0, len(place) - 1, many)] + random.normal(0, 0.01, (many, 2))).T
    offer_lon, offer_lat = place[random.integers(0, len(place), stock)].T
    lines = Lines(
        item=random.permutation(np.repeat(np.arange(ITEMS, dtype=np.int32), LINES_EACH)),
        lon=lon,
        lat=lat,
        quantity=random.integers(0, 4, many),
        penalty=random.choice([0.0, 3.0, 20.0, 200.0, 1600.0], many),
        effort=random.choice([0.0, 0.25, 1.0, 3.0], many),
        needs=random.choice([0, 0, 1, 2], many),
        needed_by=random.choice([-np.inf, 0.0, 3600.0], many),
        whole=random.random(many) < whole,
        coarse_lon=np.round(lon, 2),
        coarse_lat=np.round(lat, 2),
    )
    offers = Offers(
        item=random.permutation(np.repeat(np.arange(ITEMS, dtype=np.int32), OFFERS_EACH)),
        lon=offer_lon,
        lat=offer_lat,
        available=random.integers(0, 5, stock),
        radius_m=random.choice([2_000.0, 8_000.0, 30_000.0, np.inf], stock),
        has=random.choice([0, 1, 3, 3], stock),
        expires_at=random.choice([np.inf, np.inf, 1800.0], stock),
        coarse=random.random(stock) < 0.3,
    )
    return lines, offers


def objectives(plan: Plan, lines: Lines) -> Float:
    """Return what the plan costs, item by item."""
    total = np.zeros(ITEMS)
    np.add.at(total, lines.item, plan.unmet * lines.penalty)
    np.add.at(total, lines.item[plan.line], plan.quantity * lines.effort[plan.line] * plan.distance_m / 1000)
    return total


def optima(lines: Lines, offers: Offers) -> Float:
    return np.array(
        [optimum(chosen(lines, lines.item == item), chosen(offers, offers.item == item)) for item in range(ITEMS)]
    )


@pytest.mark.parametrize("settings", [Settings(), BY_COLUMNS], ids=["all edges", "columns"])
@pytest.mark.parametrize("seed", [1, 2])
def test_goods_are_exact_in_every_tiny_problem(seed: int, settings: Settings) -> None:
    lines, offers = tiny_problems(seed, whole=0)
    plan, best = solve(lines, offers, settings), optima(lines, offers)
    np.testing.assert_allclose(objectives(plan, lines), best, rtol=1e-9, atol=1e-6)
    assert plan.lower_bound <= best.sum() * (1 + 1e-12) <= plan.objective * (1 + 1e-9)
    assert plan.lower_bound == pytest.approx(best.sum(), rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "least"), [(Settings(), 1.0), (BY_MOVES, 0.95)], ids=["integer programme", "moves alone"]
)
@pytest.mark.parametrize("whole", [1.0, 0.5], ids=["whole", "mixed"])
def test_households_are_exact_in_nearly_every_tiny_problem(whole: float, settings: Settings, least: float) -> None:
    lines, offers = tiny_problems(3, whole=whole)
    plan, best = solve(lines, offers, settings), optima(lines, offers)
    found = objectives(plan, lines)
    assert (found >= best * (1 - 1e-9) - 1e-6).all()
    assert np.isclose(found, best, rtol=1e-9, atol=1e-6).mean() >= least
    assert plan.lower_bound <= best.sum() * (1 + 1e-12)


def test_order_of_lines_and_offers_changes_nothing_but_the_order() -> None:
    lines, offers = tiny_problems(4, whole=0.3)
    line_order, offer_order = (np.random.default_rng(5).permutation(len(each.item)) for each in (lines, offers))
    plan = solve(lines, offers)
    shuffled = solve(chosen(lines, line_order), chosen(offers, offer_order))
    assert shuffled.objective == pytest.approx(plan.objective)
    assert shuffled.lower_bound == pytest.approx(plan.lower_bound)


def test_items_are_problems_of_their_own() -> None:
    lines, offers = tiny_problems(6, whole=0.3)
    alone = [
        solve(chosen(lines, lines.item == item), chosen(offers, offers.item == item)).objective for item in range(20)
    ]
    np.testing.assert_allclose(objectives(solve(lines, offers), lines)[:20], alone)


def test_more_stock_never_hurts() -> None:
    lines, offers = tiny_problems(7, whole=0.3)
    more = replace(offers, available=offers.available + 1)
    assert (objectives(solve(lines, more), lines) <= objectives(solve(lines, offers), lines) * (1 + 1e-9) + 1e-6).all()
