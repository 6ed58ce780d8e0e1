"""Take the merging of two requests back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.actions.file_aid_request import contact_of
from aid.actions.lock_order import lock_matches, lock_promises_to
from aid.actions.merge_duplicate import as_json
from aid.enums import OPEN_AID_REQUEST_STATUSES, AidRequestStatus
from aid.models import AidRequest, Contact, DuplicateMerge, Match, RequestLine
from aid.querysets import review_interval
from coordination.access.wall import seen_as
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotMerged(WrongState):
    code = "not_merged"
    message = _("The request was not merged into another, or no longer is.")


class Anonymised(WrongState):
    code = "anonymised"
    message = _("Nobody knows any more who asked: file the request anew.")


@action
def undo_merge(*, aid_request: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    """Undo the merging of a duplicate: it has its previous status again, and waits again for all that it asked for.

    What the original had got by it is taken back where it is open, nobody has changed it since and as far as nothing
    of it is promised or on its way.
    Raises NotMerged: when it is not merged. Raises Anonymised: when its retention is over.
    """
    require(policies.may_change_request(actor, aid_request))
    merge = DuplicateMerge.objects.filter(duplicate=aid_request, undone_at=None).select_related("original").first()
    if merge is None:
        raise NotMerged
    original = merge.original
    require(policies.may_change_request(actor, original))
    # Also what has ended: it may have to go over to the duplicate's own lines.
    lock_matches(Match.objects.filter(line__aid_request__in=[aid_request, original]))
    lock_promises_to([aid_request, original])
    by_id = {each.pk: locked(each) for each in sorted((aid_request, original), key=lambda each: each.pk)}
    aid_request, original, merge = by_id[aid_request.pk], by_id[original.pk], locked(merge)
    if merge.undone_at or aid_request.status != AidRequestStatus.DUPLICATE:
        raise NotMerged
    if aid_request.anonymised_at:
        raise Anonymised
    if original.status in OPEN_AID_REQUEST_STATUSES:
        _take_back(merge, aid_request, original, actor, now)
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    aid_request.status = merge.previous_status
    aid_request.duplicate_of = None
    aid_request.closed_at = None
    aid_request.review_at = now + review_interval(aid_request.urgency)
    aid_request.save(update_fields=["status", "duplicate_of", "closed_at", "review_at"])
    announce_aid_request("reopened", aid_request, now=now)
    if aid_request.status == AidRequestStatus.VERIFIED:
        announce_aid_request("verified", aid_request, now=now)
    return aid_request


def _take_back(
    merge: DuplicateMerge, aid_request: AidRequest, original: AidRequest, actor: Actor, now: datetime
) -> None:
    for change in merge.changes:
        if "line" in change:
            _take_back_line(change, aid_request)
        elif "field" in change:
            if as_json(getattr(original, change["field"])) == change["after"]:
                setattr(original, change["field"], _before(change))
        else:
            _take_back_contact(aid_request, original, actor)
    original.save(update_fields=["urgency", "needed_by", "consent"])
    announce_aid_request("changed", original, now=now)


def _before(change: Mapping[str, Any]) -> Any:
    before = change["before"]
    return datetime.fromisoformat(before) if before and change["field"] == "needed_by" else before


def _take_back_line(change: Mapping[str, Any], aid_request: AidRequest) -> None:
    line = RequestLine.objects.filter(pk=change["line"]).first()
    if line is None or (line.quantity, line.conditions) != (change["after"], change["conditions_after"]):
        return
    line.quantity = max(change["before"], line.reserved + line.dispatched)
    line.conditions = change["conditions_before"] if change["before"] else line.conditions
    if line.quantity:
        line.save(update_fields=["quantity", "conditions"])
        return
    # What was refused or came to nothing for it was so for the duplicate's people.
    own_line = RequestLine.objects.get(aid_request=aid_request, item=line.item_id)
    Match.objects.filter(line=line).update(line=own_line)
    line.delete()


def _take_back_contact(aid_request: AidRequest, original: AidRequest, actor: Actor) -> None:
    """Take the contact away from the original unless it has become another one."""
    with seen_as(actor, scope=policies.WRITE):
        if contact_of(original) == contact_of(aid_request):
            Contact.objects.filter(aid_request=original).delete()
