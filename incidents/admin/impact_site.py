from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin

from coordination.records.actors import Actor
from coordination.web.admin.base import GuardedAdmin, GuardedRelatedFilter
from coordination.web.admin.forms import PlaceForm
from incidents import policies
from incidents.actions.add_impact_site import add_impact_site
from incidents.models import ImpactSite


@admin.register(ImpactSite)
class ImpactSiteAdmin(GuardedAdmin):
    """Places that were struck."""

    form = PlaceForm
    list_display = ["struck_at", "kind", "object_kind", "incident", "area"]
    list_filter = ["kind", "object_kind", ("incident", GuardedRelatedFilter)]
    search_fields = ["incident__ref", "incident__title"]
    autocomplete_fields = ["incident"]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["incident", "reported_by", "kind", "object_kind", "struck_at"]
        return [*told, "place", "area", "reported_at"] if obj else [*told, "lat", "lon"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["place"] if obj else []

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime) -> ImpactSite:
        return add_impact_site(**values, actor=actor, now=now)
