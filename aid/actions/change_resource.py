"""Correct or enlarge an offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aid import policies
from aid.actions.announce import announce_resource
from aid.actions.checks import refuse, resource_problems
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_proposals_of
from aid.enums import EndReason, MatchStatus, ResourceStatus
from aid.models import Resource, Shelter
from coordination.areas.models import Area
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, WrongState, require


class ResourceChanges(TypedDict, total=False):
    """What may be changed about a resource; what is not named stays."""

    name: str
    total: int
    location: Point
    service_radius_m: int
    available_from: datetime | None
    expires_at: datetime | None
    conditions: Sequence[str]


# What makes a proposal possible: when it changes, proposals have to be made anew.
PLACE_AND_FITNESS = {"location", "service_radius_m", "available_from", "expires_at", "conditions"}


class PlacesOfShelter(DomainError):
    code = "places_of_shelter"
    message = _("These are the places of a shelter: change the shelter instead.")


class ResourceIsWithdrawn(WrongState):
    code = "resource_is_withdrawn"
    message = _("The resource was withdrawn.")


class LessThanPromised(DomainError):
    code = "less_than_promised"
    field = "total"

    def __init__(self, resource: Resource, *, field: str = "total") -> None:
        promised = resource.reserved + resource.consumed
        message = ngettext(
            "%(promised)d is promised or gone already; the total cannot be less.",
            "%(promised)d are promised or gone already; the total cannot be less.",
            promised,
        )
        super().__init__(message % {"promised": promised}, field=field)


@action
def change_resource(*, resource: Resource, actor: Actor, now: datetime, **changes: Unpack[ResourceChanges]) -> Resource:
    """Change what is named; when its place or fitness changes, proposals are let go and made anew, promises stay.

    Raises ResourceIsWithdrawn: after its end. Raises LessThanPromised: when the total would not cover what is promised.
    Raises InvalidFields: naming each field that is wrong.
    """
    require(policies.may_change_resource(actor, resource))
    refuse_places(resource)
    resource, proposals = lock_proposals_of(resource)
    if resource.status == ResourceStatus.WITHDRAWN:
        raise ResourceIsWithdrawn
    if "conditions" in changes:
        changes["conditions"] = list(dict.fromkeys(changes["conditions"]))
    changed = {name for name, value in changes.items() if getattr(resource, name) != value}
    for name in changed:
        setattr(resource, name, changes[name])  # type: ignore[literal-required] # a name out of the changes themselves
    if "location" in changed:
        resource.area = Area.objects.containing(resource.location).first() if resource.location else None
    refuse(resource_problems(resource, now))
    if resource.free < 0:
        raise LessThanPromised(resource)
    if changed & PLACE_AND_FITNESS:
        let_go(proposals, status=MatchStatus.CANCELLED, reason=EndReason.RESOURCE_CHANGED, actor=actor, now=now)
    if changed:
        resource.save(update_fields=[*changed, "area"])
        announce_resource("changed", resource, now=now)
    return resource


def refuse_places(resource: Resource) -> None:
    """Leave the places of a shelter to the shelter's own verbs.

    Raises PlacesOfShelter: when the resource is a shelter's places.
    """
    if Shelter.objects.filter(places=resource.pk).exists():
        raise PlacesOfShelter
