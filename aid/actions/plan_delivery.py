"""Put promises on one journey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_delivery
from aid.actions.checks import refuse
from aid.actions.lock_order import lock_matches
from aid.enums import MatchStatus
from aid.models import Delivery, Match, ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, FieldProblem, WrongState, require


class DifferentProviders(DomainError):
    code = "different_providers"
    message = _("A delivery carries what one organisation has promised.")
    field = "matches"


class NotAccepted(WrongState):
    code = "not_accepted"
    message = _("Only accepted matches can be delivered.")
    field = "matches"


class DeliveryPlannedAlready(WrongState):
    code = "delivery_planned_already"
    message = _("One of the matches is part of a delivery already.")
    field = "matches"


class PlacesAreNotDelivered(DomainError):
    code = "places_are_not_delivered"
    message = _("Places in a shelter are not delivered: people check in there.")
    field = "matches"


@action
def plan_delivery(*, matches: Sequence[Match], actor: Actor, now: datetime) -> Delivery:
    """Plan one journey for accepted matches of one provider.

    Raises DifferentProviders, NotAccepted, DeliveryPlannedAlready, PlacesAreNotDelivered: when the matches do not
    fit on one journey.
    """
    for match in matches:
        require(policies.may_answer(actor, match))
    providers = {match.resource.provider_id for match in matches}
    if not providers:
        refuse([FieldProblem("matches", "empty", _("A delivery needs at least one match."))])
    if len(providers) > 1:
        raise DifferentProviders
    matches = lock_matches(matches)
    if any(match.status != MatchStatus.ACCEPTED for match in matches):
        raise NotAccepted
    if any(match.delivery_id for match in matches):
        raise DeliveryPlannedAlready
    if ShelterStay.objects.filter(match__in=matches).exists():
        raise PlacesAreNotDelivered
    delivery = Delivery(provider_id=providers.pop())
    delivery.save(force_insert=True)
    for match in matches:
        match.delivery = delivery
    Match.objects.bulk_update(matches, ["delivery"])
    announce_delivery("planned", delivery, matches, now=now)
    return delivery
