"""Offer a paused resource again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_resource
from aid.actions.change_resource import refuse_places
from aid.enums import ResourceStatus
from aid.models import Resource
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotPaused(WrongState):
    code = "not_paused"
    message = _("Only a paused resource can be resumed.")


@action
def resume_resource(*, resource: Resource, actor: Actor, now: datetime) -> Resource:
    """Resume a paused resource.

    Raises NotPaused: in any other state.
    """
    require(policies.may_change_resource(actor, resource))
    refuse_places(resource)
    resource = locked(resource)
    if resource.status != ResourceStatus.PAUSED:
        raise NotPaused
    resource.status = ResourceStatus.AVAILABLE
    resource.save(update_fields=["status"])
    announce_resource("resumed", resource, now=now)
    return resource
