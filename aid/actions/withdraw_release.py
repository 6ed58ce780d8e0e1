"""Take a release back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_match
from aid.actions.lock_order import lock_matches
from aid.enums import MatchStatus
from aid.models import Match
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotReleased(WrongState):
    code = "not_released"
    message = _("Contact and place are not released to this provider.")


@action
def withdraw_release(*, match: Match, actor: Actor, now: datetime) -> Match:
    """Withdraw the release of contact and place; the match stays, and what was read meanwhile stays known.

    Raises NotReleased: when nothing is released, or the match has ended and the release with it.
    """
    require(policies.may_release(actor, match))
    (match,) = lock_matches([match])
    if not match.released_at or match.status != MatchStatus.ACCEPTED:
        raise NotReleased
    match.released_at = None
    match.released_by = None
    match.save(update_fields=["released_at", "released_by"])
    announce_match("release_withdrawn", match, now=now)
    return match
