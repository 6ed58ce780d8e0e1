from __future__ import annotations

from datetime import datetime
from typing import Any

from coordination.access import policies
from coordination.access.actions.checks import check_end, check_other_person, keep_an_administrator
from coordination.access.actors import Actor
from coordination.access.enums import Role
from coordination.access.models import Membership
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require


@action
def change_role(*, membership: Membership, actor: Actor, now: datetime, **values: Any) -> Membership:
    """Change a person's `role` in an organisation, and `until` when they hold it.

    Raises NotAllowed: unless the actor manages that organisation. Raises RoleForOneself: when the person is the actor.
    Raises LastAdministrator: when that leaves none. Raises InvalidFields: for an unknown role.
    Raises EndNotAhead: when it ended before.
    """
    require(policies.may_manage(actor, membership.organisation))
    membership = locked(membership)
    check_other_person(actor, membership)
    role, until = values.get("role", membership.role), values.get("until", membership.until)
    if "until" in values:
        check_end(until, now=now)
    if role != Role.ADMINISTRATOR or until is not None:
        keep_an_administrator(membership, actor)
    membership.role, membership.until = role, until
    membership.check_fields()
    membership.save(update_fields=["role", "until"])
    publish(
        "access.role.changed.v1",
        subject=membership,
        now=now,
        audience=[membership.organisation_id],
        data={"role": role},
    )
    return membership
