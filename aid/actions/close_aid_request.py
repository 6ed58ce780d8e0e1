"""Close a request: nothing more is expected."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.checks import check_reason
from aid.actions.ending import end_aid_request
from aid.enums import AidRequestStatus
from aid.models import AidRequest
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotVerified(WrongState):
    code = "not_verified"
    message = _("Only a verified request is closed; others are rejected or cancelled.")


@action
def close_aid_request(*, aid_request: AidRequest, reason: str = "", actor: Actor, now: datetime) -> AidRequest:
    """Close a verified request, served or not, and free what it still held; what is on its way still arrives.

    Raises NotVerified: in any other state.
    """
    require(policies.may_change_request(actor, aid_request))
    check_reason(reason, is_required=False)
    return end_aid_request(
        aid_request,
        status=AidRequestStatus.CLOSED,
        reason=reason,
        starts_from=[AidRequestStatus.VERIFIED],
        otherwise=NotVerified,
        actor=actor,
        now=now,
    )
