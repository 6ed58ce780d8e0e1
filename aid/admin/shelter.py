from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.cancel_stay import cancel_stay
from aid.actions.change_shelter import change_shelter
from aid.actions.check_in import check_in
from aid.actions.check_out import check_out
from aid.actions.close_shelter import close_shelter
from aid.actions.mark_no_show import mark_no_show
from aid.actions.open_shelter import open_shelter
from aid.actions.pause_shelter import pause_shelter
from aid.actions.plan_stay import plan_stay
from aid.actions.reopen_shelter import reopen_shelter
from aid.enums import ShelterStatus, StayStatus
from aid.models import Shelter, ShelterStay
from coordination.records.actors import Actor
from coordination.web.admin.base import GuardedAdmin, GuardedRelatedFilter, Verb
from coordination.web.admin.forms import PlaceForm


class ShelterForm(PlaceForm):
    """Asks for the number of places too; left empty it stays unknown."""

    is_place_required = False
    total_places = forms.IntegerField(label=_("Places"), required=False, min_value=0)


def _runs(actor: Actor, stay: ShelterStay) -> bool:
    return policies.may_run_shelter(actor, stay.shelter)


@admin.register(Shelter)
class ShelterAdmin(GuardedAdmin):
    """Where people can go."""

    list_display = ["name", "kind", "status", "area", "operator", "amenities", "observed_at"]
    list_filter = ["kind", "status", "is_public", ("area", GuardedRelatedFilter), "is_exercise"]
    search_fields = ["ref", "name", "address"]
    verbs = [
        Verb(
            "reopen",
            _("Open"),
            reopen_shelter,
            "shelter",
            policies.may_run_shelter,
            (ShelterStatus.STANDBY, ShelterStatus.CLOSED),
        ),
        Verb(
            "pause",
            _("Put on standby"),
            pause_shelter,
            "shelter",
            policies.may_run_shelter,
            (ShelterStatus.OPEN,),
        ),
        Verb(
            "close",
            _("Mark as closed"),
            close_shelter,
            "shelter",
            policies.may_run_shelter,
            (ShelterStatus.OPEN, ShelterStatus.STANDBY),
        ),
    ]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if change else {"form": ShelterForm}), **kwargs)

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["operator", "name", "kind", "address"]
        rest = ["amenities", "amenities_verified_at", "backup_power_h", "is_step_free", "accepts_pets", "opening_hours"]
        shown = ["observed_at", "is_public"]
        if obj is None:
            return [*told, "lat", "lon", "total_places", *rest, *shown, "is_exercise"]
        known = ["ref", "status", *told, "place", "area", "occupancy", *rest, *shown]
        return [name for name in known if name != "occupancy" or self.shows(obj, "places")]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["ref", "status", "operator", "kind", "place", "area", "occupancy"] if obj else []

    @admin.display(description=_("places: free of total"))
    def occupancy(self, row: Shelter) -> str:
        """Tell how many places are left; only the operator and the cell get here."""
        return f"{row.places.free} / {row.places.total}" if row.places else self.get_empty_value_display()

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def may_change(self, actor: Actor, row: Shelter) -> bool:
        return policies.may_run_shelter(actor, row)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime) -> Shelter:
        return open_shelter(**values, actor=actor, now=now)

    def change_row(self, *, row: Shelter, values: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        change_shelter(shelter=row, **values, actor=actor, now=now)


@admin.register(ShelterStay)
class ShelterStayAdmin(GuardedAdmin):
    """Parties that hold places."""

    list_display = ["created_at", "shelter", "party_size", "status", "checked_in_at", "checked_out_at"]
    list_filter = ["status", ("shelter", GuardedRelatedFilter)]
    search_fields = ["shelter__name", "shelter__ref"]
    autocomplete_fields = ["shelter"]
    verbs = [
        Verb("check-in", _("Check in"), check_in, "stay", _runs, (StayStatus.PLANNED,)),
        Verb("check-out", _("Check out"), check_out, "stay", _runs, (StayStatus.CHECKED_IN,)),
        Verb("no-show", _("Did not come"), mark_no_show, "stay", _runs, (StayStatus.PLANNED,)),
        Verb("cancel", _("Cancel"), cancel_stay, "stay", _runs, (StayStatus.PLANNED,)),
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["shelter", "party_size"]
        return [*told, "status", "match", "checked_in_at", "checked_out_at"] if obj else told

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime) -> ShelterStay:
        return plan_stay(**values, actor=actor, now=now)
