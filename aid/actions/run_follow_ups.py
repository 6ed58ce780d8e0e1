"""Ask how old requests stand, so that nobody is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.actions.ending import finish_aid_request
from aid.actions.lock_order import lock_promises_to
from aid.enums import AidRequestStatus, EndReason, FollowUp, Urgency
from aid.models import AidRequest
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require

BATCH = 1_000
# Ending a request locks what is promised to it, so fewer at a time.
ENDING_BATCH = 100


@dataclass(frozen=True)
class FollowUps:
    """How many requests moved, by the step they reached."""

    reporter: int
    cell: int
    expired: int


@action
def run_follow_ups(*, actor: Actor, now: datetime) -> FollowUps:
    """Move the follow-up queue on: at its review a request is its reporter's to answer, one interval later the cell's.

    Two intervals after that it expires and frees what it held, but never where it is life-threatening or urgent.
    A request moves one step at a time, however long nobody looked; a batch of each step is moved.
    """
    require(policies.may_follow_up(actor))
    expired = _expire(actor, now)
    cell = _ask(FollowUp.CELL, after=FollowUp.REPORTER, intervals=1, now=now)
    reporter = _ask(FollowUp.REPORTER, after=FollowUp.NONE, intervals=0, now=now)
    return FollowUps(reporter=reporter, cell=cell, expired=expired)


def _ask(step: FollowUp, *, after: FollowUp, intervals: int, now: datetime) -> int:
    due = AidRequest.objects.awaiting_answer(now, intervals=intervals).filter(follow_up=after)
    asked = list(due.select_for_update(no_key=True, skip_locked=True).order_by("review_at", "pk")[:BATCH])
    AidRequest.objects.filter(pk__in=[aid_request.pk for aid_request in asked]).update(follow_up=step)
    for aid_request in asked:
        announce_aid_request("review_due", aid_request, now=now, follow_up=step)
    return len(asked)


def _expire(actor: Actor, now: datetime) -> int:
    due = AidRequest.objects.awaiting_answer(now, intervals=3).filter(
        follow_up=FollowUp.CELL, urgency__gt=Urgency.URGENT
    )
    candidates = due.order_by("review_at", "pk")[:ENDING_BATCH]
    promises = lock_promises_to(candidates)
    expired = list(due.filter(pk__in=[row.pk for row in candidates]).select_for_update(no_key=True).order_by("pk"))
    for aid_request in expired:
        finish_aid_request(
            aid_request,
            [match for match in promises if match.line.aid_request_id == aid_request.pk],
            status=AidRequestStatus.EXPIRED,
            reason=EndReason.NOT_ANSWERED,
            actor=actor,
            now=now,
        )
    return len(expired)
