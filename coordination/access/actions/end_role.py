from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.models import Membership
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def end_role(*, membership: Membership, actor: Actor, now: datetime) -> Membership:
    """Take a role away from now on; the row stays, so that history can name it.

    Raises NotAllowed: unless the actor manages that organisation's members.
    """
    require(policies.may_manage_members(actor, membership.organisation_id))
    membership = locked(membership)
    membership.until = now
    membership.save(update_fields=["until"])
    publish("access.role.ended.v1", subject=membership, now=now, audience=[membership.organisation_id])
    return membership
