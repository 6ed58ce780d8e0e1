"""The plan against the truth, on problems small enough to know it."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aid.matching.solve import Lines, Offers, Pairs, Plan, Reason, Settings, solve
from tests.aid.matching.oracle import cost_per_unit, distance_m, linear_optimum, optimum, reason_of
from tests.aid.matching.places import PLACES, Need, Stock, lines_of, offers_of

TOLERANCE = 1e-6

places = st.sampled_from(list(PLACES))
masks = st.integers(0, 3)
moments = st.sampled_from([0.0, 3600.0, 86400.0])


def needs(*, whole: bool | None = None, most: int = 6) -> st.SearchStrategy[list[Need]]:
    """Make up a few needs; `whole` fixes whether they may be split."""
    return st.lists(
        st.builds(
            Need,
            place=places,
            quantity=st.integers(0, 9),
            item=st.integers(1, 2),
            penalty=st.sampled_from([0.0, 2.5, 20.0, 200.0, 1600.0]),
            effort=st.sampled_from([0.0, 0.25, 1.0, 3.0]),
            needs=masks,
            needed_by=st.one_of(st.just(-np.inf), moments),
            whole=st.booleans() if whole is None else st.just(whole),
        ),
        max_size=most,
    )


stocks = st.lists(
    st.builds(
        Stock,
        place=places,
        available=st.integers(0, 15),
        item=st.integers(1, 2),
        radius_m=st.sampled_from([0.0, 2_000.0, 8_000.0, 30_000.0, np.inf]),
        has=st.sampled_from([0, 1, 3, 3]),
        expires_at=st.one_of(st.just(np.inf), moments),
    ),
    max_size=4,
)


def assert_plan_holds(plan: Plan, lines: Lines, offers: Offers) -> None:
    """Check everything a plan promises besides being good."""
    served = np.zeros(len(lines.item), np.int64)
    given_away = np.zeros(len(offers.item), np.int64)
    objective = 0.0
    for line, offer, quantity, metres in zip(plan.line, plan.offer, plan.quantity, plan.distance_m, strict=True):
        assert quantity > 0
        assert metres == pytest.approx(distance_m(lines, offers, line, offer), abs=1e-6)
        assert cost_per_unit(lines, offers, line, offer) < np.inf
        assert quantity == lines.quantity[line] or not lines.whole[line]
        served[line] += quantity
        given_away[offer] += quantity
        objective += float(quantity) * cost_per_unit(lines, offers, line, offer)
    rows = list(zip(plan.line.tolist(), plan.offer.tolist(), strict=True))
    assert rows == sorted(set(rows))
    assert (given_away <= offers.available).all()
    assert (plan.unmet == lines.quantity - served).all()
    assert (plan.unmet >= 0).all()
    objective += float((plan.unmet * lines.penalty).sum())
    assert plan.objective == pytest.approx(objective)
    assert plan.reason.tolist() == [reason_of(lines, offers, line, unmet) for line, unmet in enumerate(plan.unmet)]
    assert plan.lower_bound <= plan.objective


@settings(max_examples=150, deadline=None, derandomize=True)
@given(needs(whole=False), stocks)
def test_goods_any_small_problem_reach_the_optimum(asked: list[Need], offered: list[Stock]) -> None:
    lines, offers = lines_of(*asked), offers_of(*offered)
    plan = solve(lines, offers)
    least = linear_optimum(lines, offers)
    assert_plan_holds(plan, lines, offers)
    assert plan.objective == pytest.approx(least, rel=TOLERANCE, abs=TOLERANCE)
    assert plan.lower_bound <= least * (1 + 1e-9)
    assert plan.lower_bound == pytest.approx(least, rel=TOLERANCE, abs=1e-3)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(needs(whole=False), stocks)
def test_goods_column_generation_reaches_the_optimum(asked: list[Need], offered: list[Stock]) -> None:
    lines, offers = lines_of(*asked), offers_of(*offered)
    plan = solve(lines, offers, Settings(all_edges_up_to=0, first_edges=1, edges_per_round=1, stop_at_gap=0))
    assert_plan_holds(plan, lines, offers)
    assert plan.objective == pytest.approx(linear_optimum(lines, offers), rel=TOLERANCE, abs=TOLERANCE)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(needs(whole=True, most=4), stocks)
def test_whole_any_small_problem_reaches_the_optimum(asked: list[Need], offered: list[Stock]) -> None:
    lines, offers = lines_of(*asked), offers_of(*offered)
    plan = solve(lines, offers)
    least = optimum(lines, offers)
    assert_plan_holds(plan, lines, offers)
    assert plan.objective == pytest.approx(least, rel=TOLERANCE, abs=TOLERANCE)
    assert plan.lower_bound <= least * (1 + 1e-9)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(needs(whole=True, most=4), stocks)
def test_whole_repaired_by_moves_alone_stays_between_bound_and_reach(asked: list[Need], offered: list[Stock]) -> None:
    lines, offers = lines_of(*asked), offers_of(*offered)
    plan = solve(lines, offers, Settings(exact_edges_up_to=0))
    assert_plan_holds(plan, lines, offers)
    least = optimum(lines, offers)
    assert plan.lower_bound <= least * (1 + 1e-9)
    assert least <= plan.objective * (1 + 1e-9)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(needs(), stocks)
def test_mixed_any_small_problem_holds_and_repeats(asked: list[Need], offered: list[Stock]) -> None:
    lines, offers = lines_of(*asked), offers_of(*offered)
    plan, again = solve(lines, offers), solve(lines_of(*asked), offers_of(*offered))
    assert_plan_holds(plan, lines, offers)
    assert plan.lower_bound <= plan.objective
    for part in fields(Plan):
        np.testing.assert_array_equal(getattr(plan, part.name), getattr(again, part.name))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(needs(), stocks, st.data())
def test_forbidden_pairs_count_as_absent(asked: list[Need], offered: list[Stock], data: st.DataObject) -> None:
    lines, offers = lines_of(*asked), offers_of(*offered)
    every = [(line, offer) for line in range(len(asked)) for offer in range(len(offered))]
    chosen = data.draw(st.lists(st.sampled_from(every))) if every else []
    forbidden = Pairs(*(np.array(column, np.int32) for column in zip(*chosen, strict=True))) if chosen else Pairs()
    plan = solve(lines, offers, forbidden=forbidden)
    assert not set(chosen) & set(zip(plan.line.tolist(), plan.offer.tolist(), strict=True))
    if len(set(chosen)) == len(every):
        assert set(plan.reason.tolist()) <= {Reason.SERVED, Reason.NONE_NEARBY}
