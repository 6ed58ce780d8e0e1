"""Whom to call and where to go: told to a provider by one deliberate act, for as long as its match lasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from aid import policies
from aid.actions.accept_match import accept_match
from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.cancel_match import cancel_match
from aid.actions.confirm_delivery import confirm_delivery
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.fail_delivery import fail_delivery
from aid.actions.file_aid_request import NewContact
from aid.actions.plan_delivery import plan_delivery
from aid.actions.read_contact import read_contact
from aid.actions.release_match import (
    ConsentRefused,
    MatchNotAccepted,
    ProviderNotVetted,
    ReleasedAlready,
    release_match,
)
from aid.actions.withdraw_release import NotReleased, withdraw_release
from aid.models import AidRequest, Delivery, Match
from coordination.access.actors import SYSTEM, Actor, actor_for_user
from coordination.access.enums import AlertKind, Role
from coordination.access.models import AccessRecord, Alert, Organisation, User
from coordination.outbox.models import Event
from coordination.records.errors import NotAllowed
from coordination.records.visibility import Disclosure
from tests.factories import aid
from tests.factories.access import member, organisation

CONTACT = NewContact(name="Олена Коваль", phone="+380441234567", address="Дарницька 5")


@pytest.fixture
def match(ngo: Organisation, provider: Organisation, now: datetime) -> Match:
    """Give an accepted match for a household with a contact."""
    line = aid.line(ngo, now=now, contact=CONTACT, members=[{"age": 71}])
    return aid.acceptance(line, aid.resource(provider, now=now), now=now)


def again(actor: Actor) -> Actor:
    """Give the same person as the next HTTP request sees him."""
    return actor_for_user(User.objects.get(pk=actor.user_id), has_second_factor=True)


def seen(match: Match, actor: Actor) -> int:
    """Give how much of the request the actor may read; 0 where it is absent."""
    row = AidRequest.objects.visible_to(again(actor)).filter(pk=match.line.aid_request_id).first()
    return row.disclosure if row else 0


def called(match: Match, actor: Actor, now: datetime) -> str:
    """Read the phone number of the household."""
    aid_request = match.line.aid_request
    return read_contact(aid_request=aid_request, purpose="to agree on a time", actor=again(actor), now=now).phone


def test_release_tells_the_provider_whom_to_call_and_nothing_of_their_health(
    match: Match, ngo_actor: Actor, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    assert seen(match, provider_actor) == Disclosure.COARSE
    with pytest.raises(NotAllowed):
        called(match, provider_actor, now)
    released = release_match(match=match, actor=ngo_actor, now=now)
    assert (released.released_at, released.released_by_id) == (now, ngo_actor.user_id)
    assert seen(match, provider_actor) == Disclosure.CONTACT
    assert called(match, provider_actor, now) == CONTACT.phone
    assert AccessRecord.objects.get().organisation == provider
    shown = AidRequest.objects.visible_to(again(provider_actor)).get()
    assert not shown.discloses_health
    event = Event.objects.get(type="aid.match.released.v1")
    assert event.audience == sorted([match.resource.provider_id, match.line.aid_request.reported_by_id])
    assert CONTACT.name not in str(event.data)


def test_release_is_for_the_one_provider_and_who_may_read_personal_data_there(
    match: Match, ngo: Organisation, ngo_actor: Actor, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    other = organisation("Somebody Else")
    aid.acceptance(aid.line(ngo, now=now, quantity=5), aid.resource(other, now=now), now=now)
    release_match(match=match, actor=ngo_actor, now=now)
    assert seen(match, member(other)) == 0
    viewer = member(provider, Role.VIEWER)
    assert seen(match, viewer) == Disclosure.EXACT
    assert not policies.may_read_contact(again(viewer), match.line.aid_request)


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_release_is_not_for_everybody_to_make(
    match: Match, ngo: Organisation, provider_actor: Actor, now: datetime, role: str | None
) -> None:
    actor = member(ngo, role) if role else provider_actor
    with pytest.raises(NotAllowed):
        release_match(match=match, actor=actor, now=now)
    assert Match.objects.filter(released_at__isnull=False).count() == 0


def test_cell_releases_on_behalf_of_the_reporter(match: Match, cell_actor: Actor, now: datetime) -> None:
    assert release_match(match=match, actor=cell_actor, now=now).released_at == now


def test_release_comes_after_acceptance_once_and_with_consent(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    match = aid.proposal(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now)
    with pytest.raises(MatchNotAccepted):
        release_match(match=match, actor=ngo_actor, now=now)
    accept_match(match=match, actor=SYSTEM, now=now)
    AidRequest.objects.update(consent="refused")
    with pytest.raises(ConsentRefused):
        release_match(match=match, actor=ngo_actor, now=now)
    AidRequest.objects.update(consent="given")
    release_match(match=match, actor=ngo_actor, now=now)
    with pytest.raises(ReleasedAlready):
        release_match(match=match, actor=ngo_actor, now=now)


@pytest.mark.parametrize("change", [{"is_vetted": False}, {"is_active": False}])
def test_nothing_is_released_to_whom_nobody_vetted(
    match: Match, ngo_actor: Actor, provider: Organisation, now: datetime, change: dict[str, Any]
) -> None:
    Organisation.objects.filter(pk=provider.pk).update(**change)
    with pytest.raises(ProviderNotVetted):
        release_match(match=match, actor=ngo_actor, now=now)


def test_provider_that_loses_its_vetting_reads_no_more(
    match: Match, ngo_actor: Actor, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    release_match(match=match, actor=ngo_actor, now=now)
    Organisation.objects.filter(pk=provider.pk).update(is_vetted=False)
    assert seen(match, provider_actor) == Disclosure.COARSE
    with pytest.raises(NotAllowed):
        called(match, provider_actor, now)


def test_withdrawn_release_leaves_the_match(
    match: Match, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    with pytest.raises(NotReleased):
        withdraw_release(match=match, actor=ngo_actor, now=now)
    release_match(match=match, actor=ngo_actor, now=now)
    with pytest.raises(NotAllowed):
        withdraw_release(match=match, actor=provider_actor, now=now)
    assert withdraw_release(match=match, actor=ngo_actor, now=now).status == "accepted"
    assert seen(match, provider_actor) == Disclosure.COARSE
    assert aid.told(match) == ["match.accepted", "match.released", "match.release_withdrawn"]
    assert not Alert.objects.exists()


def journey(match: Match, now: datetime) -> Delivery:
    """Send a match on its way."""
    delivery = plan_delivery(matches=[match], actor=SYSTEM, now=now)
    return dispatch_delivery(delivery=delivery, actor=SYSTEM, now=now)


def test_release_lasts_on_the_way_and_ends_at_the_door(
    match: Match, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    release_match(match=match, actor=ngo_actor, now=now)
    delivery = journey(match, now)
    assert called(match, provider_actor, now) == CONTACT.phone
    confirm_delivery(delivery=delivery, actor=provider_actor, now=now)
    assert seen(match, provider_actor) == 0
    with pytest.raises(NotAllowed):
        called(match, provider_actor, now)
    assert not Alert.objects.exists()


ENDINGS: dict[str, Callable[[Match, Actor, datetime], object]] = {
    "the provider cancels": lambda match, actor, now: cancel_match(match=match, reason="No van.", actor=actor, now=now),
    "the request is cancelled": lambda match, actor, now: cancel_aid_request(
        aid_request=match.line.aid_request, reason="Left.", actor=SYSTEM, now=now
    ),
    "the delivery fails": lambda match, actor, now: fail_delivery(
        delivery=journey(match, now), reason="No road.", actor=actor, now=now
    ),
    "nothing arrives": lambda match, actor, now: confirm_delivery(
        delivery=journey(match, now), quantities={match.pk: 0}, actor=actor, now=now
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_match_that_comes_to_nothing_after_a_release_raises_an_alert(
    match: Match, ngo: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime, ending: str
) -> None:
    release_match(match=match, actor=ngo_actor, now=now)
    ENDINGS[ending](match, again(provider_actor), now)
    alert = Alert.objects.get()
    assert (alert.kind, alert.organisation, alert.subject, alert.subject_id) == (
        AlertKind.CANCELLED_AFTER_RELEASE,
        ngo,
        "aid.match",
        match.pk,
    )
    assert seen(match, provider_actor) == 0
    with pytest.raises(NotReleased):
        withdraw_release(match=match, actor=ngo_actor, now=now)


@pytest.mark.parametrize("ending", ENDINGS)
def test_match_that_comes_to_nothing_without_a_release_raises_none(
    match: Match, provider_actor: Actor, now: datetime, ending: str
) -> None:
    ENDINGS[ending](match, again(provider_actor), now)
    assert not Alert.objects.exists()
