from __future__ import annotations

from datetime import datetime
from typing import Any

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.models import User
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require

CHANGEABLE = frozenset({"first_name", "last_name", "email", "language"})


@action
def change_user(*, user: User, actor: Actor, now: datetime, **values: Any) -> User:
    """Change a person's names, address for messages and language.

    Raises NotAllowed: unless the actor manages everybody; the operator's account is the operator's business.
    Raises InvalidFields: for a bad address.
    """
    require(policies.may_change_user(actor, user) and values.keys() <= CHANGEABLE)
    user = locked(user)
    for name, value in values.items():
        setattr(user, name, value)
    user.check_fields()
    user.save(update_fields=list(values))
    publish("access.user.changed.v1", subject=user, now=now)
    return user
