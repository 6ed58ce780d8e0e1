from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require
from incidents import policies
from incidents.models import AccessConstraint


class AccessConstraintOver(WrongState):
    """What is over cannot be lifted."""

    code = "access_constraint_over"
    message = _("This access constraint is over already.")


@action
def lift_access_constraint(*, access_constraint: AccessConstraint, actor: Actor, now: datetime) -> AccessConstraint:
    """Say that help can go there again, before the end that was foreseen.

    Raises AccessConstraintOver: when it was lifted before or has ended.
    """
    require(policies.may_lift(actor, access_constraint))
    access_constraint = locked(access_constraint)
    if access_constraint.lifted_at or (access_constraint.until and access_constraint.until <= now):
        raise AccessConstraintOver
    access_constraint.lifted_at = now
    access_constraint.save(update_fields=["lifted_at"])
    publish(
        "incidents.access_constraint.lifted.v1",
        subject=access_constraint,
        now=now,
        audience=[access_constraint.reported_by_id],
        data={"kind": access_constraint.kind},
    )
    return access_constraint
