from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coordination.access import policies
from coordination.access.actions.checks import A_YEAR, check_end, check_scopes
from coordination.access.actors import Actor
from coordination.access.keys import Issued, make_key
from coordination.access.models import ApiKey, User
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.errors import require


@action
def issue_own_key(*, scopes: Sequence[str], until: datetime, actor: Actor, now: datetime) -> Issued[ApiKey]:
    """Make a key that speaks for the actor himself, for a year at most; its token is given this once.

    Raises NotAllowed: unless the actor is a person who signed in: a stolen key could make itself another.
    Raises ScopesBeyondReach: for more than the actor may. Raises EndNotAhead, EndTooFar: for its end.
    """
    require(actor.user_id is not None and actor.credential is None)
    check_end(until, now=now, within=A_YEAR)
    check_scopes(scopes, policies.own_scopes(actor))
    issued = make_key(user=User.objects.get(pk=actor.user_id), scopes=scopes, until=until)
    publish("access.key.issued.v1", subject=issued.row, now=now, audience=actor.organisation_ids)
    return issued
