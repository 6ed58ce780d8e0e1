from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.actions.checks import check_active, check_end, check_other_person, keep_an_administrator
from coordination.access.actors import Actor
from coordination.access.enums import Role
from coordination.access.models import Membership, Organisation, User
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.errors import require


@action
def grant_role(
    *, user: User, organisation: Organisation, role: str, until: datetime | None = None, actor: Actor, now: datetime
) -> Membership:
    """Give a person a role in an organisation, or another role than before.

    Raises NotAllowed: unless the actor manages that organisation. Raises OrganisationNotActive: when it is not.
    Raises RoleForOneself: when the person is the actor. Raises LastAdministrator: when that leaves none.
    Raises InvalidFields: for an unknown role. Raises EndNotAhead: when it ended before.
    """
    require(policies.may_manage(actor, organisation))
    check_active(organisation)
    check_end(until, now=now)
    membership = Membership.objects.select_for_update().filter(user=user, organisation=organisation).first()
    membership = membership or Membership(user=user, organisation=organisation)
    check_other_person(actor, membership)
    if role != Role.ADMINISTRATOR or until is not None:
        keep_an_administrator(membership, actor)
    membership.role, membership.until = role, until
    membership.check_fields()
    membership.save()
    publish("access.role.granted.v1", subject=membership, now=now, audience=[organisation.pk], data={"role": role})
    return membership
