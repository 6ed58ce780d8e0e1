"""Where help cannot go."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.records.errors import ConstraintViolated, NotAllowed
from incidents.actions.declare_access_constraint import declare_access_constraint
from incidents.actions.lift_access_constraint import AccessConstraintOver, lift_access_constraint
from incidents.enums import AccessConstraintKind
from incidents.models import AccessConstraint
from tests.factories import incidents as make
from tests.factories.access import organisation
from tests.factories.places import darnytskyi
from tests.incidents.telling import events_of, history_of, last_event_of

HOUR = timedelta(hours=1)


def test_declare_access_constraint_over_an_area_holds_from_its_start(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    curfew = declare_access_constraint(
        reported_by=ngo,
        actor=ngo_actor,
        now=now,
        kind=AccessConstraintKind.CURFEW,
        area=darnytskyi(),
        starts_at=now + HOUR,
        until=now + 6 * HOUR,
    )
    event = last_event_of(curfew)
    assert (event.type, event.data) == ("incidents.access_constraint.declared.v1", {"kind": "curfew"})
    assert history_of(curfew) == [("insert",)]
    for hours, holds in ((0, False), (1, True), (5, True), (6, False)):
        assert AccessConstraint.objects.in_force(now + hours * HOUR).exists() is holds


def test_declare_access_constraint_nowhere_is_refused_by_the_database(ngo: Organisation, now: datetime) -> None:
    with pytest.raises(ConstraintViolated) as refusal:
        make.access_constraint(ngo, now=now, area=None)
    assert refusal.value.code == "access_constraint_has_a_place"


def test_declare_access_constraint_that_ends_before_it_starts_is_refused_by_the_database(
    ngo: Organisation, now: datetime
) -> None:
    with pytest.raises(ConstraintViolated) as refusal:
        make.access_constraint(ngo, now=now, until=now - 2 * HOUR)
    assert refusal.value.code == "access_constraint_ends_after_start"


def test_declare_access_constraint_for_another_organisation_is_not_allowed(
    provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        declare_access_constraint(
            reported_by=provider, actor=ngo_actor, now=now, kind=AccessConstraintKind.AIR_RAID, starts_at=now
        )


def test_declare_access_constraint_by_an_organisation_for_exercises_is_an_exercise(db: None, now: datetime) -> None:
    assert make.access_constraint(organisation("Blue team", is_exercise=True), now=now).is_exercise


def test_lift_access_constraint_ends_it_once(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    alert = make.access_constraint(ngo, now=now)
    lift_access_constraint(access_constraint=alert, actor=ngo_actor, now=now)
    alert.refresh_from_db()
    assert alert.lifted_at == now
    assert not AccessConstraint.objects.in_force(now).exists()
    assert events_of(alert) == ["incidents.access_constraint.declared.v1", "incidents.access_constraint.lifted.v1"]
    with pytest.raises(AccessConstraintOver):
        lift_access_constraint(access_constraint=alert, actor=ngo_actor, now=now)


def test_lift_access_constraint_that_has_ended_is_refused(ngo: Organisation, now: datetime) -> None:
    alert = make.access_constraint(ngo, now=now, until=now)
    with pytest.raises(AccessConstraintOver):
        lift_access_constraint(access_constraint=alert, actor=SYSTEM, now=now)


def test_lift_access_constraint_of_another_organisation_is_not_allowed(
    ngo: Organisation, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    alert = make.access_constraint(ngo, now=now)
    with pytest.raises(NotAllowed):
        lift_access_constraint(access_constraint=alert, actor=provider_actor, now=now)
    assert lift_access_constraint(access_constraint=alert, actor=cell_actor, now=now).lifted_at == now
