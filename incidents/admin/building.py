from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from coordination.records.actors import Actor
from coordination.web.admin.base import GuardedAdmin, GuardedInline, GuardedRelatedFilter
from coordination.web.admin.forms import PlaceForm
from incidents import policies
from incidents.actions.assess_building import assess_building
from incidents.actions.register_building import register_building
from incidents.enums import Grade, Habitability
from incidents.models import AffectedBuilding, DamageAssessment


class DamageAssessmentInline(GuardedInline):
    """What observers saw, the newest first."""

    model = DamageAssessment
    fields = readonly_fields = ("assessed_at", "method", "scale", "value", "grade", "habitability")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(AffectedBuilding)
class AffectedBuildingAdmin(GuardedAdmin):
    """Buildings that were hit or stand near, with the grade that their assessments give."""

    form = PlaceForm
    list_display = ["address", "use", "incident", "area", "current_grade", "current_habitability"]
    list_filter = ["use", ("incident", GuardedRelatedFilter)]
    search_fields = ["address"]
    autocomplete_fields = ["incident", "impact_site"]
    inlines = [DamageAssessmentInline]

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return super().get_queryset(request).with_grade()  # type: ignore[attr-defined] # our queryset

    @admin.display(description=_("grade"))
    def current_grade(self, row: Any) -> Any:
        """Name the grade of the assessment that counts."""
        return Grade(row.grade).label if row.grade is not None else self.get_empty_value_display()

    @admin.display(description=_("habitability"))
    def current_habitability(self, row: Any) -> Any:
        """Name the placard of the assessment that counts."""
        return Habitability(row.habitability).label if row.habitability else self.get_empty_value_display()

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["incident", "impact_site", "reported_by", "address", "use", "dwellings", "residents"]
        return [*told, "place", "area", "current_grade", "current_habitability"] if obj else [*told, "lat", "lon"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["place", "current_grade", "current_habitability"] if obj else []

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(
        self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime
    ) -> AffectedBuilding:
        return register_building(**values, actor=actor, now=now)


@admin.register(DamageAssessment)
class DamageAssessmentAdmin(GuardedAdmin):
    """Observations of buildings; added, never changed."""

    list_display = ["assessed_at", "building", "method", "scale", "value", "grade", "habitability"]
    list_filter = ["method", "scale", "grade"]
    search_fields = ["building__address"]
    autocomplete_fields = ["building"]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["building", "reported_by", "scale", "value", "method", "assessed_at", "habitability"]
        return [*told, "grade"] if obj else told

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(
        self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime
    ) -> DamageAssessment:
        return assess_building(**values, actor=actor, now=now)
