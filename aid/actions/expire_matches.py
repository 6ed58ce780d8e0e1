"""Free what was proposed to somebody who did not answer."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_matches
from aid.enums import EndReason, MatchStatus
from aid.models import Match
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require

BATCH = 1_000


@action
def expire_matches(*, actor: Actor, now: datetime) -> list[Match]:
    """Expire overdue proposals, the longest overdue first, and give them; at most a batch.

    Proposals whose resource or line somebody else holds are left for the next time.
    """
    require(policies.may_match(actor))
    overdue = Match.objects.overdue(now).order_by("respond_by", "pk")[:BATCH]
    expired = [match for match in lock_matches(overdue, skip_locked=True) if match.status == MatchStatus.PROPOSED]
    let_go(expired, status=MatchStatus.EXPIRED, reason=EndReason.NOT_ANSWERED, actor=actor, now=now)
    return expired
