"""Make one of two requests that ask for the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.actions.change_aid_request import let_proposals_go
from aid.actions.ending import AidRequestNotOpen, finish_aid_request
from aid.actions.file_aid_request import contact_of, store_contact
from aid.actions.lock_order import lock_promises_to
from aid.enums import OPEN_AID_REQUEST_STATUSES, AidRequestStatus, Consent, EndReason, FollowUp
from aid.models import AidRequest, DuplicateMerge, Match, RequestLine
from aid.querysets import review_interval
from coordination.access.wall import seen_as
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require


class NotAnOriginal(DomainError):
    code = "not_an_original"
    message = _("A duplicate is merged into another request that is open or was closed, and is no duplicate itself.")
    field = "original"


class ExerciseAndReal(DomainError):
    code = "exercise_and_real"
    message = _("A real request and an exercise are never the same one.")
    field = "original"


class OriginalNotAsFar(DomainError):
    code = "original_not_as_far"
    message = _("The duplicate is further than the original: submit or verify the original first, or swap the two.")
    field = "original"


@action
def merge_duplicate(*, aid_request: AidRequest, original: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    """Merge an open request into the original, which asks for all that either asked for; it can be undone.

    The original gets the lines it lacks, the greater quantities, the greater urgency, the earlier date and a contact
    where it has none; one that is closed stays as it was. The duplicate's promises that have not left are free again.
    Raises NotAnOriginal, ExerciseAndReal, OriginalNotAsFar: when the other cannot take it in.
    Raises AidRequestNotOpen: when the request has ended.
    """
    require(all(policies.may_change_request(actor, each) for each in (aid_request, original)))
    promises = lock_promises_to([aid_request, original])
    by_id = {each.pk: locked(each) for each in sorted((aid_request, original), key=lambda each: each.pk)}
    aid_request, original = by_id[aid_request.pk], by_id[original.pk]
    _refuse(aid_request, original)
    previous_status = aid_request.status
    changes = []
    if original.status in OPEN_AID_REQUEST_STATUSES:
        of_original = [match for match in promises if match.line.aid_request_id == original.pk]
        changes = _take_in(aid_request, original, of_original, actor, now)
    finish_aid_request(
        aid_request,
        [match for match in promises if match.line.aid_request_id == aid_request.pk],
        status=AidRequestStatus.DUPLICATE,
        reason="",
        of_promises=EndReason.AID_REQUEST_MERGED,
        duplicate_of=original,
        actor=actor,
        now=now,
    )
    DuplicateMerge(
        duplicate=aid_request, original=original, previous_status=previous_status, changes=changes, merged_at=now
    ).save(force_insert=True)
    return aid_request


def _refuse(aid_request: AidRequest, original: AidRequest) -> None:
    if aid_request.status not in OPEN_AID_REQUEST_STATUSES:
        raise AidRequestNotOpen
    # Nobody would look after the need any more if its original came to nothing.
    steps = [*OPEN_AID_REQUEST_STATUSES, AidRequestStatus.CLOSED]
    if original.pk == aid_request.pk or original.status not in steps:
        raise NotAnOriginal
    if original.is_exercise != aid_request.is_exercise:
        raise ExerciseAndReal
    if steps.index(AidRequestStatus(original.status)) < steps.index(AidRequestStatus(aid_request.status)):
        raise OriginalNotAsFar


def _take_in(
    aid_request: AidRequest, original: AidRequest, promises: Sequence[Match], actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Let the original ask for what the duplicate asks for, too, and give what that changed."""
    of_lines = _take_lines(aid_request, original)
    if of_lines:
        let_proposals_go(promises, actor, now)
    of_fields = _take_fields(aid_request, original)
    of_contact = _take_contact(aid_request, original, actor)
    is_unproven = aid_request.status != original.status and not policies.may_verify(actor, original)
    if (of_lines or of_fields) and original.status == AidRequestStatus.VERIFIED and is_unproven:
        original.status = AidRequestStatus.SUBMITTED
        original.verified_at = None
    original.review_at = now + review_interval(original.urgency)
    original.follow_up = FollowUp.NONE
    original.save()
    announce_aid_request("changed", original, now=now)
    return [*of_lines, *of_fields, *of_contact]


def _take_lines(aid_request: AidRequest, original: AidRequest) -> list[dict[str, Any]]:
    lines = {line.item_id: line for line in RequestLine.objects.filter(aid_request=original)}
    changes = []
    for asked in RequestLine.objects.filter(aid_request=aid_request).select_related("item"):
        line = lines.get(asked.item_id) or RequestLine(aid_request=original, item=asked.item, quantity=0)
        before = {"before": line.quantity, "conditions_before": line.conditions}
        line.quantity = max(line.quantity, asked.quantity)
        line.conditions = list(dict.fromkeys([*line.conditions, *asked.conditions]))
        after = {"after": line.quantity, "conditions_after": line.conditions}
        if list(before.values()) != list(after.values()):
            line.save(update_fields=["quantity", "conditions"] if before["before"] else None)
            changes.append({"line": str(line.pk), **before, **after})
    return changes


def _take_fields(aid_request: AidRequest, original: AidRequest) -> list[dict[str, Any]]:
    dates = [each.needed_by for each in (aid_request, original) if each.needed_by]
    taken: Mapping[str, Any] = {
        "urgency": min(aid_request.urgency, original.urgency),
        "needed_by": min(dates, default=None),
        "consent": Consent.REFUSED if aid_request.consent == Consent.REFUSED else original.consent,
    }
    changes = []
    for name, value in taken.items():
        before = getattr(original, name)
        if value != before:
            setattr(original, name, value)
            changes.append({"field": name, "before": as_json(before), "after": as_json(value)})
    return changes


def as_json(value: Any) -> Any:
    """Give a value of a field as changes keep it."""
    return value.isoformat() if isinstance(value, datetime) else value


def _take_contact(aid_request: AidRequest, original: AidRequest, actor: Actor) -> list[dict[str, Any]]:
    with seen_as(actor, scope=policies.WRITE):
        known, own = contact_of(aid_request), contact_of(original)
    if known is None or own is not None:
        return []
    store_contact(original, known, actor)
    return [{"contact": "taken"}]
