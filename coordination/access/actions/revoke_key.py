from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.actions.rotate_key import KeyEnded
from coordination.access.actors import Actor
from coordination.access.models import ApiKey
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require


@action
def revoke_key(*, key: ApiKey, actor: Actor, now: datetime) -> ApiKey:
    """End a key at once.

    Raises NotAllowed: unless it is the actor's own, or he manages its organisation or its person.
    Raises KeyEnded: when it has ended before.
    """
    require(policies.may_end_key(actor, key))
    key = locked(key)
    if key.has_ended(now):
        raise KeyEnded
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    publish("access.key.revoked.v1", subject=key, now=now, audience=[key.client.organisation_id] if key.client else [])
    return key
