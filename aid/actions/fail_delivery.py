"""Say that a delivery did not arrive."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.announce import announce_delivery, announce_match
from aid.actions.checks import check_reason
from aid.actions.confirm_delivery import NotDispatched
from aid.actions.letting_go import alert_of_released
from aid.actions.lock_order import lock_delivery, write_counters
from aid.enums import DeliveryStatus, MatchStatus
from aid.models import Delivery, Match
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def fail_delivery(*, delivery: Delivery, reason: str, actor: Actor, now: datetime) -> Delivery:
    """Fail a delivery on its way: its lines are open again; the stock is gone until it is returned.

    Raises NotDispatched: in any other state.
    """
    require(policies.may_deliver(actor, delivery))
    check_reason(reason)
    delivery, matches = lock_delivery(delivery)
    if delivery.status != DeliveryStatus.DISPATCHED:
        raise NotDispatched
    for match in matches:
        match.line.dispatched -= match.quantity
        match.status = MatchStatus.FAILED
        match.status_reason = reason
    write_counters(matches)
    Match.objects.bulk_update(matches, ["status", "status_reason"])
    delivery.status = DeliveryStatus.FAILED
    delivery.failed_at = now
    delivery.failure_reason = reason
    delivery.save(update_fields=["status", "failed_at", "failure_reason"])
    alert_of_released(matches, actor=actor, now=now)
    announce_delivery("failed", delivery, matches, now=now)
    for match in matches:
        announce_match("failed", match, now=now)
    return delivery
