"""Hold places in a shelter for a party that is on its way."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_stay
from aid.actions.checks import field_problems, refuse
from aid.actions.lock_order import lock_resources_and_lines
from aid.enums import ShelterStatus
from aid.models import Shelter, ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import FieldProblem, WrongState, require


class PlacesUnknown(WrongState):
    code = "places_unknown"
    message = _("Nobody has said how many places the shelter has.")
    field = "shelter"


class ShelterNotOpen(WrongState):
    code = "shelter_not_open"
    message = _("The shelter is not open.")
    field = "shelter"


class NotEnoughPlaces(WrongState):
    code = "not_enough_places"
    message = _("There are not enough free places.")
    field = "party_size"


@action
def plan_stay(*, shelter: Shelter, party_size: int, actor: Actor, now: datetime) -> ShelterStay:
    """Plan a stay, which reserves its places.

    Raises PlacesUnknown, ShelterNotOpen, NotEnoughPlaces: when the shelter cannot take the party.
    """
    require(policies.may_run_shelter(actor, shelter))
    stay = ShelterStay(shelter=shelter, party_size=party_size)
    if party_size < 1:
        refuse([FieldProblem("party_size", "min_value", _("A party is at least one person."))])
    refuse(field_problems(stay))
    if shelter.places_id is None:
        raise PlacesUnknown
    places = lock_resources_and_lines([shelter.places_id], [])[0][shelter.places_id]
    # Whoever opens or closes the shelter holds its places.
    stay.shelter = Shelter.objects.get(pk=shelter.pk)
    if stay.shelter.status != ShelterStatus.OPEN:
        raise ShelterNotOpen
    if places.free < party_size:
        raise NotEnoughPlaces
    places.reserved += party_size
    places.save(update_fields=["reserved"])
    stay.save(force_insert=True)
    announce_stay("planned", stay, now=now)
    return stay
