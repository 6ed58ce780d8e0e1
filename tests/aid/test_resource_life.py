"""The life of an offer: what can be changed under promises, and what lets proposals go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from aid.actions.change_resource import (
    LessThanPromised,
    PlacesOfShelter,
    ResourceIsWithdrawn,
    change_resource,
)
from aid.actions.offer_resource import offer_resource
from aid.actions.pause_resource import NotAvailable, pause_resource
from aid.actions.resume_resource import NotPaused, resume_resource
from aid.actions.withdraw_resource import withdraw_resource
from aid.models import Resource
from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.records.errors import ConstraintViolated, InvalidFields, NotAllowed
from tests.factories import aid
from tests.factories.places import POZNIAKY, SALTIVKA, darnytskyi

HOUR = timedelta(hours=1)


def test_offer_uses_the_items_usual_radius_and_never_less_than_two_kilometres(
    provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    def offered(default_radius_m: int) -> Resource:
        item = aid.item(f"radius-{default_radius_m}", default_radius_m=default_radius_m)
        return offer_resource(
            provider=provider, item=item, total=5, location=aid.DARNYTSIA, actor=provider_actor, now=now
        )

    assert offered(10_000).service_radius_m == 10_000
    near = offered(500)
    assert (near.service_radius_m, near.status, near.free) == (2_000, "available", 5)
    assert aid.told(near) == ["resource.offered"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"total": -1}, ("total", "min_value")),
        ({"total": 10**12 + 1}, ("total", "max_value")),
        ({"service_radius_m": 1_999}, ("service_radius_m", "min_value")),
        ({"conditions": ["shiny"]}, ("conditions", "item_invalid")),
        ({"name": "x" * 201}, ("name", "max_length")),
    ],
)
def test_wrong_offer_is_refused(
    fields: dict[str, Any], problem: tuple[str, str], provider: Organisation, now: datetime
) -> None:
    with pytest.raises(InvalidFields) as refusal:
        aid.resource(provider, now=now, **fields)
    assert [(found.field, found.code) for found in refusal.value.problems] == [problem]


def test_offer_that_expires_before_it_begins_is_refused(provider: Organisation, now: datetime) -> None:
    with pytest.raises(InvalidFields) as refusal:
        aid.resource(provider, now=now, available_from=now + 2 * HOUR, expires_at=now + HOUR)
    assert [found.field for found in refusal.value.problems] == ["expires_at"]


def test_client_ref_is_kept_once_by_the_database(provider: Organisation, now: datetime) -> None:
    aid.resource(provider, now=now, client_ref="stock-1")
    with pytest.raises(ConstraintViolated) as refusal:
        aid.resource(provider, now=now, client_ref="stock-1")
    assert refusal.value.code == "resource_client_ref_once"


def test_change_of_total_keeps_promises_and_never_undercuts_them(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    water = aid.resource(provider, now=now)
    proposed = aid.proposal(aid.line(ngo, now=now), water, now=now)
    with pytest.raises(LessThanPromised) as refusal:
        change_resource(resource=water, total=44, actor=provider_actor, now=now)
    assert "45" in str(refusal.value)
    changed = change_resource(resource=water, total=45, name="Left bank depot", actor=provider_actor, now=now)
    assert (changed.total, changed.name, changed.free) == (45, "Left bank depot", 0)
    proposed.refresh_from_db()
    assert proposed.status == "proposed"
    assert aid.told(water) == ["resource.offered", "resource.changed"]


def test_change_of_place_lets_proposals_go(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    district = darnytskyi()
    water = aid.resource(provider, now=now, location=POZNIAKY)
    assert water.area == district
    line = aid.line(ngo, now=now)
    proposed = aid.proposal(line, water, now=now, quantity=20)
    aid.acceptance(line, aid.resource(provider, now=now), now=now, quantity=25)
    changed = change_resource(resource=water, location=SALTIVKA, actor=provider_actor, now=now)
    proposed.refresh_from_db()
    assert (proposed.status, proposed.status_reason, changed.area) == ("cancelled", "resource_changed", None)
    assert (aid.held(water), aid.served(line)) == ((0, 0), (25, 0, 0))


Stop = Callable[..., Resource]


@pytest.mark.parametrize(
    ("stop", "status", "reason", "again"),
    [
        (pause_resource, "paused", "resource_paused", NotAvailable),
        (withdraw_resource, "withdrawn", "resource_withdrawn", ResourceIsWithdrawn),
    ],
)
def test_stopped_resource_lets_proposals_go_and_keeps_promises(
    stop: Stop,
    status: str,
    reason: str,
    again: type[Exception],
    ngo: Organisation,
    provider: Organisation,
    provider_actor: Actor,
    ngo_actor: Actor,
    now: datetime,
) -> None:
    water = aid.resource(provider, now=now)
    line = aid.line(ngo, now=now)
    accepted = aid.acceptance(line, water, now=now, quantity=20)
    proposed = aid.proposal(line, water, now=now, quantity=25)
    with pytest.raises(NotAllowed):
        stop(resource=water, actor=ngo_actor, now=now)
    stopped = stop(resource=water, actor=provider_actor, now=now)
    assert (stopped.status, stopped.reserved) == (status, 20)
    accepted.refresh_from_db()
    proposed.refresh_from_db()
    assert (accepted.status, proposed.status, proposed.status_reason) == ("accepted", "cancelled", reason)
    assert (aid.held(water), aid.served(line)) == ((20, 0), (20, 0, 0))
    assert aid.told(water)[-1] == f"resource.{status}"
    with pytest.raises(again):
        stop(resource=water, actor=provider_actor, now=now)


def test_resume_offers_a_paused_resource_again(provider: Organisation, provider_actor: Actor, now: datetime) -> None:
    water = aid.resource(provider, now=now)
    with pytest.raises(NotPaused):
        resume_resource(resource=water, actor=provider_actor, now=now)
    pause_resource(resource=water, actor=provider_actor, now=now)
    assert resume_resource(resource=water, actor=provider_actor, now=now).status == "available"
    withdraw_resource(resource=water, actor=provider_actor, now=now)
    with pytest.raises(ResourceIsWithdrawn):
        change_resource(resource=water, total=1, actor=provider_actor, now=now)


def test_places_of_a_shelter_are_left_to_the_shelter(
    provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    places = aid.shelter(provider, now=now).places
    assert places is not None
    for verb in (change_resource, pause_resource, resume_resource, withdraw_resource):
        with pytest.raises(PlacesOfShelter):
            verb(resource=places, actor=provider_actor, now=now)
