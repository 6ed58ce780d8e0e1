"""Say what arrived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_delivery, announce_match
from aid.actions.checks import refuse
from aid.actions.letting_go import alert_of_released
from aid.actions.lock_order import lock_delivery, write_counters
from aid.enums import DeliveryStatus, EndReason, MatchStatus
from aid.models import Delivery, Match
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import FieldProblem, WrongState, require


class NotDispatched(WrongState):
    code = "not_dispatched"
    message = _("Only a delivery that is on its way can arrive or fail.")


@action
def confirm_delivery(
    *, delivery: Delivery, quantities: Mapping[UUID, int] | None = None, actor: Actor, now: datetime
) -> Delivery:
    """Confirm a delivery; `quantities` says by match how much arrived, where it was not everything.

    What did not arrive is open again on its line. A match of which nothing arrived has failed.
    Raises NotDispatched: in any other state. Raises InvalidFields: when a quantity is not possible.
    """
    require(policies.may_deliver(actor, delivery))
    delivery, matches = lock_delivery(delivery)
    if delivery.status != DeliveryStatus.DISPATCHED:
        raise NotDispatched
    arrived = {match.pk: match.quantity for match in matches} | dict(quantities or {})
    refuse(_quantity_problems(matches, arrived))
    for match in matches:
        match.quantity_delivered = arrived[match.pk]
        match.line.delivered += arrived[match.pk]
        match.line.dispatched -= match.quantity - arrived[match.pk]
        if arrived[match.pk]:
            match.status = MatchStatus.FULFILLED
        else:
            match.status = MatchStatus.FAILED
            match.status_reason = EndReason.NOTHING_ARRIVED
    write_counters(matches)
    Match.objects.bulk_update(matches, ["quantity_delivered", "status", "status_reason"])
    delivery.status = DeliveryStatus.DELIVERED
    delivery.delivered_at = now
    delivery.save(update_fields=["status", "delivered_at"])
    announce_delivery("delivered", delivery, matches, now=now)
    for match in matches:
        announce_match(match.status, match, now=now)
    failed = [match for match in matches if match.status == MatchStatus.FAILED]
    alert_of_released(failed, actor=actor, now=now)
    return delivery


def _quantity_problems(matches: list[Match], arrived: Mapping[UUID, int]) -> list[FieldProblem]:
    sent = {match.pk: match.quantity for match in matches}
    problems = []
    for match_id, quantity in arrived.items():
        if match_id not in sent:
            message = _("This match is not part of the delivery.")
            problems.append(FieldProblem(f"quantities.{match_id}", "unknown", message))
        elif not 0 <= quantity <= sent[match_id]:
            message = _("Between nothing and all that was sent can arrive.")
            problems.append(FieldProblem(f"quantities.{match_id}", "out_of_range", message))
    return problems
