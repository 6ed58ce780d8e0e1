"""Shelters and the people who stay there: one counter for the places, whichever way a party comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aid.actions.audit_quantities import audit_quantities
from aid.actions.cancel_stay import cancel_stay
from aid.actions.change_resource import LessThanPromised
from aid.actions.change_shelter import change_shelter
from aid.actions.check_in import StayNotPlanned, check_in
from aid.actions.check_out import NotCheckedIn, check_out
from aid.actions.close_shelter import ShelterIsClosed, close_shelter
from aid.actions.mark_no_show import mark_no_show
from aid.actions.open_shelter import NoItemForPlaces, open_shelter
from aid.actions.pause_shelter import pause_shelter
from aid.actions.plan_stay import NotEnoughPlaces, PlacesUnknown, ShelterNotOpen, plan_stay
from aid.actions.reopen_shelter import ShelterIsOpen, reopen_shelter
from aid.enums import ShelterKind
from aid.models import Resource, ShelterStay
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import InvalidFields, NotAllowed
from tests.factories import aid
from tests.factories.places import OBOLON

LATER = timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        (ShelterKind.COLLECTIVE_CENTRE, "bed_place"),
        (ShelterKind.TRANSIT_CENTRE, "bed_place"),
        (ShelterKind.POINT_OF_INVINCIBILITY, "heated_place"),
        (ShelterKind.BOMB_SHELTER, "shelter_place"),
        (ShelterKind.PROTECTIVE_SHELTER, "shelter_place"),
    ],
)
def test_places_are_a_resource_of_the_kinds_item(kind: str, item: str, provider: Organisation, now: datetime) -> None:
    shelter = aid.shelter(provider, now=now, kind=kind, total_places=80)
    places = aid.places_of(shelter)
    assert (places.item.code, places.total, places.provider, places.location, places.name) == (
        item,
        80,
        provider,
        shelter.location,
        shelter.name,
    )
    assert (aid.told(shelter), aid.told(places)) == (["shelter.opened"], ["resource.offered"])


@pytest.mark.parametrize(
    ("facts", "conditions"),
    [
        ({}, []),
        ({"is_step_free": True, "accepts_pets": True}, ["step_free", "pets"]),
        ({"amenities": ["heat", "power"]}, ["heated"]),
        ({"amenities": ["power"], "backup_power_h": 8}, ["medical_power"]),
        ({"amenities": [], "backup_power_h": 8}, []),
    ],
)
def test_only_known_facts_are_promised(
    facts: dict[str, Any], conditions: list[str], provider: Organisation, now: datetime
) -> None:
    assert aid.places_of(aid.shelter(provider, now=now, **facts)).conditions == conditions


def test_shelter_of_unknown_size_has_no_places_and_takes_no_stays(
    provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now, total_places=None, location=None)
    assert (shelter.places, shelter.area, Resource.objects.count()) == (None, None, 0)
    with pytest.raises(PlacesUnknown):
        plan_stay(shelter=shelter, party_size=1, actor=provider_actor, now=now)
    counted = change_shelter(shelter=shelter, total_places=12, actor=provider_actor, now=now)
    assert (aid.places_of(counted).total, aid.places_of(counted).location) == (12, None)


def test_public_shelter_is_announced_to_all_and_an_exercise_to_nobody_else(
    provider: Organisation, now: datetime
) -> None:
    public = aid.shelter(provider, now=now, is_public=True)
    drill = aid.shelter(provider, now=now, is_public=True, is_exercise=True)
    assert Event.objects.get(subject_id=public.pk).is_public
    assert not Event.objects.get(subject_id=drill.pk).is_public
    assert aid.places_of(drill).is_exercise


def test_open_shelter_refuses_wrong_fields_strangers_and_unknown_places(
    provider: Organisation, provider_actor: Actor, ngo_actor: Actor, now: datetime
) -> None:
    with pytest.raises(InvalidFields) as refusal:
        aid.shelter(provider, now=now, name="", amenities=["sauna"])
    assert [(found.field, found.code) for found in refusal.value.problems] == [
        ("name", "blank"),
        ("amenities", "item_invalid"),
    ]
    with pytest.raises(InvalidFields) as refusal:
        aid.shelter(provider, now=now, total_places=-1)
    assert [found.field for found in refusal.value.problems] == ["total_places"]
    with pytest.raises(NotAllowed):
        open_shelter(operator=provider, name="School", kind="bomb_shelter", actor=ngo_actor, now=now)
    with pytest.raises(NoItemForPlaces):
        open_shelter(
            operator=provider, name="School", kind="bomb_shelter", total_places=1, actor=provider_actor, now=now
        )


def test_change_keeps_places_in_step_and_lets_proposals_go(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now)
    line = aid.line(ngo, now=now, quantity=3, of=aid.places_of(shelter).item)
    proposed = aid.proposal(line, aid.places_of(shelter), now=now)
    change_shelter(
        shelter=shelter,
        name="School 20",
        location=OBOLON,
        total_places=25,
        is_step_free=True,
        actor=provider_actor,
        now=now,
    )
    places = aid.places_of(shelter)
    assert (places.name, places.location, places.total, places.conditions) == ("School 20", OBOLON, 25, ["step_free"])
    proposed.refresh_from_db()
    assert (proposed.status, places.reserved) == ("cancelled", 0)
    assert aid.told(shelter) == ["shelter.opened", "shelter.changed"]


def test_places_cannot_shrink_below_the_people_in_them(
    provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now)
    stay = plan_stay(shelter=shelter, party_size=4, actor=provider_actor, now=now)
    check_in(stay=stay, actor=provider_actor, now=now)
    with pytest.raises(LessThanPromised) as refusal:
        change_shelter(shelter=shelter, total_places=3, actor=provider_actor, now=now)
    assert refusal.value.field == "total_places"
    assert aid.places_of(shelter).total == 20


def test_shelter_that_is_not_open_pauses_its_places(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now)
    line = aid.line(ngo, now=now, quantity=5, of=aid.places_of(shelter).item)
    proposed = aid.proposal(line, aid.places_of(shelter), now=now, quantity=2)
    aid.acceptance(aid.line(ngo, now=now, quantity=3, of=line.item), aid.places_of(shelter), now=now)
    assert pause_shelter(shelter=shelter, actor=provider_actor, now=now).status == "standby"
    proposed.refresh_from_db()
    assert (proposed.status, proposed.status_reason) == ("cancelled", "shelter_not_open")
    assert (aid.places_of(shelter).status, aid.held(aid.places_of(shelter))) == ("paused", (3, 0))
    with pytest.raises(ShelterNotOpen):
        plan_stay(shelter=shelter, party_size=1, actor=provider_actor, now=now)
    with pytest.raises(ShelterNotOpen):
        pause_shelter(shelter=shelter, actor=provider_actor, now=now)
    assert close_shelter(shelter=shelter, actor=provider_actor, now=now).status == "closed"
    with pytest.raises(ShelterIsClosed):
        close_shelter(shelter=shelter, actor=provider_actor, now=now)
    assert reopen_shelter(shelter=shelter, actor=provider_actor, now=now).status == "open"
    assert aid.places_of(shelter).status == "available"
    with pytest.raises(ShelterIsOpen):
        reopen_shelter(shelter=shelter, actor=provider_actor, now=now)
    assert aid.told(shelter) == ["shelter.opened", "shelter.paused", "shelter.closed", "shelter.reopened"]
    assert aid.told(aid.places_of(shelter)) == ["resource.offered", "resource.paused", "resource.resumed"]


def test_stay_reserves_then_consumes_then_gives_back(
    provider: Organisation, provider_actor: Actor, ngo_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now)
    with pytest.raises(NotAllowed):
        plan_stay(shelter=shelter, party_size=4, actor=ngo_actor, now=now)
    stay = plan_stay(shelter=shelter, party_size=4, actor=provider_actor, now=now)
    assert (stay.status, aid.held(aid.places_of(shelter))) == ("planned", (4, 0))
    with pytest.raises(NotCheckedIn):
        check_out(stay=stay, actor=provider_actor, now=now)
    there = check_in(stay=stay, actor=provider_actor, now=now + LATER)
    assert (there.status, there.checked_in_at, aid.held(aid.places_of(shelter))) == ("checked_in", now + LATER, (0, 4))
    with pytest.raises(StayNotPlanned):
        check_in(stay=stay, actor=provider_actor, now=now)
    assert audit_quantities(actor=SYSTEM) == []
    gone = check_out(stay=stay, actor=provider_actor, now=now + 2 * LATER)
    assert (gone.status, gone.checked_out_at, aid.held(aid.places_of(shelter))) == (
        "checked_out",
        now + 2 * LATER,
        (0, 0),
    )
    assert aid.told(stay) == ["stay.planned", "stay.checked_in", "stay.checked_out"]
    assert audit_quantities(actor=SYSTEM) == []


def test_party_that_does_not_fit_is_refused(provider: Organisation, provider_actor: Actor, now: datetime) -> None:
    shelter = aid.shelter(provider, now=now)
    plan_stay(shelter=shelter, party_size=18, actor=provider_actor, now=now)
    with pytest.raises(NotEnoughPlaces):
        plan_stay(shelter=shelter, party_size=3, actor=provider_actor, now=now)
    with pytest.raises(InvalidFields):
        plan_stay(shelter=shelter, party_size=0, actor=provider_actor, now=now)
    assert aid.held(aid.places_of(shelter)) == (18, 0)


@pytest.mark.parametrize(("give_up", "status"), [(cancel_stay, "cancelled"), (mark_no_show, "no_show")])
def test_party_that_does_not_come_frees_its_places(
    give_up: Any, status: str, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now)
    stay = plan_stay(shelter=shelter, party_size=4, actor=provider_actor, now=now)
    assert give_up(stay=stay, actor=provider_actor, now=now).status == status
    assert aid.held(aid.places_of(shelter)) == (0, 0)
    assert aid.told(stay) == ["stay.planned", f"stay.{status}"]
    with pytest.raises(StayNotPlanned):
        give_up(stay=stay, actor=provider_actor, now=now)


def test_matched_party_that_checks_in_fulfils_its_match(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now)
    line = aid.line(ngo, now=now, quantity=3, of=aid.places_of(shelter).item)
    match = aid.acceptance(line, aid.places_of(shelter), now=now)
    stay = check_in(stay=ShelterStay.objects.get(), actor=provider_actor, now=now)
    match.refresh_from_db()
    assert (match.status, match.quantity_delivered) == ("fulfilled", 3)
    assert (aid.held(aid.places_of(shelter)), aid.served(line)) == ((0, 3), (0, 3, 3))
    assert aid.told(match) == ["match.accepted", "match.fulfilled"]
    assert audit_quantities(actor=SYSTEM) == []
    check_out(stay=stay, actor=provider_actor, now=now)
    assert (aid.held(aid.places_of(shelter)), aid.served(line)) == ((0, 0), (0, 3, 3))
    assert audit_quantities(actor=SYSTEM) == []


@pytest.mark.parametrize(
    ("give_up", "status", "reason"),
    [(cancel_stay, "cancelled", "stay_cancelled"), (mark_no_show, "no_show", "no_show")],
)
def test_matched_party_that_does_not_come_cancels_its_match(
    give_up: Any,
    status: str,
    reason: str,
    ngo: Organisation,
    provider: Organisation,
    provider_actor: Actor,
    now: datetime,
) -> None:
    shelter = aid.shelter(provider, now=now)
    line = aid.line(ngo, now=now, quantity=3, of=aid.places_of(shelter).item)
    match = aid.acceptance(line, aid.places_of(shelter), now=now)
    stay = ShelterStay.objects.get()
    give_up(stay=stay, actor=provider_actor, now=now)
    match.refresh_from_db()
    stay.refresh_from_db()
    assert (match.status, match.status_reason, stay.status) == ("cancelled", reason, status)
    assert (aid.held(aid.places_of(shelter)), aid.served(line)) == ((0, 0), (0, 0, 0))
    assert aid.told(stay) == ["stay.planned", f"stay.{status}"]
    assert audit_quantities(actor=SYSTEM) == []
