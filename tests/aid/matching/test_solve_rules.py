"""What may be given to whom, what is refused at the door, and what stays untouched."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from aid.matching.solve import Lines, Offers, Pairs, Plan, Reason, Settings, solve
from tests.aid.matching.oracle import distance_m, linear_optimum
from tests.aid.matching.places import Need, Stock, lines_of, offers_of

PODIL_TO_MAIDAN_M = distance_m(lines_of(Need("Maidan")), offers_of(Stock("Podil")), 0, 0)


def rows_of(plan: Plan) -> list[tuple[int, int, int]]:
    return list(zip(plan.line.tolist(), plan.offer.tolist(), plan.quantity.tolist(), strict=True))


@pytest.mark.parametrize(
    ("need", "stock", "expected"),
    [
        (Need(), Stock(), Reason.SERVED),
        (Need(quantity=0), Stock(item=2), Reason.SERVED),
        (Need(), Stock(item=2), Reason.NONE_NEARBY),
        (Need(), Stock(radius_m=PODIL_TO_MAIDAN_M + 0.001), Reason.SERVED),
        (Need(), Stock(radius_m=PODIL_TO_MAIDAN_M - 0.001), Reason.NONE_NEARBY),
        (Need(), Stock(available=0), Reason.OUT_OF_STOCK),
        (Need(), Stock(available=1), Reason.OUTBID),
        (Need(whole=True), Stock(available=9), Reason.OUT_OF_STOCK),
        (Need(needs=0b101), Stock(has=0b111), Reason.SERVED),
        (Need(needs=0b101), Stock(has=0b011), Reason.CONDITION),
        (Need(needs=1 << 62), Stock(has=1 << 62), Reason.SERVED),
        (Need(needs=1 << 62), Stock(has=1 << 61), Reason.CONDITION),
        (Need(needed_by=7.0), Stock(expires_at=7.0), Reason.SERVED),
        (Need(needed_by=7.5), Stock(expires_at=7.0), Reason.EXPIRES),
        (Need(penalty=1.0), Stock(), Reason.OUTBID),
        (Need(), Stock("Kharkiv", radius_m=10_000), Reason.NONE_NEARBY),
        (Need(needs=1, needed_by=9.0), Stock(available=0, has=0, expires_at=1.0), Reason.OUT_OF_STOCK),
        (Need(needs=1, needed_by=9.0), Stock(has=0, expires_at=1.0), Reason.CONDITION),
    ],
)
def test_one_line_and_one_offer_get_the_prescribed_reason(need: Need, stock: Stock, expected: Reason) -> None:
    plan = solve(lines_of(need), offers_of(stock))
    assert plan.reason.tolist() == [expected]
    assert (plan.unmet[0] == 0) == (expected is Reason.SERVED)


def test_tests_are_passed_by_one_offer_together_not_by_several() -> None:
    need = Need(needs=1, needed_by=9.0)
    only_conditions, only_expiry = Stock(has=1, expires_at=1.0), Stock(has=0, expires_at=20.0)
    assert solve(lines_of(need), offers_of(only_conditions, only_expiry)).reason.tolist() == [Reason.EXPIRES]


def test_goods_split_over_offers_nearest_first() -> None:
    plan = solve(lines_of(Need(quantity=12)), offers_of(Stock("Brovary"), Stock("Podil", available=7)))
    assert rows_of(plan) == [(0, 0, 5), (0, 1, 7)]


def test_whole_household_waits_rather_than_being_split() -> None:
    offers = offers_of(Stock("Podil", available=3), Stock("Obolon", available=3))
    assert rows_of(solve(lines_of(Need(quantity=4)), offers)) == [(0, 0, 3), (0, 1, 1)]
    assert rows_of(solve(lines_of(Need(quantity=4, whole=True)), offers)) == []


def test_whole_households_swap_places_so_that_both_fit() -> None:
    lines = lines_of(Need("Podil", quantity=2, whole=True), Need("Podil", quantity=5, whole=True))
    offers = offers_of(Stock("Podil", available=5), Stock("Obolon", available=2))
    assert rows_of(solve(lines, offers)) == [(0, 1, 2), (1, 0, 5)]
    assert rows_of(solve(lines, offers, Settings(exact_edges_up_to=0))) == [(0, 1, 2), (1, 0, 5)]


def test_dearer_penalty_wins_the_last_unit() -> None:
    lines = lines_of(Need(quantity=1, penalty=200), Need("Brovary", quantity=1, penalty=1600))
    assert rows_of(solve(lines, offers_of(Stock("Maidan", available=1)))) == [(1, 0, 1)]


def test_price_is_what_one_more_unit_would_save() -> None:
    lines = lines_of(Need("Maidan", quantity=2, penalty=500), Need("Podil", quantity=2, penalty=300))
    scarce, more = offers_of(Stock("Maidan", available=3)), offers_of(Stock("Maidan", available=4))
    plan = solve(lines, scarce)
    assert plan.price[0] == pytest.approx(plan.objective - solve(lines, more).objective, abs=0.01)


def test_nobody_and_nothing_give_an_empty_plan() -> None:
    plan = solve(lines_of(), offers_of())
    assert (rows_of(plan), plan.objective, plan.lower_bound) == ([], 0.0, 0.0)
    assert solve(lines_of(), offers_of(Stock())).price.tolist() == [0.0]
    without_offers = solve(lines_of(Need(quantity=2, penalty=3)), offers_of())
    assert (without_offers.objective, without_offers.reason.tolist()) == (6.0, [Reason.NONE_NEARBY])


def test_forbidden_pair_is_replaced_by_the_next_best() -> None:
    lines, offers = lines_of(Need()), offers_of(Stock("Podil"), Stock("Obolon"))
    forbidden = Pairs(line=np.array([0], np.int32), offer=np.array([0], np.int32))
    assert rows_of(solve(lines, offers)) == [(0, 0, 10)]
    assert rows_of(solve(lines, offers, forbidden=forbidden)) == [(0, 1, 10)]


@pytest.mark.parametrize("whole", [False, True])
def test_quantities_of_a_million_million_are_exact(whole: bool) -> None:
    many = 10**12
    needs = [
        Need("Maidan", many, penalty=12_800.0, effort=0.25, whole=whole),
        Need("Obolon", many - 1, penalty=1_600.0, whole=whole),
        Need("Kharkiv", many, penalty=90_000.0, effort=3.0, whole=whole),
    ]
    stocks = [Stock("Maidan", many), Stock("Podil", many), Stock("Kharkiv", many)]
    lines, offers = lines_of(*needs), offers_of(*stocks)
    plan = solve(lines, offers)
    assert plan.unmet.tolist() == [0, 0, 0]
    assert plan.objective == pytest.approx(linear_optimum(lines, offers), rel=1e-6)
    assert plan.objective == pytest.approx(plan.lower_bound, rel=1e-6)


def test_quantity_above_what_a_float_counts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^lines\.quantity"):
        solve(lines_of(Need(quantity=2**53 + 1)), offers_of(Stock()))


def test_quantities_that_leave_64_bits_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^lines\.quantity"):
        solve(lines_of(*[Need(quantity=2**53)] * 600), offers_of(*[Stock(available=2**53)] * 600))


def test_inputs_are_never_changed_and_may_be_read_only() -> None:
    lines = lines_of(Need(whole=True), Need("Obolon", 3), Need("Brovary", 12, needs=1))
    offers = offers_of(Stock(has=1), Stock("Troieshchyna", 4, has=1))
    before = {
        (type(record), part.name): getattr(record, part.name).copy()
        for record in (lines, offers)
        for part in fields(record)
    }
    for record in (lines, offers):
        for part in fields(record):
            getattr(record, part.name).flags.writeable = False
    solve(lines, offers)
    for record in (lines, offers):
        for part in fields(record):
            np.testing.assert_array_equal(getattr(record, part.name), before[type(record), part.name])


NAN = float("nan")
WRONG_LINES = [
    ("lon", np.array([181.0])),
    ("lon", np.array([NAN])),
    ("lat", np.array([-90.1])),
    ("lat", np.array([NAN])),
    ("quantity", np.array([-1])),
    ("quantity", np.array([1.5])),
    ("quantity", np.array([1, 2])),
    ("penalty", np.array([-0.1])),
    ("penalty", np.array([NAN])),
    ("penalty", np.array([np.inf])),
    ("effort", np.array([-1.0])),
    ("effort", np.array([NAN])),
    ("needs", np.array([-1])),
    ("needed_by", np.array([NAN])),
    ("needed_by", np.array([[0.0]])),
    ("whole", np.array([1.0])),
    ("whole", np.array([], np.bool_)),
    ("item", np.array([2**40])),
    ("item", np.array(["water"])),
]
WRONG_OFFERS = [
    ("lon", np.array([-180.5])),
    ("lat", np.array([np.inf])),
    ("available", np.array([-5])),
    ("available", np.array([], np.int64)),
    ("radius_m", np.array([-1.0])),
    ("radius_m", np.array([NAN])),
    ("has", np.array([-1])),
    ("expires_at", np.array([NAN])),
]


@pytest.mark.parametrize(("name", "value"), WRONG_LINES)
def test_malformed_line_field_is_named(name: str, value: np.ndarray) -> None:
    wrong: Lines = replace(lines_of(Need()), **{name: value})
    with pytest.raises(ValueError, match=rf"^lines\.{name}:"):
        solve(wrong, offers_of(Stock()))


@pytest.mark.parametrize(("name", "value"), WRONG_OFFERS)
def test_malformed_offer_field_is_named(name: str, value: np.ndarray) -> None:
    wrong: Offers = replace(offers_of(Stock(), Stock()), **{name: value})
    with pytest.raises(ValueError, match=rf"^offers\.{name}:"):
        solve(lines_of(Need()), wrong)


@pytest.mark.parametrize(("name", "value"), [("line", np.array([1])), ("offer", np.array([-1]))])
def test_malformed_pair_is_named(name: str, value: np.ndarray) -> None:
    pair = Pairs(line=np.array([0], np.int32), offer=np.array([0], np.int32))
    with pytest.raises(ValueError, match=rf"^forbidden\.{name}:"):
        solve(lines_of(Need()), offers_of(Stock()), forbidden=replace(pair, **{name: value}))


@pytest.mark.parametrize("value", [[-1.0], [NAN], [np.inf], [0.0, 0.0], [[0.0]]])
def test_malformed_prices_are_named(value: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"^warm:"):
        solve(lines_of(Need()), offers_of(Stock()), warm=np.array(value))


@pytest.mark.parametrize(
    ("name", "value"), [("exact_work", NAN), ("exact_work", -0.5), ("first_edges", 0), ("repair_rounds", -1)]
)
def test_malformed_setting_is_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^settings\.{name}:"):
        solve(lines_of(), offers_of(), replace(Settings(), **{name: value}))
