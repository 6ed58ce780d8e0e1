"""Services that fail and come back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.records.errors import ConstraintViolated, NotAllowed
from incidents.actions.report_outage import OutageWithoutPlace, report_outage
from incidents.actions.restore_outage import OutageAlreadyRestored, RestoredInTheFuture, restore_outage
from incidents.actions.start_planned_outages import start_planned_outages
from incidents.enums import Service
from incidents.models import Outage
from tests.factories import incidents as make
from tests.factories.access import organisation
from tests.factories.places import darnytskyi, kyiv
from tests.incidents.telling import events_of, history_of, last_event_of

HOUR = timedelta(hours=1)


def test_report_outage_over_areas_is_active_and_tells_its_reporter(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    city = kyiv()
    areas = [city, darnytskyi(city)]
    outage = report_outage(
        reported_by=ngo,
        actor=ngo_actor,
        now=now,
        service=Service.HEATING,
        started_at=now - HOUR,
        areas=areas,
        customers_affected=1_000_000,
        expected_until=now + 6 * HOUR,
    )
    outage.refresh_from_db()
    assert (outage.status, outage.customers_affected, set(outage.areas.all())) == ("active", 1_000_000, set(areas))
    event = last_event_of(outage)
    assert (event.type, event.audience) == ("incidents.outage.reported.v1", [ngo.pk])
    assert event.data == {"service": "heating", "status": "active"}
    assert history_of(outage) == [("insert",)]


def test_report_outage_without_a_place_is_refused(ngo: Organisation, now: datetime) -> None:
    with pytest.raises(OutageWithoutPlace):
        make.outage(ngo, now=now, areas=[])


def test_report_outage_that_ends_before_it_starts_is_refused_by_the_database(ngo: Organisation, now: datetime) -> None:
    with pytest.raises(ConstraintViolated) as refusal:
        make.outage(ngo, now=now, expected_until=now - 2 * HOUR)
    assert refusal.value.code == "outage_expected_after_start"


def test_report_outage_is_an_exercise_with_its_incident_or_its_reporter(ngo: Organisation, now: datetime) -> None:
    drill = make.incident(ngo, now=now, is_exercise=True)
    team = organisation("Blue team", is_exercise=True)
    assert not make.outage(ngo, now=now).is_exercise
    assert make.outage(ngo, now=now, incident=drill).is_exercise
    assert make.outage(team, now=now).is_exercise


def test_start_planned_outages_starts_those_whose_time_has_come(ngo: Organisation, now: datetime) -> None:
    due = make.outage(ngo, now=now, started_at=now + HOUR)
    later = make.outage(ngo, now=now, started_at=now + 3 * HOUR)
    active = make.outage(ngo, now=now)
    assert (due.status, later.status) == ("planned", "planned")
    assert start_planned_outages(actor=SYSTEM, now=now + HOUR) == [due]
    assert dict(Outage.objects.values_list("pk", "status")) == {
        due.pk: "active",
        later.pk: "planned",
        active.pk: "active",
    }
    assert events_of(due) == ["incidents.outage.reported.v1", "incidents.outage.started.v1"]
    assert start_planned_outages(actor=SYSTEM, now=now + HOUR) == []


def test_start_planned_outages_by_a_member_is_not_allowed(ngo_actor: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        start_planned_outages(actor=ngo_actor, now=now)


def test_restore_outage_ends_it_once(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    outage = make.outage(ngo, now=now)
    restore_outage(outage=outage, actor=ngo_actor, now=now)
    outage.refresh_from_db()
    assert (outage.status, outage.restored_at) == ("restored", now)
    assert events_of(outage) == ["incidents.outage.reported.v1", "incidents.outage.restored.v1"]
    assert history_of(outage, "status") == [("insert", "active"), ("update", "restored")]
    with pytest.raises(OutageAlreadyRestored):
        restore_outage(outage=outage, actor=ngo_actor, now=now)


def test_restore_outage_at_another_time_stays_between_its_start_and_now(ngo: Organisation, now: datetime) -> None:
    outage = make.outage(ngo, now=now)
    with pytest.raises(RestoredInTheFuture):
        restore_outage(outage=outage, actor=SYSTEM, now=now, restored_at=now + HOUR)
    with pytest.raises(ConstraintViolated) as refusal:
        restore_outage(outage=outage, actor=SYSTEM, now=now, restored_at=now - 2 * HOUR)
    assert refusal.value.code == "outage_restored_after_start"
    assert restore_outage(outage=outage, actor=SYSTEM, now=now, restored_at=now - HOUR).restored_at == now - HOUR


def test_restore_outage_of_another_organisation_is_not_allowed(
    ngo: Organisation, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    outage = make.outage(ngo, now=now)
    with pytest.raises(NotAllowed):
        restore_outage(outage=outage, actor=provider_actor, now=now)
    assert restore_outage(outage=outage, actor=cell_actor, now=now).status == "restored"
