"""Pages for areas and for who takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.change_organisation import change_organisation
from coordination.access.actions.open_sandbox import open_sandbox
from coordination.access.actions.register_organisation import register_organisation
from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.web.admin.base import GuardedAdmin, Verb

TOLD = ["name", "type", "is_vetted", "is_trusted", "is_cell"]


@admin.register(Area)
class AreaAdmin(GuardedAdmin):
    """Areas come by `load_areas`; here they are looked up."""

    list_display = ["name_uk", "name_en", "level", "pcode", "katottg"]
    list_filter = ["level"]
    search_fields = ["name_uk", "name_en", "pcode", "katottg"]
    fields = ["name_uk", "name_en", "level", "parent", "pcode", "katottg"]


@admin.register(Organisation)
class OrganisationAdmin(GuardedAdmin):
    """Who takes part."""

    list_display = ["name", "type", "is_vetted", "is_cell", "is_exercise", "is_active"]
    list_filter = ["type", "is_vetted", "is_cell", "is_exercise", "is_active"]
    search_fields = ["name"]
    readonly_fields = ["sandbox_of"]
    autocomplete_fields = ["areas"]
    verbs = [
        Verb(
            "open-sandbox",
            _("Open a sandbox for its systems"),
            open_sandbox,
            "organisation",
            lambda actor, row: not row.is_exercise and policies.may_manage(actor, row),
        )
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return (
            [*TOLD, "is_active", "areas", "open_matches_max", "sandbox_of"] if obj else [*TOLD, "is_exercise", "areas"]
        )

    def may_add(self, actor: Actor) -> bool:
        return policies.may_manage_everybody(actor)

    def may_change(self, actor: Actor, row: Organisation) -> bool:
        return policies.may_manage_everybody(actor)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        known = {name: value for name, value in values.items() if name != "type"}
        return register_organisation(**known, type_=values["type"], actor=actor, now=now)

    def change_row(self, *, row: Organisation, values: Mapping[str, Any], actor: Actor, now: Any) -> None:
        change_organisation(organisation=row, **values, actor=actor, now=now)
