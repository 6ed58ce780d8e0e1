"""End a request: whatever is promised to it and has not left is free again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid.actions.announce import announce_aid_request
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_promises_to
from aid.enums import OPEN_AID_REQUEST_STATUSES, AidRequestStatus, EndReason, FollowUp, MatchStatus
from aid.models import AidRequest, Match
from coordination.records.actions import locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState


class AidRequestNotOpen(WrongState):
    code = "aid_request_not_open"
    message = _("The request has ended already.")


def end_aid_request(
    aid_request: AidRequest,
    *,
    status: AidRequestStatus,
    reason: str,
    starts_from: Collection[str] = OPEN_AID_REQUEST_STATUSES,
    otherwise: type[WrongState] = AidRequestNotOpen,
    actor: Actor,
    now: datetime,
) -> AidRequest:
    """Give a request its last status; what is on its way still arrives.

    Raises `otherwise`: when its present status is not one to start from.
    """
    promises = lock_promises_to([aid_request])
    aid_request = locked(aid_request)
    if aid_request.status not in starts_from:
        raise otherwise
    finish_aid_request(aid_request, promises, status=status, reason=reason, actor=actor, now=now)
    return aid_request


def finish_aid_request(
    aid_request: AidRequest,
    promises: Sequence[Match],
    *,
    status: AidRequestStatus,
    reason: str,
    of_promises: EndReason = EndReason.AID_REQUEST_ENDED,
    duplicate_of: AidRequest | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a locked request its last status and let its locked promises go."""
    let_go(promises, status=MatchStatus.CANCELLED, reason=of_promises, actor=actor, now=now)
    aid_request.status = status
    aid_request.status_reason = reason
    aid_request.duplicate_of = duplicate_of
    aid_request.closed_at = now
    aid_request.follow_up = FollowUp.NONE
    aid_request.save(update_fields=["status", "status_reason", "duplicate_of", "closed_at", "follow_up"])
    # That another organisation knows these people is not for the reporters to learn by this.
    is_told = duplicate_of is not None and duplicate_of.reported_by_id == aid_request.reported_by_id
    data = {"duplicate_of": duplicate_of.ref} if duplicate_of and is_told else {}
    announce_aid_request(status, aid_request, now=now, **data)
