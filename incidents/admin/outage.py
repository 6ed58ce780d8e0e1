from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from coordination.records.actors import Actor
from coordination.web.admin.base import GuardedAdmin, Verb
from incidents import policies
from incidents.actions.report_outage import report_outage
from incidents.actions.restore_outage import restore_outage
from incidents.enums import OutageStatus
from incidents.models import Outage


@admin.register(Outage)
class OutageAdmin(GuardedAdmin):
    """Services that are interrupted."""

    list_display = ["service", "status", "customers_affected", "started_at", "expected_until", "incident"]
    list_filter = ["service", "status", "is_exercise"]
    search_fields = ["areas__name_uk", "areas__name_en"]
    autocomplete_fields = ["areas", "incident"]
    verbs = [
        Verb(
            "restore",
            _("Mark as restored"),
            restore_outage,
            "outage",
            policies.may_restore,
            (OutageStatus.ACTIVE, OutageStatus.PLANNED),
        )
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["incident", "reported_by", "service", "areas", "customers_affected", "started_at", "expected_until"]
        return [*told, "status", "restored_at"] if obj else told

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime) -> Outage:
        return report_outage(**values, actor=actor, now=now)
