"""Decide that a request is not true, or not for us."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.checks import check_reason
from aid.actions.ending import end_aid_request
from aid.enums import AidRequestStatus
from aid.models import AidRequest
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def reject_aid_request(*, aid_request: AidRequest, reason: str, actor: Actor, now: datetime) -> AidRequest:
    """Reject an open request and free what it held.

    Raises AidRequestNotOpen: when it has ended. Raises InvalidFields: without a reason.
    """
    require(policies.may_verify(actor, aid_request))
    check_reason(reason)
    return end_aid_request(aid_request, status=AidRequestStatus.REJECTED, reason=reason, actor=actor, now=now)
