"""Answer that a request still stands."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.actions.ending import AidRequestNotOpen
from aid.enums import OPEN_AID_REQUEST_STATUSES, FollowUp
from aid.models import AidRequest
from aid.querysets import review_interval
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def renew_aid_request(*, aid_request: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    """Renew an open request: it leaves the follow-up queue, and its next review counts from now.

    Raises AidRequestNotOpen: when it has ended.
    """
    require(policies.may_change_request(actor, aid_request))
    aid_request = locked(aid_request)
    if aid_request.status not in OPEN_AID_REQUEST_STATUSES:
        raise AidRequestNotOpen
    aid_request.review_at = now + review_interval(aid_request.urgency)
    aid_request.follow_up = FollowUp.NONE
    aid_request.save(update_fields=["review_at", "follow_up"])
    announce_aid_request("renewed", aid_request, now=now)
    return aid_request
