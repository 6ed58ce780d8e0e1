from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from coordination.records.actors import Actor
from coordination.web.admin.base import GuardedAdmin, GuardedInline, GuardedRelatedFilter, Verb
from coordination.web.admin.forms import PlaceForm
from incidents import policies
from incidents.actions.close_incident import close_incident
from incidents.actions.contain_incident import contain_incident
from incidents.actions.dismiss_incident import dismiss_incident
from incidents.actions.record_casualties import record_casualties
from incidents.actions.report_incident import report_incident
from incidents.actions.verify_incident import verify_incident
from incidents.enums import IncidentStatus, Verification
from incidents.models import CasualtyReport, ImpactSite, Incident

OPEN = (IncidentStatus.REPORTED, IncidentStatus.ACTIVE, IncidentStatus.CONTAINED)


class IncidentForm(PlaceForm):
    """Asks what a reporter knows in the first minute."""

    is_place_required = False


class ImpactSiteInline(GuardedInline):
    """Where it struck."""

    model = ImpactSite
    fields = readonly_fields = ("kind", "object_kind", "struck_at", "area")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class CasualtyReportInline(GuardedInline):
    """What each source said."""

    model = CasualtyReport
    fields = readonly_fields = ("as_of", "source", "killed", "injured", "missing", "displaced")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Incident)
class IncidentAdmin(GuardedAdmin):
    """What happened."""

    form = IncidentForm
    list_display = ["ref", "title", "hazard", "severity", "status", "verification", "occurred_at"]
    list_filter = ["status", "verification", "hazard", "severity", "is_exercise"]
    search_fields = ["ref", "title"]
    autocomplete_fields = ["areas"]
    inlines = [ImpactSiteInline, CasualtyReportInline]
    verbs = [
        Verb(
            "verify",
            _("Verify"),
            verify_incident,
            "incident",
            lambda actor, row: policies.may_verify(actor, row) and row.verification == Verification.UNVERIFIED,
            OPEN,
        ),
        Verb(
            "contain",
            _("Mark as contained"),
            contain_incident,
            "incident",
            policies.may_conclude,
            (IncidentStatus.ACTIVE,),
        ),
        Verb(
            "close",
            _("Mark as closed"),
            close_incident,
            "incident",
            policies.may_conclude,
            (IncidentStatus.ACTIVE, IncidentStatus.CONTAINED),
        ),
        Verb(
            "dismiss",
            _("Dismiss"),
            dismiss_incident,
            "incident",
            policies.may_dismiss,
            OPEN,
            needs_reason=True,
        ),
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["title", "hazard", "severity", "urgency", "certainty", "occurred_at", "description", "areas"]
        if obj is None:
            return ["reported_by", *told, "parent", "lat", "lon", "is_exercise"]
        return ["ref", "status", "verification", *told, "place", "parent", "reported_by", "reported_at", "public_from"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["place"] if obj else []

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime) -> Incident:
        return report_incident(**values, actor=actor, now=now)


@admin.register(CasualtyReport)
class CasualtyReportAdmin(GuardedAdmin):
    """Figures as each source gave them."""

    list_display = ["as_of", "incident", "source", "killed", "injured", "missing", "displaced"]
    list_filter = [("incident", GuardedRelatedFilter)]
    search_fields = ["source"]
    fields = ["incident", "reported_by", "source", "as_of", "killed", "injured", "missing", "displaced"]
    autocomplete_fields = ["incident"]

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def add_row(
        self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime
    ) -> CasualtyReport:
        return record_casualties(**values, actor=actor, now=now)
