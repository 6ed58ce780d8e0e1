from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coordination.access import policies
from coordination.access.actions.change_client import ClientEnded
from coordination.access.actions.checks import A_YEAR, check_active, check_end, check_scopes
from coordination.access.actors import Actor
from coordination.access.keys import Issued, make_key
from coordination.access.models import ApiClient, ApiKey
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require


@action
def issue_client_key(
    *, client: ApiClient, scopes: Sequence[str], until: datetime, actor: Actor, now: datetime
) -> Issued[ApiKey]:
    """Make a key for a system, for a year at most; its token is given this once.

    Raises NotAllowed: unless the actor manages the organisation. Raises ClientEnded, OrganisationNotActive: when it is.
    Raises ScopesBeyondReach: for more than the system or the actor may. Raises EndNotAhead, EndTooFar: for its end.
    """
    require(policies.may_manage(actor, client.organisation))
    client = locked(client)
    if not client.is_active:
        raise ClientEnded
    check_active(client.organisation)
    check_end(until, now=now, within=A_YEAR)
    check_scopes(scopes, policies.scopes_to_give(actor, client.organisation) & frozenset(client.scopes))
    issued = make_key(client=client, scopes=scopes, until=until)
    publish("access.key.issued.v1", subject=issued.row, now=now, audience=[client.organisation_id])
    return issued
