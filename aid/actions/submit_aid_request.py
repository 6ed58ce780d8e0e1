"""Hand a draft in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.actions.noticing import notice_possible_duplicates
from aid.enums import AidRequestStatus
from aid.models import AidRequest
from aid.querysets import review_interval
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotADraft(WrongState):
    code = "not_a_draft"
    message = _("The request was submitted already.")


@action
def submit_aid_request(*, aid_request: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    """Submit a draft; a trusted organisation's is verified at once.

    Raises NotADraft: in any other state.
    """
    require(policies.may_change_request(actor, aid_request))
    aid_request = locked(aid_request)
    if aid_request.status != AidRequestStatus.DRAFT:
        raise NotADraft
    aid_request.status = AidRequestStatus.SUBMITTED
    if aid_request.reported_by.is_trusted:
        aid_request.status = AidRequestStatus.VERIFIED
        aid_request.verified_at = now
    aid_request.review_at = now + review_interval(aid_request.urgency)
    aid_request.save(update_fields=["status", "verified_at", "review_at"])
    announce_aid_request("submitted", aid_request, now=now)
    if aid_request.status == AidRequestStatus.VERIFIED:
        announce_aid_request("verified", aid_request, now=now)
    notice_possible_duplicates(aid_request, actor=actor, now=now)
    return aid_request
