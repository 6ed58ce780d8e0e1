"""Forget who the people were when nobody needs to know any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from aid import policies
from aid.actions.reduction import reduce_aid_requests
from aid.enums import OPEN_AID_REQUEST_STATUSES
from aid.models import AidRequest
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require

BATCH = 200


@action
def anonymise_due(*, actor: Actor, now: datetime) -> int:
    """Reduce one batch of requests that ended RETENTION_CONTACT_DAYS ago and say how many; none are left at nothing.

    Two at once take different requests.
    """
    require(policies.may_forget(actor))
    ended_before = now - timedelta(days=settings.RETENTION_CONTACT_DAYS)
    due = AidRequest.objects.filter(anonymised_at=None, closed_at__lte=ended_before)
    due = due.exclude(status__in=OPEN_AID_REQUEST_STATUSES).order_by("closed_at", "pk")
    batch = list(due.select_for_update(no_key=True, skip_locked=True)[:BATCH])
    if batch:
        reduce_aid_requests(batch, actor=actor, now=now)
    return len(batch)
