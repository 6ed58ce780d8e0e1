"""Take an offer back for good."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.announce import announce_resource
from aid.actions.change_resource import ResourceIsWithdrawn, refuse_places
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_proposals_of
from aid.enums import EndReason, MatchStatus, ResourceStatus
from aid.models import Resource
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def withdraw_resource(*, resource: Resource, actor: Actor, now: datetime) -> Resource:
    """Withdraw a resource: its proposals are let go, what was accepted stays promised.

    Raises ResourceIsWithdrawn: when that was done before.
    """
    require(policies.may_change_resource(actor, resource))
    refuse_places(resource)
    resource, proposals = lock_proposals_of(resource)
    if resource.status == ResourceStatus.WITHDRAWN:
        raise ResourceIsWithdrawn
    let_go(proposals, status=MatchStatus.CANCELLED, reason=EndReason.RESOURCE_WITHDRAWN, actor=actor, now=now)
    resource.status = ResourceStatus.WITHDRAWN
    resource.save(update_fields=["status"])
    announce_resource("withdrawn", resource, now=now)
    return resource
