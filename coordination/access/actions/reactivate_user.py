from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.models import User
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import WrongState, require


class UserActive(WrongState):
    """Not shut out."""

    code = "user_active"


@action
def reactivate_user(*, user: User, actor: Actor, now: datetime) -> User:
    """Let a person in again who was shut out; their roles hold again, their keys do not.

    Raises NotAllowed: unless the actor manages everybody; the operator's account is the operator's business.
    Raises UserActive: when they were not shut out.
    """
    require(policies.may_change_user(actor, user))
    user = locked(user)
    if user.is_active:
        raise UserActive
    user.is_active = True
    user.save(update_fields=["is_active"])
    publish("access.user.reactivated.v1", subject=user, now=now)
    return user
