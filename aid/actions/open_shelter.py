"""Open a place where people can go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_resource, announce_shelter
from aid.actions.checks import field_problems, refuse, resource_problems
from aid.actions.offer_resource import usual_radius_m
from aid.enums import Amenity, Condition, ResourceStatus, ShelterKind, ShelterStatus
from aid.models import Item, Resource, Shelter
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, FieldProblem, require

# What one place in a shelter of each kind is, by the code of its item.
PLACE_ITEMS: Mapping[str, str] = {
    ShelterKind.COLLECTIVE_CENTRE: "bed_place",
    ShelterKind.TRANSIT_CENTRE: "bed_place",
    ShelterKind.POINT_OF_INVINCIBILITY: "heated_place",
    ShelterKind.BOMB_SHELTER: "shelter_place",
    ShelterKind.PROTECTIVE_SHELTER: "shelter_place",
}


class NoItemForPlaces(DomainError):
    code = "no_item_for_places"
    message = _("The catalogue has no item for the places of such a shelter.")
    field = "kind"


@action
def open_shelter(
    *,
    operator: Organisation,
    name: str,
    kind: str,
    location: Point | None = None,
    area: Area | None = None,
    total_places: int | None = None,
    service_radius_m: int | None = None,
    status: str = ShelterStatus.OPEN,
    address: str = "",
    amenities: Sequence[str] = (),
    amenities_verified_at: datetime | None = None,
    backup_power_h: int | None = None,
    is_step_free: bool | None = None,
    accepts_pets: bool | None = None,
    opening_hours: str = "",
    observed_at: datetime | None = None,
    is_public: bool = False,
    is_exercise: bool = False,
    client_ref: str = "",
    actor: Actor,
    now: datetime,
) -> Shelter:
    """Open a shelter, and its places as a resource where their number is known; it may also begin on standby.

    `area` counts where the location does not tell it. What an organisation made for exercises opens is an exercise.
    Raises InvalidFields: naming each field that is wrong. Raises NoItemForPlaces: when the catalogue lacks it.
    """
    area = (Area.objects.containing(location).first() if location else None) or area
    require(policies.may_offer(actor, operator.pk, area.pk if area else None))
    shelter = Shelter(
        name=name,
        kind=kind,
        operator=operator,
        location=location,
        area=area,
        address=address,
        status=status,
        amenities=list(dict.fromkeys(amenities)),
        amenities_verified_at=amenities_verified_at,
        backup_power_h=backup_power_h,
        is_step_free=is_step_free,
        accepts_pets=accepts_pets,
        opening_hours=opening_hours,
        observed_at=observed_at,
        is_public=is_public,
        is_exercise=is_exercise or operator.is_exercise,
        client_ref=client_ref,
    )
    refuse(field_problems(shelter))
    if total_places is not None:
        add_places(shelter, total_places, service_radius_m, now)
    shelter.save(force_insert=True)
    announce_shelter("opened", shelter, now=now)
    return shelter


def add_places(shelter: Shelter, total_places: int, service_radius_m: int | None, now: datetime) -> None:
    """Make the resource that counts a shelter's places, and give it to the shelter, unsaved."""
    item = Item.objects.filter(code=PLACE_ITEMS[shelter.kind]).first()
    if item is None:
        raise NoItemForPlaces
    places = Resource(
        provider=shelter.operator,
        item=item,
        total=total_places,
        service_radius_m=usual_radius_m(item) if service_radius_m is None else service_radius_m,
    )
    align_places(shelter, places)
    refuse(place_problems(places, now))
    places.save(force_insert=True)
    shelter.places = places
    announce_resource("offered", places, now=now)


def align_places(shelter: Shelter, places: Resource) -> None:
    """Let the places be where and what their shelter is; only an open shelter's can be promised."""
    places.name = shelter.name[:200]
    places.location = shelter.location
    places.area = shelter.area
    places.conditions = conditions_of(shelter)
    places.is_exercise = shelter.is_exercise
    if places.status != ResourceStatus.WITHDRAWN:
        is_open = shelter.status == ShelterStatus.OPEN
        places.status = ResourceStatus.AVAILABLE if is_open else ResourceStatus.PAUSED


def conditions_of(shelter: Shelter) -> list[str]:
    """Name the conditions that a shelter meets; what is not known is not promised."""
    met = {
        Condition.STEP_FREE: shelter.is_step_free,
        Condition.PETS: shelter.accepts_pets,
        Condition.HEATED: Amenity.HEAT in shelter.amenities,
        # The grid alone does not keep an oxygen concentrator running through a night of strikes.
        Condition.MEDICAL_POWER: Amenity.POWER in shelter.amenities and shelter.backup_power_h,
    }
    return [condition for condition, is_met in met.items() if is_met]


def place_problems(places: Resource, now: datetime) -> list[FieldProblem]:
    """Say what is wrong with the places, in the words of the shelter."""
    return [
        FieldProblem("total_places" if problem.field == "total" else problem.field, problem.code, problem.message)
        for problem in resource_problems(places, now)
    ]
