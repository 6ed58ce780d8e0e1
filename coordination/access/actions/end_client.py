from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.actions.change_client import ClientEnded
from coordination.access.actors import Actor
from coordination.access.keys import end_access_tokens
from coordination.access.models import ApiClient, ApiKey
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require


@action
def end_client(*, client: ApiClient, actor: Actor, now: datetime) -> ApiClient:
    """End a system for good: its keys, its OAuth2 secret and the tokens fetched by it end at once.

    Raises NotAllowed: unless the actor manages the organisation. Raises ClientEnded: when it was ended before.
    """
    require(policies.may_manage(actor, client.organisation))
    client = locked(client)
    if not client.is_active:
        raise ClientEnded
    client.is_active = False
    client.save(update_fields=["is_active"])
    ApiKey.objects.filter(client=client, revoked_at=None).update(revoked_at=now)
    end_access_tokens(client)
    publish("access.client.ended.v1", subject=client, now=now, audience=[client.organisation_id])
    return client
