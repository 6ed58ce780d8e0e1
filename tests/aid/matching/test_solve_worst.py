"""Problems made to hurt: everybody at one point, everything within reach, nothing to give, far too much of it."""

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace

import numpy as np
import pytest

from aid.matching.solve import Lines, Offers, Pairs, Plan, Reason, Settings, solve
from tests.aid.matching.test_solve_optimum import assert_plan_holds

KYIV = (30.52, 50.45)


def crowd(lines: int, offers: int, *, spread: float, quantity: int = 10, share: float = 0.7) -> tuple[Lines, Offers]:
    """Return lines and offers of one item around one point, all within reach; `share` of the demand is in stock."""
    random = np.random.default_rng(lines + offers)
    points = [random.normal(KYIV, spread, (count, 2)).T for count in (lines, offers)]
    many = np.zeros(lines)
    return (
        Lines(
            item=many.astype(np.int32),
            lon=points[0][0],
            lat=points[0][1],
            quantity=random.integers(1, quantity + 1, lines),
            penalty=random.choice([200.0, 400.0, 800.0, 1600.0], lines),
            effort=random.choice([0.25, 0.5, 1.0], lines),
            needs=many.astype(np.int64),
            needed_by=np.full(lines, -np.inf),
            whole=many.astype(np.bool_),
            coarse_lon=points[0][0],
            coarse_lat=points[0][1],
        ),
        Offers(
            item=np.zeros(offers, np.int32),
            lon=points[1][0],
            lat=points[1][1],
            available=np.maximum(1, random.integers(0, int(share * quantity * lines / offers) + 2, offers)),
            radius_m=np.full(offers, np.inf),
            has=np.zeros(offers, np.int64),
            expires_at=np.full(offers, np.inf),
            coarse=np.zeros(offers, np.bool_),
        ),
    )


@contextmanager
def megabytes_at_most(most: float) -> Iterator[None]:
    """Fail when the arrays and objects made inside take more at any time."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert peak <= most


def certified(plan: Plan) -> float:
    return plan.objective / plan.lower_bound - 1


@pytest.mark.parametrize("spread", [0.0, 1e-6, 0.05], ids=["one point", "one building", "one city"])
def test_everything_within_reach_is_solved_without_holding_it(spread: float) -> None:
    lines, offers = crowd(3_000, 1_000, spread=spread)
    with megabytes_at_most(40):  # All 3,000,000 edges would take 72 MB, and as much again to sort.
        plan = solve(lines, offers)
    assert certified(plan) <= Settings().stop_at_gap


def test_edges_that_are_let_go_do_not_matter() -> None:
    lines, offers = crowd(300, 200, spread=0.05)
    few = Settings(all_edges_up_to=0, first_edges=2, edges_per_round=30, stop_at_gap=0)
    assert solve(lines, offers, few).objective == pytest.approx(solve(lines, offers).objective, rel=1e-9)


def test_rounds_used_up_still_give_a_plan_and_an_honest_bound() -> None:
    lines, offers = crowd(100, 60, spread=0.05)
    plan = solve(lines, offers, Settings(all_edges_up_to=0, first_edges=1, edges_per_round=1, rounds=1))
    best = solve(lines, offers).objective
    assert_plan_holds(plan, lines, offers)
    assert plan.lower_bound <= best < plan.objective


def test_one_offer_for_everybody() -> None:
    lines, offers = crowd(20_000, 1, spread=0.05)
    plan = solve(lines, offers)
    assert certified(plan) <= 1e-9
    assert plan.quantity.sum() == offers.available.sum()


def test_one_line_within_reach_of_everything() -> None:
    lines, offers = crowd(1, 100_000, spread=0.05, quantity=1)
    lines = replace(lines, quantity=np.array([50]), effort=np.array([1.0]))
    with megabytes_at_most(60):
        plan = solve(lines, offers)
    assert plan.unmet.tolist() == [0]
    assert certified(plan) <= Settings().stop_at_gap


def test_nothing_in_stock() -> None:
    lines, offers = crowd(5_000, 300, spread=0.05)
    plan = solve(lines, replace(offers, available=np.zeros(300, np.int64)))
    assert len(plan.line) == 0
    assert plan.objective == pytest.approx(plan.lower_bound)
    assert set(plan.reason.tolist()) == {Reason.OUT_OF_STOCK}


@pytest.mark.parametrize("settings", [Settings(), Settings(all_edges_up_to=0)], ids=["all edges", "columns"])
def test_a_million_million_each(settings: Settings) -> None:
    lines, offers = crowd(200, 40, spread=0.05, quantity=10**12)
    plan = solve(lines, offers, settings)
    assert certified(plan) <= 1e-5
    assert_plan_holds(plan, lines, offers)


def test_households_within_reach_of_everything() -> None:
    lines, offers = crowd(1_000, 250, spread=0.05, quantity=6)
    plan = solve(replace(lines, whole=np.ones(1_000, np.bool_)), offers)
    assert certified(plan) <= 0.02


def test_equal_input_gives_equal_plans_when_columns_are_drawn() -> None:
    lines, offers = crowd(1_000, 300, spread=0.02)
    plan, again = solve(lines, offers), solve(lines, offers)
    for part in fields(Plan):
        np.testing.assert_array_equal(getattr(plan, part.name), getattr(again, part.name))


def test_warm_prices_change_how_the_plan_is_found_not_how_good_it_is() -> None:
    lines, offers = crowd(1_000, 300, spread=0.05)
    plan = solve(lines, offers)
    fewer = replace(lines, quantity=np.where(np.arange(1_000) % 30, lines.quantity, 0))
    cold, warm = solve(fewer, offers), solve(fewer, offers, warm=plan.price)
    misled = solve(fewer, offers, warm=np.random.default_rng(0).random(300) * 2_000)
    for each in (cold, warm, misled):
        assert certified(each) <= Settings().stop_at_gap
    # From the prices of nearly the same problem one round is enough, from a guess it is not.
    once = Settings(rounds=1)
    assert certified(solve(fewer, offers, once, warm=plan.price)) < 0.01 < certified(solve(fewer, offers, once))


def test_forbidden_pairs_stay_forbidden_when_columns_are_drawn() -> None:
    lines, offers = crowd(300, 200, spread=0.02)
    by_columns = Settings(all_edges_up_to=0)
    plan = solve(lines, offers, by_columns)
    forbidden = Pairs(plan.line[::2], plan.offer[::2])
    again = solve(lines, offers, by_columns, forbidden)
    assert not set(zip(again.line, again.offer, strict=True)) & set(zip(forbidden.line, forbidden.offer, strict=True))
    assert again.objective == pytest.approx(solve(lines, offers, forbidden=forbidden).objective, rel=1e-4)
