from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.models import Membership, Organisation, User
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def grant_role(
    *, user: User, organisation: Organisation, role: str, until: datetime | None = None, actor: Actor, now: datetime
) -> Membership:
    """Give a person a role in an organisation, or another role than before.

    Raises NotAllowed: unless the actor manages that organisation's members. Raises InvalidFields: for an unknown role.
    """
    require(policies.may_manage_members(actor, organisation.pk))
    membership = Membership.objects.select_for_update().filter(user=user, organisation=organisation).first()
    membership = membership or Membership(user=user, organisation=organisation)
    membership.role, membership.until = role, until
    membership.check_fields()
    membership.save()
    publish("access.role.granted.v1", subject=membership, now=now, audience=[organisation.pk], data={"role": role})
    return membership
