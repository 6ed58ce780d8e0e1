"""Take a promise back before anything has left."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.checks import check_reason
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_matches
from aid.enums import LIVE_MATCH_STATUSES, DeliveryStatus, MatchStatus
from aid.models import Match
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class MatchNotLive(WrongState):
    code = "match_not_live"
    message = _("Only a proposed or accepted match can be cancelled.")


class AlreadyDispatched(WrongState):
    code = "already_dispatched"
    message = _("It is on its way already: report the delivery as failed instead.")


@action
def cancel_match(*, match: Match, reason: str, actor: Actor, now: datetime) -> Match:
    """Cancel a proposed or accepted match and free its quantity at once.

    Raises MatchNotLive: in any other state. Raises AlreadyDispatched: when it has left.
    """
    require(policies.may_cancel_match(actor, match))
    check_reason(reason)
    (match,) = lock_matches([match])
    if match.status not in LIVE_MATCH_STATUSES:
        raise MatchNotLive
    if match.delivery and match.delivery.status != DeliveryStatus.PLANNED:
        raise AlreadyDispatched
    let_go([match], status=MatchStatus.CANCELLED, reason=reason, actor=actor, now=now)
    return match
