from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.checks import check_end, check_scopes
from coordination.access.actors import Actor
from coordination.access.models import ApiClient
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import WrongState, require

CHANGEABLE = frozenset({"name", "scopes", "until"})


class ClientEnded(WrongState):
    """What was ended stays so: somebody may have lost its secret."""

    code = "client_ended"
    message = _("This system was ended; register a new one.")


@action
def change_client(*, client: ApiClient, actor: Actor, now: datetime, **values: Any) -> ApiClient:
    """Change the `name` of a system, its `scopes`, and `until` when it may call; its keys follow at once.

    Raises NotAllowed: unless the actor manages the organisation. Raises ClientEnded: when it was ended.
    Raises ScopesBeyondReach: for a new scope that the actor may not use there himself.
    Raises EndNotAhead: when it ended before. Raises InvalidFields, ConstraintViolated: for a bad or used name.
    """
    require(policies.may_manage(actor, client.organisation) and values.keys() <= CHANGEABLE)
    client = locked(client)
    if not client.is_active:
        raise ClientEnded
    if "until" in values:
        check_end(values["until"], now=now)
    added = frozenset(values.get("scopes", ())) - frozenset(client.scopes)
    check_scopes(added, policies.scopes_to_give(actor, client.organisation))
    for name, value in values.items():
        setattr(client, name, value)
    client.check_fields()
    client.save(update_fields=list(values))
    publish("access.client.changed.v1", subject=client, now=now, audience=[client.organisation_id])
    return client
