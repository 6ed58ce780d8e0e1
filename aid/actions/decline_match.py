"""Say no to a proposal."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.accept_match import NotProposed
from aid.actions.checks import check_reason
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_matches
from aid.enums import MatchStatus
from aid.models import Match
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def decline_match(*, match: Match, reason: str = "", actor: Actor, now: datetime) -> Match:
    """Decline a proposal and free its quantity at once; this pair is not proposed again by itself.

    Raises NotProposed: in any other state.
    """
    require(policies.may_answer(actor, match))
    check_reason(reason, is_required=False)
    (match,) = lock_matches([match])
    if match.status != MatchStatus.PROPOSED:
        raise NotProposed
    let_go([match], status=MatchStatus.DECLINED, reason=reason, actor=actor, now=now)
    return match
