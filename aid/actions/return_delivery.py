"""Bring back what did not arrive: the stock can be promised again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_delivery
from aid.actions.lock_order import lock_delivery, write_counters
from aid.enums import DeliveryStatus
from aid.models import Delivery
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NothingToReturn(WrongState):
    code = "nothing_to_return"
    message = _("Only a delivery that left and failed can be returned.")


@action
def return_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Return a failed delivery to its resources.

    Raises NothingToReturn: in any other state, and when it failed before it left.
    """
    require(policies.may_deliver(actor, delivery))
    delivery, matches = lock_delivery(delivery)
    if delivery.status != DeliveryStatus.FAILED or delivery.dispatched_at is None:
        raise NothingToReturn
    for match in matches:
        match.resource.consumed -= match.quantity
    write_counters(matches)
    delivery.status = DeliveryStatus.RETURNED
    delivery.returned_at = now
    delivery.save(update_fields=["status", "returned_at"])
    announce_delivery("returned", delivery, matches, now=now)
    return delivery
