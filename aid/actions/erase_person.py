"""Forget who the people of one request are, because they want it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.checks import check_reason
from aid.actions.ending import finish_aid_request
from aid.actions.lock_order import lock_promises_to
from aid.actions.reduction import reduce_aid_requests
from aid.enums import OPEN_AID_REQUEST_STATUSES, AidRequestStatus
from aid.models import AidRequest, DuplicateMerge
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

    What was merged with it is about the same people and goes with it, as far as the actor may erase that as well.
    The reason goes to the access records, with who asked; a tombstone lets the erasure be repeated after a restore.
    Raises AlreadyAnonymous: when it was reduced before. Raises InvalidFields: without a reason.
    """
    require(policies.may_erase(actor, aid_request))
    check_reason(reason)
    merged = [other for other in _merged_with(aid_request) if policies.may_erase(actor, other)]
    promises = lock_promises_to([aid_request, *merged])
    rows = {row.pk: locked(row) for row in sorted((aid_request, *merged), key=lambda row: row.pk)}
    aid_request = rows[aid_request.pk]
    if aid_request.anonymised_at:
        raise AlreadyAnonymous
    erased = [row for row in rows.values() if not row.anonymised_at]
    for row in erased:
        if row.status in OPEN_AID_REQUEST_STATUSES:
            own = [match for match in promises if match.line.aid_request_id == row.pk]
            finish_aid_request(row, own, status=AidRequestStatus.CANCELLED, reason="", actor=actor, now=now)
    reduce_aid_requests(erased, actor=actor, now=now)
    ids = [row.pk for row in erased]
    record_reading(
        subject=f"{SUBJECT}.erasure",
        subject_ids=ids,
        purpose=reason,
        on_behalf_of=actor.narrowed_to(policies.MANAGE).acting_for(aid_request.reported_by_id),
        actor=actor,
        now=now,
    )
    for erased_id in ids:
        ErasureTombstone.objects.get_or_create(subject=SUBJECT, subject_id=erased_id, defaults={"erased_at": now})
    return aid_request


def _merged_with(aid_request: AidRequest) -> QuerySet[AidRequest]:
    """Give all that was made one with a request, over as many merges as lie between."""
    merges = DuplicateMerge.objects.filter(undone_at=None)
    known, new = {aid_request.pk}, {aid_request.pk}
    while new:
        pairs = merges.filter(Q(duplicate__in=new) | Q(original__in=new)).values_list("duplicate", "original")
        new = {each for pair in pairs for each in pair} - known
        known |= new
    return AidRequest.objects.filter(pk__in=known - {aid_request.pk}).order_by("pk")
