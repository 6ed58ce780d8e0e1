"""Say that a request asks for what another asks for already."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.ending import end_aid_request
from aid.actions.lock_order import lock_promises_to
from aid.enums import OPEN_AID_REQUEST_STATUSES, AidRequestStatus
from aid.models import AidRequest
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require


class NotAnOriginal(DomainError):
    code = "not_an_original"
    message = _("A duplicate is linked to another request that is open or was closed, and is no duplicate itself.")
    field = "duplicate_of"


@action
def link_duplicate(*, aid_request: AidRequest, duplicate_of: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    """Link an open request to the original and free what it held; nothing is merged.

    Raises NotAnOriginal: when the other is the same request, a duplicate, or came to nothing.
    Raises AidRequestNotOpen: when the request has ended.
    """
    require(policies.may_change_request(actor, aid_request))
    # Both are held: linked to each other at the same moment, neither would be left.
    lock_promises_to([aid_request, duplicate_of])
    original = AidRequest.objects.get(pk=duplicate_of.pk)
    is_mixed = original.is_exercise != aid_request.is_exercise
    # Nobody would look after the need any more if its original came to nothing.
    stands = original.status in (*OPEN_AID_REQUEST_STATUSES, AidRequestStatus.CLOSED)
    if original.pk == aid_request.pk or not stands or is_mixed:
        raise NotAnOriginal
    return end_aid_request(
        aid_request, status=AidRequestStatus.DUPLICATE, reason="", duplicate_of=original, actor=actor, now=now
    )
