"""Let matches go: what they held is free at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from aid.actions.announce import announce_delivery, announce_match, announce_stay
from aid.actions.lock_order import write_counters
from aid.enums import DeliveryStatus, StayStatus
from aid.models import Delivery, Match, ShelterStay
from coordination.access.actions.raise_alert import raise_alert
from coordination.access.enums import AlertKind
from coordination.records.actors import Actor


def let_go(matches: Sequence[Match], *, status: str, reason: str, actor: Actor, now: datetime) -> None:
    """End locked matches that have not left yet, and tell both parties.

    A planned stay ends with its match. A planned delivery that loses its last match has failed.
    """
    if not matches:
        return
    delivery_ids = {match.delivery_id for match in matches if match.delivery_id}
    for match in matches:
        match.resource.reserved -= match.quantity
        match.line.reserved -= match.quantity
        match.status = status
        match.status_reason = reason
        match.decided_at = now
        match.delivery = None
    write_counters(matches)
    Match.objects.bulk_update(matches, ["status", "status_reason", "decided_at", "delivery"])
    for match in matches:
        announce_match(status, match, now=now)
    alert_of_released(matches, actor=actor, now=now)
    _cancel_stays(matches, now)
    _fail_empty(delivery_ids, reason, now)


def alert_of_released(matches: Iterable[Match], *, actor: Actor, now: datetime) -> None:
    """Tell the requester's administrators of matches that came to nothing after the provider was told whom to call."""
    for match in matches:
        if match.released_at:
            raise_alert(
                kind=AlertKind.CANCELLED_AFTER_RELEASE,
                organisation=match.line.aid_request.reported_by,
                subject=Match._meta.label_lower,
                subject_id=match.pk,
                actor=actor,
                now=now,
            )


def _cancel_stays(matches: Sequence[Match], now: datetime) -> None:
    stays = ShelterStay.objects.filter(match__in=matches, status=StayStatus.PLANNED)
    related = stays.select_related("shelter", "match__line__aid_request")
    for stay in related.select_for_update(of=("self",), no_key=True).order_by("pk"):
        stay.status = StayStatus.CANCELLED
        stay.save(update_fields=["status"])
        announce_stay("cancelled", stay, now=now)


def _fail_empty(delivery_ids: set[UUID], reason: str, now: datetime) -> None:
    for delivery in Delivery.objects.filter(pk__in=delivery_ids, matches=None).order_by("pk"):
        delivery.status = DeliveryStatus.FAILED
        delivery.failed_at = now
        delivery.failure_reason = reason
        delivery.save(update_fields=["status", "failed_at", "failure_reason"])
        announce_delivery("failed", delivery, [], now=now)
