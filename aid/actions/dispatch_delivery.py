"""Send a delivery on its way: the stock leaves its place."""

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


class NotPlanned(WrongState):
    code = "not_planned"
    message = _("Only a planned delivery can be dispatched.")


@action
def dispatch_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Dispatch a planned delivery: what was reserved is consumed at its resource and dispatched on its line.

    Raises NotPlanned: in any other state.
    """
    require(policies.may_deliver(actor, delivery))
    delivery, matches = lock_delivery(delivery)
    if delivery.status != DeliveryStatus.PLANNED:
        raise NotPlanned
    for match in matches:
        match.resource.reserved -= match.quantity
        match.resource.consumed += match.quantity
        match.line.reserved -= match.quantity
        match.line.dispatched += match.quantity
    write_counters(matches)
    delivery.status = DeliveryStatus.DISPATCHED
    delivery.dispatched_at = now
    delivery.save(update_fields=["status", "dispatched_at"])
    announce_delivery("dispatched", delivery, matches, now=now)
    return delivery
