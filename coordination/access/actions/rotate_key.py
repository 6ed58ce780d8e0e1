from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.checks import A_YEAR, check_scopes
from coordination.access.actors import Actor
from coordination.access.keys import Issued, make_key
from coordination.access.models import ApiKey
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import InvalidFields, WrongState, require

LONGEST_OVERLAP_H = 7 * 24


class KeyEnded(WrongState):
    """It is of no use any more."""

    code = "key_ended"
    message = _("This key has ended; issue a new one.")


class OverlapTooLong(InvalidFields):
    """Two keys where one was meant."""

    code = "overlap_too_long"
    message = _("Both keys work side by side for a week at most.")
    field = "overlap_h"


@action
def rotate_key(*, key: ApiKey, overlap_h: int = 24, actor: Actor, now: datetime) -> Issued[ApiKey]:
    """Make the successor of a key, which may as much and lasts as long; the old one ends after the overlap, in hours.

    Raises NotAllowed: unless it is the actor's own or he manages the organisation; a key makes no other.
    Raises KeyEnded: when it has. Raises OverlapTooLong: unless 0 to 168 hours.
    Raises ScopesBeyondReach: when it may more than the actor.
    """
    require(actor.credential is None and policies.may_use_key(actor, key))
    if not 0 <= overlap_h <= LONGEST_OVERLAP_H:
        raise OverlapTooLong
    key = locked(key)
    if key.has_ended(now):
        raise KeyEnded
    owner = key.client.organisation if key.client else None
    check_scopes(key.scopes, policies.scopes_to_give(actor, owner) if owner else policies.own_scopes(actor))
    lasts = A_YEAR if key.until is None else min(key.until - key.created_at, A_YEAR)
    issued = make_key(user=key.user, client=key.client, scopes=key.scopes, until=now + lasts)
    end = now + timedelta(hours=overlap_h)
    key.until = end if key.until is None else min(key.until, end)
    key.save(update_fields=["until"])
    audience = [key.client.organisation_id] if key.client else actor.organisation_ids
    publish("access.key.rotated.v1", subject=issued.row, now=now, audience=audience, data={"of": str(key.pk)})
    return issued
