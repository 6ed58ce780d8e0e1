"""Booking a decision: what stands is reserved on both sides, what is stale is dropped, and all is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.apps import apps

from aid.actions.book_plan import book_plan
from aid.enums import MatchRunStatus, MatchStatus, ResourceStatus, ShelterKind, Urgency
from aid.matching.candidates import Scope
from aid.matching.planning import ENGINE_VERSION, Decision, plan_for
from aid.models import AidRequest, Match, MatchRun, RequestLine, Resource
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import NotAllowed
from tests.factories import aid, incidents, places

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(ngo: Organisation, now: datetime) -> RequestLine:
    return aid.line(ngo, now=now)


@pytest.fixture
def water(provider: Organisation, now: datetime) -> Resource:
    return aid.resource(provider, now=now, service_radius_m=15_000)


@pytest.fixture
def decision(line: RequestLine, water: Resource, now: datetime) -> Decision:
    decided = plan_for(Scope(), now=now)
    assert len(decided.proposals) == 1
    return decided


def counters() -> tuple[int, int]:
    return Resource.objects.get().reserved, RequestLine.objects.get().reserved


def test_plan_is_booked_with_counters_history_and_run(
    decision: Decision, line: RequestLine, water: Resource, now: datetime
) -> None:
    run = book_plan(decision=decision, actor=SYSTEM, now=now)
    match = Match.objects.get()
    assert (match.line_id, match.resource_id, match.quantity, match.status) == (
        line.pk,
        water.pk,
        45,
        MatchStatus.PROPOSED,
    )
    assert match.respond_by == now + timedelta(minutes=30)
    assert match.reasons == decision.proposals[0].reasons
    assert match.run_id == run.pk
    assert counters() == (45, 45)
    for memory, row in (("MatchEvent", match), ("ResourceEvent", water), ("RequestLineEvent", line)):
        last = apps.get_model("aid", memory).objects.filter(pgh_obj=row.pk).latest("pgh_id")
        assert (last.pgh_context["actor"], last.pgh_label) == ("system", "insert" if row is match else "update")
    run.refresh_from_db()
    assert (run.status, run.engine_version, run.finished_at) == (MatchRunStatus.FINISHED, ENGINE_VERSION, now)
    assert run.gap == pytest.approx(0, abs=1e-9)
    assert run.objective == pytest.approx(run.lower_bound)
    assert run.counts == {
        "lines": 1,
        "resources": 1,
        "proposals": 1,
        "units": 45,
        "waiting": {},
        "booked": 1,
        "stale": 0,
        "beyond_cap": 0,
    }
    assert run.settings["reach_km"] == 200


def test_routine_proposals_may_be_answered_for_six_hours(line: RequestLine, water: Resource, now: datetime) -> None:
    AidRequest.objects.update(urgency=Urgency.SOON)
    book_plan(decision=plan_for(Scope(), now=now), actor=SYSTEM, now=now)
    assert Match.objects.get().respond_by == now + timedelta(hours=6)


def test_parties_get_one_event_an_item_each(
    ngo: Organisation, provider: Organisation, now: datetime, water: Resource
) -> None:
    for _ in range(2):
        aid.line(ngo, now=now, quantity=10)
    blankets = aid.item("blankets")
    aid.line(ngo, now=now, quantity=1, of=blankets)
    aid.resource(provider, now=now, item=blankets, service_radius_m=15_000)
    run = book_plan(decision=plan_for(Scope(), now=now), actor=SYSTEM, now=now)
    events = Event.objects.filter(type="aid.match.proposed.v1")
    told = {(tuple(event.audience), event.data["item"]): sorted(event.data["matches"]) for event in events}
    by_item = {
        str(item.pk): sorted(str(match.pk) for match in Match.objects.filter(line__item=item))
        for item in (water.item, blankets)
    }
    assert told == {
        ((organisation.pk,), item_id): match_ids
        for organisation in (ngo, provider)
        for item_id, match_ids in by_item.items()
    }
    assert {event.subject_id for event in events} == {run.pk}


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Resource, {"reserved": 60}),
        (Resource, {"consumed": 100}),
        (Resource, {"status": ResourceStatus.PAUSED}),
        (Resource, {"location": places.SALTIVKA}),
        (Resource, {"service_radius_m": 2_000}),
        (Resource, {"is_exercise": True}),
        (RequestLine, {"reserved": 1}),
        (RequestLine, {"conditions": ["oxygen"]}),
        (AidRequest, {"status": "cancelled"}),
        (AidRequest, {"status": "closed"}),
    ],
)
def test_stale_proposal_is_dropped(
    decision: Decision, now: datetime, model: type[Resource | RequestLine | AidRequest], change: dict[str, object]
) -> None:
    model._default_manager.update(**change)
    before = counters()
    run = book_plan(decision=decision, actor=SYSTEM, now=now)
    assert (run.counts["booked"], run.counts["stale"]) == (0, 1)
    assert not Match.objects.exists()
    assert counters() == before


def test_proposal_into_an_area_closed_since_is_dropped(decision: Decision, cell: Organisation, now: datetime) -> None:
    incidents.access_constraint(cell, now=now)
    assert book_plan(decision=decision, actor=SYSTEM, now=now).counts["stale"] == 1


def test_same_decision_twice_is_booked_once(decision: Decision, now: datetime) -> None:
    book_plan(decision=decision, actor=SYSTEM, now=now)
    assert book_plan(decision=decision, actor=SYSTEM, now=now).counts["stale"] == 1
    assert counters() == (45, 45)


def test_two_proposals_for_the_last_units_leave_one(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    aid.line(ngo, now=now)
    aid.line(ngo, now=now)
    aid.resource(provider, now=now, total=90, service_radius_m=15_000)
    decided = plan_for(Scope(), now=now)
    Resource.objects.update(total=60)
    assert book_plan(decision=decided, actor=SYSTEM, now=now).counts["booked"] == 1
    assert Resource.objects.get().reserved == 45


def test_household_is_never_booked_in_part(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    beds = aid.place_item(ShelterKind.COLLECTIVE_CENTRE)
    aid.line(ngo, now=now, quantity=4, of=beds)
    aid.shelter(provider, now=now, service_radius_m=30_000)
    decided = plan_for(Scope(), now=now)
    part = replace(decided, proposals=(replace(decided.proposals[0], quantity=3),))
    assert book_plan(decision=part, actor=SYSTEM, now=now).counts["stale"] == 1


def test_empty_decision_leaves_a_run_and_nothing_else(line: RequestLine, now: datetime) -> None:
    run = book_plan(decision=plan_for(Scope(), now=now), actor=SYSTEM, now=now)
    assert (run.counts["waiting"], Match.objects.count()) == ({"none_nearby": 1}, 0)


def test_provider_may_not_start_a_run(decision: Decision, provider_actor: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        book_plan(decision=decision, actor=provider_actor, now=now)
    assert not MatchRun.objects.exists()
