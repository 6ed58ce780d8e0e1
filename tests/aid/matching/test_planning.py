"""Which rows take part in a run, what it decides and what it says about it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.gis.geos import Point
from django.utils import translation

from aid.actions.book_plan import book_plan
from aid.actions.change_aid_request import change_aid_request
from aid.enums import Condition, MatchStatus, ResourceStatus, ShelterKind, Urgency
from aid.matching.candidates import Scope, Weights, read_candidates
from aid.matching.explain import (
    distance_band,
    match_sentences,
    suggestion_sentences,
    suggestions,
    unmet_sentences,
)
from aid.matching.planning import Decision, plan_for
from aid.models import AidRequest, Match, RequestLine, Resource
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.geo.cells import HOME_RESOLUTION, cell_centre, cell_of, cell_outline
from coordination.geo.distance import great_circle_m
from coordination.records.visibility import Disclosure
from tests.factories import aid, incidents, places
from tests.factories.access import organisation

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def proposed(decision: Decision) -> list[tuple[object, object, int]]:
    return [(row.line_id, row.resource_id, row.quantity) for row in decision.proposals]


def waiting(decision: Decision) -> dict[object, str]:
    return {row.line_id: row.facts["reason"] for row in decision.waiting}


@pytest.fixture
def line(ngo: Organisation, now: datetime) -> RequestLine:
    return aid.line(ngo, now=now)


@pytest.fixture
def water(provider: Organisation, now: datetime) -> Resource:
    return aid.resource(provider, now=now, service_radius_m=15_000)


def test_open_line_gets_what_is_free_nearby(line: RequestLine, water: Resource, now: datetime) -> None:
    decision = plan_for(Scope(), now=now)
    assert proposed(decision) == [(line.pk, water.pk, 45)]
    assert (decision.waiting, decision.gap) == ((), pytest.approx(0, abs=1e-9))
    assert decision.proposals[0].distance_m == pytest.approx(great_circle_m(30.634, 50.398, 30.616, 50.456))
    assert not Match.objects.exists()


def test_penalty_follows_people_urgency_vulnerability_and_waiting(ngo: Organisation, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, people=4, vulnerable_people=1, urgency=Urgency.URGENT)
    AidRequest.objects.filter(pk=filed.pk).update(status="verified", created_at=now - 12 * HOUR)
    lines = read_candidates(Scope(), now=now, weights=Weights()).lines
    assert lines.effort.tolist() == [4 / 45]
    assert lines.penalty.tolist() == [pytest.approx(4 / 45 * 200 * 2**2 * (1 + 1 / 4) * (1 + 12 / 24))]


@pytest.mark.parametrize("status", ["draft", "submitted", "closed", "rejected", "duplicate", "cancelled", "expired"])
def test_request_that_is_not_verified_takes_no_part(
    line: RequestLine, water: Resource, now: datetime, status: str
) -> None:
    AidRequest.objects.update(status=status)
    assert plan_for(Scope(), now=now).lines == 0


def test_only_the_unmet_part_is_planned(line: RequestLine, water: Resource, now: datetime) -> None:
    RequestLine.objects.update(reserved=20, dispatched=15)
    assert proposed(plan_for(Scope(), now=now)) == [(line.pk, water.pk, 10)]


@pytest.mark.parametrize(
    "change",
    [
        {"status": ResourceStatus.PAUSED},
        {"status": ResourceStatus.WITHDRAWN},
        {"available_from": "later"},
        {"expires_at": "earlier"},
        {"location": None},
    ],
)
def test_resource_that_is_not_open_takes_no_part(
    line: RequestLine, water: Resource, now: datetime, change: dict[str, object]
) -> None:
    moments = {"later": now + HOUR, "earlier": now - HOUR}
    Resource.objects.update(**{name: moments.get(str(value), value) for name, value in change.items()})
    decision = plan_for(Scope(), now=now)
    assert (decision.resources, waiting(decision)) == (0, {line.pk: "none_nearby"})


def test_resource_of_an_inactive_organisation_takes_no_part(line: RequestLine, water: Resource, now: datetime) -> None:
    Organisation.objects.filter(pk=water.provider_id).update(is_active=False)
    assert plan_for(Scope(), now=now).resources == 0


@pytest.mark.parametrize("is_vetted", [True, False], ids=["vetted", "invented"])
def test_invented_offers_around_a_home_find_no_more_than_its_cell(
    is_vetted: bool, ngo: Organisation, now: datetime
) -> None:
    cell = cell_of(places.POZNIAKY, HOME_RESOLUTION)
    lon, lat = cell_centre(cell)
    corner_lon, corner_lat = cell_outline(cell)["coordinates"][0][0]
    # Well within the cell, yet more than 2 km from its middle.
    home = Point(lon + 0.9 * (corner_lon - lon), lat + 0.9 * (corner_lat - lat), srid=4326)
    assert (cell_of(home, HOME_RESOLUTION), great_circle_m(lon, lat, home.x, home.y) > 2_000) == (cell, True)
    line = aid.line(ngo, now=now, location=home)
    someone = organisation("Nobody knows them", is_vetted=is_vetted)
    there = aid.resource(someone, now=now, location=home, service_radius_m=2_000)
    in_the_middle = aid.resource(someone, now=now, location=Point(lon, lat, srid=4326), service_radius_m=2_000)
    decision = plan_for(Scope(), now=now)
    assert proposed(decision) == [(line.pk, (there if is_vetted else in_the_middle).pk, 45)]
    assert book_plan(decision=decision, actor=SYSTEM, now=now).counts["booked"] == 1


def test_full_resource_is_named_as_out_of_stock(line: RequestLine, water: Resource, now: datetime) -> None:
    Resource.objects.update(reserved=60, consumed=40)
    assert waiting(plan_for(Scope(), now=now)) == {line.pk: "out_of_stock"}


def test_exercise_and_reality_never_meet(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    real_line, exercise_line = aid.line(ngo, now=now), aid.line(ngo, now=now)
    AidRequest.objects.filter(lines=exercise_line).update(is_exercise=True)
    exercise_water = aid.resource(provider, now=now, is_exercise=True, service_radius_m=15_000)
    decision = plan_for(Scope(), now=now)
    assert proposed(decision) == [(exercise_line.pk, exercise_water.pk, 45)]
    assert waiting(decision) == {real_line.pk: "none_nearby"}


def test_what_an_organisation_made_for_exercises_does_is_an_exercise(ngo: Organisation, now: datetime) -> None:
    trainers = organisation("Drill", is_exercise=True)
    line = aid.line(trainers, now=now)
    aid.line(ngo, now=now)
    water = aid.resource(trainers, now=now, service_radius_m=15_000, total=1_000)
    assert proposed(plan_for(Scope(), now=now)) == [(line.pk, water.pk, 45)]
    assert aid.places_of(aid.shelter(trainers, now=now)).is_exercise


def test_conditions_are_met_or_named(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    insulin = aid.item("insulin")
    needy = aid.line(ngo, now=now, of=insulin)
    RequestLine.objects.update(conditions=[Condition.REFRIGERATED, Condition.HOME_DELIVERY])
    aid.resource(provider, now=now, item=insulin, service_radius_m=15_000, conditions=[Condition.REFRIGERATED])
    decision = plan_for(Scope(), now=now)
    assert waiting(decision) == {needy.pk: "condition"}
    assert decision.waiting[0].facts["missing"] == [Condition.HOME_DELIVERY]
    Resource.objects.update(conditions=[Condition.HOME_DELIVERY, Condition.REFRIGERATED, Condition.PETS])
    assert len(plan_for(Scope(), now=now).proposals) == 1


def test_resource_must_last_until_it_is_needed(line: RequestLine, water: Resource, now: datetime) -> None:
    AidRequest.objects.update(needed_by=now + 3 * HOUR)
    Resource.objects.update(expires_at=now + 2 * HOUR)
    assert waiting(plan_for(Scope(), now=now)) == {line.pk: "expires"}


def test_closed_area_takes_no_part_until_it_is_lifted(
    line: RequestLine, water: Resource, cell: Organisation, now: datetime
) -> None:
    around_the_line = places.box(30.60, 50.38, 30.66, 50.42)
    constraint = incidents.access_constraint(cell, now=now, footprint=around_the_line)
    assert plan_for(Scope(), now=now).lines == 0
    around_the_water = places.box(30.61, 50.44, 30.63, 50.47)
    type(constraint).objects.update(footprint=around_the_water)
    assert plan_for(Scope(), now=now).resources == 0
    type(constraint).objects.update(is_exercise=True)
    assert len(plan_for(Scope(), now=now).proposals) == 1
    type(constraint).objects.update(is_exercise=False, lifted_at=now)
    assert len(plan_for(Scope(), now=now).proposals) == 1


def test_household_sleeps_in_one_shelter(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    beds = aid.place_item(ShelterKind.COLLECTIVE_CENTRE)
    family, couple = aid.line(ngo, now=now, quantity=5, of=beds), aid.line(ngo, now=now, quantity=2, of=beds)
    near = aid.shelter(provider, now=now, total_places=4, location=aid.DARNYTSIA, service_radius_m=30_000)
    far = aid.shelter(provider, now=now, total_places=5, service_radius_m=30_000)
    decision = plan_for(Scope(), now=now)
    assert set(proposed(decision)) == {(family.pk, far.places_id, 5), (couple.pk, near.places_id, 2)}


def test_life_threatened_come_first_whatever_the_sum_says(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    one = aid.line(ngo, now=now, quantity=10)
    crowd = aid.line(ngo, now=now, quantity=10)
    AidRequest.objects.filter(lines=one).update(urgency=Urgency.LIFE_THREATENING, people=1)
    AidRequest.objects.filter(lines=crowd).update(urgency=Urgency.URGENT, people=500)
    water = aid.resource(provider, now=now, total=10, service_radius_m=15_000)
    decision = plan_for(Scope(), now=now)
    assert proposed(decision) == [(one.pk, water.pk, 10)]
    assert waiting(decision) == {crowd.pk: "outbid"}


def test_scope_limits_by_request_item_and_area_with_those_below(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    kyiv = places.kyiv()
    places.darnytskyi(kyiv)
    here, elsewhere = aid.line(ngo, now=now), aid.aid_request(ngo, now=now, location=places.SALTIVKA)
    AidRequest.objects.filter(pk=elsewhere.pk).update(status="verified")

    def line_ids(scope: Scope) -> list[object]:
        return list(read_candidates(scope, now=now, weights=Weights()).line_ids)

    assert len(line_ids(Scope())) == 2
    assert line_ids(Scope(area_ids=[kyiv.pk])) == [here.pk]
    assert line_ids(Scope(aid_request_ids=[elsewhere.pk])) == [elsewhere.lines.get().pk]
    blankets = aid.item("blankets")
    assert line_ids(Scope(item_ids=[blankets.pk])) == []
    assert line_ids(Scope(resource_ids=[aid.resource(provider, now=now, item=blankets).pk])) == []
    assert len(line_ids(Scope(resource_ids=[aid.resource(provider, now=now).pk]))) == 2


@pytest.mark.parametrize(
    ("status", "changed", "change"),
    [
        (MatchStatus.DECLINED, "resource", {"total": 120}),
        (MatchStatus.DECLINED, "line", {"quantity": 44}),
        (MatchStatus.CANCELLED, "resource", {"location": places.POZNIAKY}),
    ],
)
def test_refused_pair_waits_until_line_or_resource_changes(
    line: RequestLine, water: Resource, now: datetime, status: str, changed: str, change: dict[str, object]
) -> None:
    match = aid.proposal(line, water, now=now)
    for memory in ("ResourceEvent", "RequestLineEvent"):
        apps.get_model("aid", memory)._default_manager.update(pgh_created_at=now - 2 * HOUR)
    Match.objects.filter(pk=match.pk).update(status=status, decided_at=now - HOUR)
    RequestLine.objects.update(reserved=0)
    Resource.objects.update(reserved=0)
    assert proposed(plan_for(Scope(), now=now)) == []
    {"resource": Resource, "line": RequestLine}[changed]._default_manager.update(**change)
    assert len(plan_for(Scope(), now=now).proposals) == 1


def test_pair_that_was_let_go_because_its_request_moved_is_proposed_anew(
    line: RequestLine, water: Resource, now: datetime
) -> None:
    book_plan(decision=plan_for(Scope(), now=now), actor=SYSTEM, now=now)
    change_aid_request(aid_request=line.aid_request, location=places.OBOLON, actor=SYSTEM, now=now)
    assert Match.objects.get().status == MatchStatus.CANCELLED
    assert proposed(plan_for(Scope(), now=now)) == [(line.pk, water.pk, 45)]


def test_pair_that_timed_out_cools_down(line: RequestLine, water: Resource, now: datetime) -> None:
    match = aid.proposal(line, water, now=now - HOUR)
    RequestLine.objects.update(reserved=0)
    Resource.objects.update(reserved=0)
    assert proposed(plan_for(Scope(), now=now)) == []
    Match.objects.filter(pk=match.pk).update(status=MatchStatus.EXPIRED)
    assert proposed(plan_for(Scope(), now=now)) == []
    assert len(plan_for(Scope(), now=now + 2 * HOUR).proposals) == 1


def test_statements_do_not_grow_with_rows(
    ngo: Organisation, provider: Organisation, now: datetime, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for rows in (1, 3):
        while RequestLine.objects.count() < rows:
            aid.line(ngo, now=now)
            aid.resource(provider, now=now)
        with django_assert_num_queries(5):  # type: ignore[operator] # a context manager, untyped by its plugin
            plan_for(Scope(), now=now)


def test_facts_tell_rank_price_and_why_the_others_lost(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    poor = aid.line(ngo, now=now, quantity=50)
    urgent = aid.line(ngo, now=now, quantity=50)
    AidRequest.objects.filter(lines=urgent).update(urgency=Urgency.LIFE_THREATENING)
    near = aid.resource(provider, now=now, total=50, location=places.POZNIAKY, service_radius_m=40_000)
    far = aid.resource(provider, now=now, total=50, location=places.OBOLON, service_radius_m=40_000)
    farther = aid.resource(provider, now=now, total=50, location=aid.PODIL, service_radius_m=40_000)
    by_line = {row.line_id: row for row in plan_for(Scope(), now=now).proposals}
    assert by_line[urgent.pk].resource_id == near.pk
    assert by_line[urgent.pk].reasons["rank"] == 1
    facts = by_line[poor.pk].reasons
    chosen, spare = (far, farther) if by_line[poor.pk].resource_id == far.pk else (farther, far)
    assert facts["rank"] == 2
    assert facts["feasible"] == 3
    assert facts["alternatives"] == [
        {"resource": str(near.pk), "why": "needed_elsewhere"},
        {"resource": str(spare.pk), "why": "farther"},
    ]
    assert chosen.pk == by_line[poor.pk].resource_id


def test_distance_band_is_measured_from_the_cell_and_rounded_up(
    line: RequestLine, water: Resource, now: datetime
) -> None:
    proposal = plan_for(Scope(), now=now).proposals[0]
    assert proposal.distance_band_m == 10_000
    assert [distance_band(metres) for metres in (0, 1_000, 1_001, 20_015_087)] == [1_000, 1_000, 2_000, 20_100_000]


def test_sentences_for_the_parties_tell_neither_figures_nor_names(
    line: RequestLine, water: Resource, now: datetime
) -> None:
    facts = plan_for(Scope(), now=now).proposals[0].reasons
    assert match_sentences(facts, band_m=10_000, disclosure=Disclosure.COARSE) == [
        "At most 10 km away.",
        "It is the nearest that can serve this need.",
    ]
    for_the_cell = match_sentences(facts, band_m=10_000, disclosure=Disclosure.EXACT)
    assert for_the_cell[:2] == [
        "6.5 km away.",
        "Number 1 by distance of 1 resource that can serve this need.",
    ]
    assert match_sentences({}, band_m=2_000, disclosure=Disclosure.EXACT) == ["Chosen by hand."]


def test_sentences_for_the_unmet_say_what_would_help(line: RequestLine, now: datetime) -> None:
    facts = plan_for(Scope(), now=now).waiting[0].facts
    with translation.override("en"):
        assert unmet_sentences(facts) == [
            "Nobody offers this near enough.",
            "45 more units within 10 km would help.",
        ]


def test_suggestions_are_ranked_by_distance_and_say_whether_they_are_enough(
    line: RequestLine, water: Resource, provider: Organisation, now: datetime
) -> None:
    little = aid.resource(provider, now=now, total=7, location=places.POZNIAKY)
    aid.resource(provider, now=now, location=places.SALTIVKA)
    found = suggestions(read_candidates(Scope(), now=now, weights=Weights()))
    assert [(row.resource_id, row.rank, row.free, row.is_enough) for row in found] == [
        (little.pk, 1, 7, False),
        (water.pk, 2, 100, True),
    ]
    assert suggestion_sentences(found[0], disclosure=Disclosure.COARSE) == [
        "At most 2 km away.",
        "It has enough for a part of it.",
    ]
    assert suggestion_sentences(found[1], disclosure=Disclosure.EXACT) == [
        "6.5 km away.",
        "100 units are free.",
        "It has enough for all of it.",
    ]
