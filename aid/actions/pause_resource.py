"""Stop offering a resource for a while."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_resource
from aid.actions.change_resource import refuse_places
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_proposals_of
from aid.enums import EndReason, MatchStatus, ResourceStatus
from aid.models import Resource
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotAvailable(WrongState):
    code = "not_available"
    message = _("Only an available resource can be paused.")


@action
def pause_resource(*, resource: Resource, actor: Actor, now: datetime) -> Resource:
    """Pause a resource: its proposals are let go, what was accepted stays promised.

    Raises NotAvailable: in any other state.
    """
    require(policies.may_change_resource(actor, resource))
    refuse_places(resource)
    resource, proposals = lock_proposals_of(resource)
    if resource.status != ResourceStatus.AVAILABLE:
        raise NotAvailable
    let_go(proposals, status=MatchStatus.CANCELLED, reason=EndReason.RESOURCE_PAUSED, actor=actor, now=now)
    resource.status = ResourceStatus.PAUSED
    resource.save(update_fields=["status"])
    announce_resource("paused", resource, now=now)
    return resource
