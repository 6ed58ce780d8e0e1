"""Correct what is known about a shelter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from django.contrib.gis.geos import Point

from aid import policies
from aid.actions.announce import announce_resource, announce_shelter
from aid.actions.change_resource import LessThanPromised
from aid.actions.checks import field_problems, refuse
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_proposals_of
from aid.actions.open_shelter import add_places, align_places, place_problems
from aid.enums import EndReason, MatchStatus
from aid.models import Resource, Shelter
from coordination.areas.models import Area
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import require


class ShelterChanges(TypedDict, total=False):
    """What may be changed about a shelter; what is not named stays."""

    name: str
    location: Point | None
    area: Area | None
    address: str
    total_places: int
    service_radius_m: int
    amenities: Sequence[str]
    amenities_verified_at: datetime | None
    backup_power_h: int | None
    is_step_free: bool | None
    accepts_pets: bool | None
    opening_hours: str
    observed_at: datetime | None
    is_public: bool


@action
def change_shelter(*, shelter: Shelter, actor: Actor, now: datetime, **changes: Unpack[ShelterChanges]) -> Shelter:
    """Change what is named and keep the places in step; where they move or fit others, proposals are made anew.

    Raises LessThanPromised: when the places would not cover the stays. Raises InvalidFields: naming each wrong field.
    """
    require(policies.may_run_shelter(actor, shelter))
    shelter = locked(shelter)
    total_places = changes.pop("total_places", None)
    service_radius_m = changes.pop("service_radius_m", None)
    if "amenities" in changes:
        changes["amenities"] = list(dict.fromkeys(changes["amenities"]))
    for name, value in changes.items():
        setattr(shelter, name, value)
    if changes.get("location") and "area" not in changes:
        shelter.area = Area.objects.containing(shelter.location).first() if shelter.location else None
    refuse(field_problems(shelter))
    if shelter.places:
        shelter.places = _change_places(shelter, shelter.places, total_places, service_radius_m, actor, now)
    elif total_places is not None:
        add_places(shelter, total_places, service_radius_m, now)
    shelter.save(update_fields=[*changes, "area", "places"])
    announce_shelter("changed", shelter, now=now)
    return shelter


def _change_places(
    shelter: Shelter, places: Resource, total: int | None, service_radius_m: int | None, actor: Actor, now: datetime
) -> Resource:
    places, proposals = lock_proposals_of(places)
    before = (places.location, places.service_radius_m, places.conditions)
    align_places(shelter, places)
    places.total = places.total if total is None else total
    places.service_radius_m = places.service_radius_m if service_radius_m is None else service_radius_m
    refuse(place_problems(places, now))
    if places.free < 0:
        raise LessThanPromised(places, field="total_places")
    if before != (places.location, places.service_radius_m, places.conditions):
        let_go(proposals, status=MatchStatus.CANCELLED, reason=EndReason.RESOURCE_CHANGED, actor=actor, now=now)
    places.save(
        update_fields=["name", "location", "area", "conditions", "is_exercise", "status", "total", "service_radius_m"]
    )
    announce_resource("changed", places, now=now)
    return places
