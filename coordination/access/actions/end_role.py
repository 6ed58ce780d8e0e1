from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.actions.checks import keep_an_administrator
from coordination.access.actors import Actor
from coordination.access.models import Membership
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import WrongState, require


class RoleEnded(WrongState):
    """There is nothing left to take away."""

    code = "role_ended"


@action
def end_role(*, membership: Membership, actor: Actor, now: datetime) -> Membership:
    """Take a role away from now on; the row stays, so that history can name it.

    Raises NotAllowed: unless the actor manages that organisation. Raises LastAdministrator: when that leaves none.
    Raises RoleEnded: when it ended before.
    """
    require(policies.may_manage(actor, membership.organisation))
    membership = locked(membership)
    if membership.until is not None and membership.until <= now:
        raise RoleEnded
    keep_an_administrator(membership, actor)
    membership.until = now
    membership.save(update_fields=["until"])
    publish("access.role.ended.v1", subject=membership, now=now, audience=[membership.organisation_id])
    return membership
