"""Forget who the people of one request are, because they want it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.checks import check_reason
from aid.actions.ending import finish_aid_request
from aid.actions.lock_order import lock_promises_to
from aid.actions.reduction import reduce_aid_requests
from aid.enums import OPEN_AID_REQUEST_STATUSES, AidRequestStatus
from aid.models import AidRequest
from coordination.access.actions.record_reading import record_reading
from coordination.access.models import ErasureTombstone
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require

SUBJECT = AidRequest._meta.label_lower


class AlreadyAnonymous(WrongState):
    code = "already_anonymous"
    message = _("Nothing that could tell who these people are is left.")


@action
def erase_person(*, aid_request: AidRequest, reason: str, actor: Actor, now: datetime) -> AidRequest:
    """Reduce a request at once to what statistics count; an open one is cancelled with it, and frees what it held.

    The reason goes to the access records, with who asked; a tombstone lets the erasure be repeated after a restore.
    Raises AlreadyAnonymous: when it was reduced before. Raises InvalidFields: without a reason.
    """
    require(policies.may_erase(actor, aid_request))
    check_reason(reason)
    promises = lock_promises_to([aid_request])
    aid_request = locked(aid_request)
    if aid_request.anonymised_at:
        raise AlreadyAnonymous
    if aid_request.status in OPEN_AID_REQUEST_STATUSES:
        finish_aid_request(aid_request, promises, status=AidRequestStatus.CANCELLED, reason="", actor=actor, now=now)
    reduce_aid_requests([aid_request], actor=actor, now=now)
    record_reading(subject=f"{SUBJECT}.erasure", subject_ids=[aid_request.pk], purpose=reason, actor=actor, now=now)
    ErasureTombstone.objects.get_or_create(subject=SUBJECT, subject_id=aid_request.pk, defaults={"erased_at": now})
    return aid_request
