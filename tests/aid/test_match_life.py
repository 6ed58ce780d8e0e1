"""The life of a match: who answers, by when, and what becomes of the quantity."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aid.actions.accept_match import AidRequestNotVerified, MatchExpired, NotProposed, accept_match
from aid.actions.audit_quantities import audit_quantities
from aid.actions.cancel_match import AlreadyDispatched, MatchNotLive, cancel_match
from aid.actions.change_resource import ResourceIsWithdrawn
from aid.actions.decline_match import decline_match
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.expire_matches import expire_matches
from aid.actions.plan_delivery import plan_delivery
from aid.models import AidRequest, Match, Resource, ShelterStay
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import InvalidFields, NotAllowed
from tests.factories import aid

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def match(ngo: Organisation, provider: Organisation, now: datetime) -> Match:
    """Give a proposal of 45 litres out of 100."""
    return aid.proposal(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now)


def test_accept_promises_what_was_proposed(match: Match, provider_actor: Actor, now: datetime) -> None:
    accepted = accept_match(match=match, actor=provider_actor, now=now)
    assert (accepted.status, accepted.decided_at) == ("accepted", now)
    assert (aid.held(match.resource), aid.served(match.line)) == ((45, 0), (45, 0, 0))
    with pytest.raises(NotProposed):
        accept_match(match=match, actor=provider_actor, now=now)
    event = Event.objects.get(subject_id=match.pk)
    assert event.type == "aid.match.accepted.v1"
    assert event.audience == sorted([match.resource.provider_id, match.line.aid_request.reported_by_id])
    assert event.data == {
        "ref": match.ref,
        "status": "accepted",
        "aid_request": str(match.line.aid_request_id),
        "line": str(match.line_id),
        "resource": str(match.resource_id),
        "quantity": 45,
        "urgency": 2,
        "public_cell": match.line.aid_request.public_cell,
        "is_exercise": False,
    }
    assert aid.author_of(match) == (str(provider_actor.user_id), str(match.resource.provider_id))


def test_overdue_proposal_cannot_be_accepted(match: Match, provider_actor: Actor, now: datetime) -> None:
    with pytest.raises(MatchExpired):
        accept_match(match=match, actor=provider_actor, now=now + HALF_AN_HOUR)
    assert (
        accept_match(match=match, actor=provider_actor, now=now + HALF_AN_HOUR - timedelta(seconds=1)).status
        == "accepted"
    )


def test_accept_looks_at_the_request_and_the_resource_again(match: Match, provider_actor: Actor, now: datetime) -> None:
    AidRequest.objects.update(status="submitted")
    with pytest.raises(AidRequestNotVerified):
        accept_match(match=match, actor=provider_actor, now=now)
    AidRequest.objects.update(status="verified")
    Resource.objects.update(status="withdrawn")
    with pytest.raises(ResourceIsWithdrawn):
        accept_match(match=match, actor=provider_actor, now=now)


def test_only_the_provider_and_the_cell_answer(
    match: Match, ngo_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        accept_match(match=match, actor=ngo_actor, now=now)
    with pytest.raises(NotAllowed):
        decline_match(match=match, actor=ngo_actor, now=now)
    assert accept_match(match=match, actor=cell_actor, now=now).status == "accepted"


def test_decline_frees_at_once(match: Match, provider_actor: Actor, now: datetime) -> None:
    declined = decline_match(match=match, reason="The van is broken.", actor=provider_actor, now=now)
    assert (declined.status, declined.status_reason, declined.decided_at) == ("declined", "The van is broken.", now)
    assert (aid.held(match.resource), aid.served(match.line)) == ((0, 0), (0, 0, 0))
    assert aid.told(match) == ["match.declined"]
    with pytest.raises(NotProposed):
        decline_match(match=match, actor=provider_actor, now=now)


def test_cancel_frees_a_promise_and_its_planned_delivery(match: Match, ngo_actor: Actor, now: datetime) -> None:
    accept_match(match=match, actor=SYSTEM, now=now)
    delivery = plan_delivery(matches=[match], actor=SYSTEM, now=now)
    cancelled = cancel_match(match=match, reason="The family has left.", actor=ngo_actor, now=now)
    assert (cancelled.status, cancelled.status_reason, cancelled.delivery) == (
        "cancelled",
        "The family has left.",
        None,
    )
    assert (aid.held(match.resource), aid.served(match.line)) == ((0, 0), (0, 0, 0))
    assert aid.told(delivery) == ["delivery.planned", "delivery.failed"]
    with pytest.raises(MatchNotLive):
        cancel_match(match=match, reason="Again.", actor=ngo_actor, now=now)


def test_cancel_is_too_late_on_the_way_and_needs_a_reason(match: Match, provider_actor: Actor, now: datetime) -> None:
    with pytest.raises(InvalidFields):
        cancel_match(match=match, reason="", actor=provider_actor, now=now)
    accept_match(match=match, actor=SYSTEM, now=now)
    dispatch_delivery(delivery=plan_delivery(matches=[match], actor=SYSTEM, now=now), actor=SYSTEM, now=now)
    with pytest.raises(AlreadyDispatched):
        cancel_match(match=match, reason="Changed our mind.", actor=provider_actor, now=now)
    assert aid.held(match.resource) == (0, 45)


def test_expire_frees_overdue_proposals_only(
    match: Match, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    accepted = aid.acceptance(aid.line(ngo, now=now, quantity=5), match.resource, now=now)
    young = aid.proposal(aid.line(ngo, now=now, quantity=7), match.resource, now=now + HALF_AN_HOUR)
    expired = expire_matches(actor=SYSTEM, now=now + HALF_AN_HOUR)
    assert [(row.pk, row.status, row.status_reason) for row in expired] == [(match.pk, "expired", "not_answered")]
    assert aid.held(match.resource) == (12, 0)
    assert {accepted.line.aid_request.lines.get().reserved, young.line.aid_request.lines.get().reserved} == {5, 7}
    assert aid.told(match) == ["match.expired"]
    assert expire_matches(actor=SYSTEM, now=now + HALF_AN_HOUR) == []
    assert audit_quantities(actor=SYSTEM) == []


def test_expire_costs_the_same_number_of_statements_for_one_line_or_many(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    def statements(proposals: int) -> int:
        stock = aid.resource(provider, now=now)
        for _number in range(proposals):
            aid.proposal(aid.line(ngo, now=now, quantity=1), stock, now=now)
        with CaptureQueriesContext(connection) as captured:
            assert len(expire_matches(actor=SYSTEM, now=now + HALF_AN_HOUR)) == proposals
        return sum("outbox_event" not in query["sql"] for query in captured)

    assert statements(1) == statements(8)


def test_accepted_place_in_a_shelter_is_a_planned_stay(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now)
    places = aid.places_of(shelter)
    match = aid.acceptance(aid.line(ngo, now=now, quantity=3, of=places.item), places, now=now)
    stay = ShelterStay.objects.get()
    assert (stay.shelter, stay.party_size, stay.status, stay.match) == (shelter, 3, "planned", match)
    assert aid.told(stay) == ["stay.planned"]
    assert audit_quantities(actor=SYSTEM) == []
    cancel_match(match=match, reason="Relatives took them in.", actor=ngo_actor, now=now)
    stay.refresh_from_db()
    assert (stay.status, aid.told(stay)) == ("cancelled", ["stay.planned", "stay.cancelled"])
    assert aid.held(places) == (0, 0)
