from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from coordination.records.actors import Actor
from coordination.web.admin.base import GuardedAdmin, Verb
from incidents import policies
from incidents.actions.declare_access_constraint import declare_access_constraint
from incidents.actions.lift_access_constraint import lift_access_constraint
from incidents.models import AccessConstraint


@admin.register(AccessConstraint)
class AccessConstraintAdmin(GuardedAdmin):
    """Where help cannot go now."""

    list_display = ["kind", "area", "starts_at", "until", "lifted_at"]
    list_filter = ["kind", "is_exercise"]
    search_fields = ["area__name_uk", "area__name_en"]
    autocomplete_fields = ["area"]
    verbs = [
        Verb(
            "lift",
            _("Lift"),
            lift_access_constraint,
            "access_constraint",
            lambda actor, row: row.lifted_at is None and policies.may_lift(actor, row),
        )
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["reported_by", "kind", "area", "starts_at", "until"]
        return [*told, "lifted_at"] if obj else told

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(
        self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime
    ) -> AccessConstraint:
        return declare_access_constraint(**values, actor=actor, now=now)
