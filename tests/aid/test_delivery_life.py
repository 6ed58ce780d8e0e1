"""The life of a delivery: stock leaves at dispatch, and only a return puts it back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aid.actions.audit_quantities import audit_quantities
from aid.actions.cancel_match import cancel_match
from aid.actions.confirm_delivery import NotDispatched, confirm_delivery
from aid.actions.dispatch_delivery import NotPlanned, dispatch_delivery
from aid.actions.fail_delivery import fail_delivery
from aid.actions.plan_delivery import (
    DeliveryPlannedAlready,
    DifferentProviders,
    NotAccepted,
    PlacesAreNotDelivered,
    plan_delivery,
)
from aid.actions.return_delivery import NothingToReturn, return_delivery
from aid.models import Delivery, Match
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.records.errors import InvalidFields, NotAllowed
from tests.factories import aid

LATER = timedelta(hours=1)


@pytest.fixture
def match(ngo: Organisation, provider: Organisation, now: datetime) -> Match:
    """Give an accepted match of 45 litres out of 100."""
    return aid.acceptance(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now)


@pytest.fixture
def delivery(match: Match, provider_actor: Actor, now: datetime) -> Delivery:
    """Give a delivery of it on its way."""
    planned = plan_delivery(matches=[match], actor=provider_actor, now=now)
    return dispatch_delivery(delivery=planned, actor=provider_actor, now=now)


def test_plan_changes_no_counter(match: Match, provider: Organisation, provider_actor: Actor, now: datetime) -> None:
    delivery = plan_delivery(matches=[match], actor=provider_actor, now=now)
    assert (delivery.status, delivery.provider, list(delivery.matches.all())) == ("planned", provider, [match])
    assert (aid.held(match.resource), aid.served(match.line)) == ((45, 0), (45, 0, 0))
    assert aid.told(delivery) == ["delivery.planned"]


def test_plan_takes_accepted_matches_of_one_provider_once(
    match: Match, ngo: Organisation, provider: Organisation, cell_actor: Actor, ngo_actor: Actor, now: datetime
) -> None:
    def plan(*matches: Match, actor: Actor = cell_actor) -> Delivery:
        return plan_delivery(matches=matches, actor=actor, now=now)

    line = aid.line(ngo, now=now, quantity=10)
    with pytest.raises(NotAllowed):
        plan(match, actor=ngo_actor)
    with pytest.raises(InvalidFields):
        plan()
    with pytest.raises(DifferentProviders):
        plan(match, aid.acceptance(line, aid.resource(ngo, now=now), now=now, quantity=1))
    with pytest.raises(NotAccepted):
        plan(match, aid.proposal(line, match.resource, now=now, quantity=1))
    places = aid.places_of(aid.shelter(provider, now=now))
    beds = aid.line(ngo, now=now, quantity=3, of=places.item)
    with pytest.raises(PlacesAreNotDelivered):
        plan(match, aid.acceptance(beds, places, now=now))
    plan(match)
    with pytest.raises(DeliveryPlannedAlready):
        plan(match)


def test_dispatch_consumes_the_stock(match: Match, delivery: Delivery, provider_actor: Actor, now: datetime) -> None:
    assert (delivery.status, delivery.dispatched_at) == ("dispatched", now)
    assert (aid.held(match.resource), aid.served(match.line)) == ((0, 45), (0, 45, 0))
    assert aid.told(delivery) == ["delivery.planned", "delivery.dispatched"]
    assert audit_quantities(actor=SYSTEM) == []
    with pytest.raises(NotPlanned):
        dispatch_delivery(delivery=delivery, actor=provider_actor, now=now)


def test_dispatch_leaves_behind_what_was_cancelled_meanwhile(
    match: Match, ngo: Organisation, provider_actor: Actor, now: datetime
) -> None:
    second = aid.acceptance(aid.line(ngo, now=now, quantity=10), match.resource, now=now)
    delivery = plan_delivery(matches=[match, second], actor=provider_actor, now=now)
    cancel_match(match=second, reason="They moved.", actor=provider_actor, now=now)
    dispatch_delivery(delivery=delivery, actor=provider_actor, now=now)
    assert (aid.held(match.resource), list(delivery.matches.all())) == ((0, 45), [match])
    assert audit_quantities(actor=SYSTEM) == []


def test_confirm_delivers_everything_by_default(
    match: Match, delivery: Delivery, provider_actor: Actor, now: datetime
) -> None:
    arrived = confirm_delivery(delivery=delivery, actor=provider_actor, now=now + LATER)
    assert (arrived.status, arrived.delivered_at) == ("delivered", now + LATER)
    match.refresh_from_db()
    assert (match.status, match.quantity_delivered) == ("fulfilled", 45)
    assert (aid.held(match.resource), aid.served(match.line)) == ((0, 45), (0, 45, 45))
    assert aid.told(match) == ["match.accepted", "match.fulfilled"]
    assert audit_quantities(actor=SYSTEM) == []
    with pytest.raises(NotDispatched):
        confirm_delivery(delivery=delivery, actor=provider_actor, now=now)


def test_confirm_of_less_leaves_the_rest_of_the_line_open(
    match: Match, delivery: Delivery, provider_actor: Actor, now: datetime
) -> None:
    confirm_delivery(delivery=delivery, quantities={match.pk: 30}, actor=provider_actor, now=now)
    match.line.refresh_from_db()
    assert (aid.served(match.line), match.line.unmet) == ((0, 30, 30), 15)
    assert aid.held(match.resource) == (0, 45)
    assert audit_quantities(actor=SYSTEM) == []


def test_match_of_which_nothing_arrived_has_failed(
    match: Match, delivery: Delivery, provider_actor: Actor, now: datetime
) -> None:
    confirm_delivery(delivery=delivery, quantities={match.pk: 0}, actor=provider_actor, now=now)
    match.refresh_from_db()
    assert (match.status, match.status_reason, match.quantity_delivered) == ("failed", "nothing_arrived", 0)
    assert (aid.served(match.line), aid.held(match.resource)) == ((0, 0, 0), (0, 45))
    assert aid.told(match) == ["match.accepted", "match.failed"]
    assert audit_quantities(actor=SYSTEM) == []


@pytest.mark.parametrize("quantity", [-1, 46])
def test_impossible_quantities_are_named_and_change_nothing(
    quantity: int, match: Match, delivery: Delivery, provider_actor: Actor, now: datetime
) -> None:
    stranger = delivery.pk
    with pytest.raises(InvalidFields) as refusal:
        confirm_delivery(delivery=delivery, quantities={match.pk: quantity, stranger: 1}, actor=provider_actor, now=now)
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [
        (f"quantities.{match.pk}", "out_of_range"),
        (f"quantities.{stranger}", "unknown"),
    ]
    assert aid.served(match.line) == (0, 45, 0)


def test_failed_delivery_opens_its_lines_and_only_a_return_refills_the_stock(
    match: Match, delivery: Delivery, provider_actor: Actor, now: datetime
) -> None:
    failed = fail_delivery(delivery=delivery, reason="The bridge is closed.", actor=provider_actor, now=now + LATER)
    assert (failed.status, failed.failure_reason, failed.failed_at) == ("failed", "The bridge is closed.", now + LATER)
    match.refresh_from_db()
    assert (match.status, match.status_reason) == ("failed", "The bridge is closed.")
    assert (aid.held(match.resource), aid.served(match.line)) == ((0, 45), (0, 0, 0))
    assert audit_quantities(actor=SYSTEM) == []
    returned = return_delivery(delivery=delivery, actor=provider_actor, now=now + 2 * LATER)
    assert (returned.status, returned.returned_at) == ("returned", now + 2 * LATER)
    assert aid.held(match.resource) == (0, 0)
    assert aid.told(delivery)[2:] == ["delivery.failed", "delivery.returned"]
    assert audit_quantities(actor=SYSTEM) == []
    with pytest.raises(NothingToReturn):
        return_delivery(delivery=delivery, actor=provider_actor, now=now)


def test_delivery_that_never_left_can_neither_arrive_nor_fail_nor_return(
    match: Match, provider_actor: Actor, now: datetime
) -> None:
    planned = plan_delivery(matches=[match], actor=provider_actor, now=now)
    with pytest.raises(NotDispatched):
        confirm_delivery(delivery=planned, actor=provider_actor, now=now)
    with pytest.raises(NotDispatched):
        fail_delivery(delivery=planned, reason="No driver.", actor=provider_actor, now=now)
    cancel_match(match=match, reason="No driver.", actor=provider_actor, now=now)
    with pytest.raises(NothingToReturn):
        return_delivery(delivery=planned, actor=provider_actor, now=now)


def test_failure_needs_a_reason_and_a_provider(
    delivery: Delivery, provider_actor: Actor, ngo_actor: Actor, now: datetime
) -> None:
    with pytest.raises(InvalidFields):
        fail_delivery(delivery=delivery, reason="", actor=provider_actor, now=now)
    with pytest.raises(NotAllowed):
        fail_delivery(delivery=delivery, reason="Jealousy.", actor=ngo_actor, now=now)
