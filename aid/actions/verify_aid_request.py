"""Decide that a request is true: from now on it is matched."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.enums import AidRequestStatus
from aid.models import AidRequest
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotAwaitingVerification(WrongState):
    code = "not_awaiting_verification"
    message = _("Only a submitted request can be verified.")


@action
def verify_aid_request(*, aid_request: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    """Verify a submitted request.

    Raises NotAwaitingVerification: in any other state.
    """
    require(policies.may_verify(actor, aid_request))
    aid_request = locked(aid_request)
    if aid_request.status != AidRequestStatus.SUBMITTED:
        raise NotAwaitingVerification
    aid_request.status = AidRequestStatus.VERIFIED
    aid_request.verified_at = now
    aid_request.save(update_fields=["status", "verified_at"])
    announce_aid_request("verified", aid_request, now=now)
    return aid_request
