"""Pages for people, organisations, areas, events and what the doors remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.change_organisation import change_organisation
from coordination.access.actions.end_role import end_role
from coordination.access.actions.grant_role import grant_role
from coordination.access.actions.register_organisation import register_organisation
from coordination.access.actions.register_user import register_user
from coordination.access.actors import Actor
from coordination.access.models import (
    AccessRecord,
    ApiClient,
    ApiKey,
    ErasureTombstone,
    Membership,
    Organisation,
    SharingAgreement,
    User,
)
from coordination.areas.models import Area
from coordination.outbox.models import Event
from coordination.web.admin.base import GuardedAdmin, GuardedRelatedFilter, Verb
from coordination.web.admin.forms import ActionForm
from coordination.web.models import Job
from coordination.webhooks.models import WebhookDelivery, WebhookEndpoint


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

    list_display = ["name", "type", "is_vetted", "is_trusted", "is_cell", "is_active"]
    list_filter = ["type", "is_vetted", "is_trusted", "is_active"]
    search_fields = ["name"]
    fields = ["name", "type", "is_vetted", "is_trusted", "is_cell", "is_exercise", "is_active", "areas"]
    autocomplete_fields = ["areas"]

    def may_add(self, actor: Actor) -> bool:
        return policies.may_manage_everybody(actor)

    def may_change(self, actor: Actor, row: Organisation) -> bool:
        return policies.may_manage_everybody(actor)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        known = {name: value for name, value in values.items() if name not in {"type", "is_active"}}
        return register_organisation(**known, type_=values["type"], actor=actor, now=now)

    def change_row(self, *, row: Organisation, values: Mapping[str, Any], actor: Actor, now: Any) -> None:
        change_organisation(organisation=row, **values, actor=actor, now=now)


class NewUserForm(ActionForm):
    """Asks for a first password, which the person changes."""

    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))


@admin.register(User)
class UserAdmin(GuardedAdmin):
    """People who sign in."""

    list_display = ["username", "first_name", "last_name", "language", "is_active"]
    list_filter = ["is_active", "language"]
    search_fields = ["username", "first_name", "last_name"]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        names = ["username", "first_name", "last_name", "email", "language"]
        return [*names, "is_active"] if obj else [*names, "password"]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if change else {"form": NewUserForm}), **kwargs)

    def may_add(self, actor: Actor) -> bool:
        return policies.may_manage_everybody(actor)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        return register_user(**values, actor=actor, now=now)


@admin.register(Membership)
class MembershipAdmin(GuardedAdmin):
    """Who holds which role where."""

    list_display = ["user", "organisation", "role", "until"]
    list_filter = ["role", ("organisation", GuardedRelatedFilter)]
    fields = ["user", "organisation", "role", "until"]
    autocomplete_fields = ["user", "organisation"]
    verbs = [
        Verb(
            "end",
            _("End this role now"),
            end_role,
            "membership",
            lambda actor, row: policies.may_manage(actor, row.organisation),
        )
    ]

    def may_add(self, actor: Actor) -> bool:
        return actor.is_operator or actor.may(policies.MANAGE)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        return grant_role(**values, actor=actor, now=now)


@admin.register(SharingAgreement)
class SharingAgreementAdmin(GuardedAdmin):
    """Who lets whom see what."""

    list_display = ["giver", "receiver", "purpose", "until"]
    fields = ["giver", "receiver", "areas", "classes", "purpose", "until"]


@admin.register(ApiClient)
class ApiClientAdmin(GuardedAdmin):
    """Systems that call the APIs."""

    list_display = ["name", "organisation", "until", "is_active"]
    list_filter = ["is_active", ("organisation", GuardedRelatedFilter)]
    search_fields = ["name"]
    fields = ["name", "organisation", "scopes", "until", "is_active"]


@admin.register(ApiKey)
class ApiKeyAdmin(GuardedAdmin):
    """Keys by their prefix; the secret is shown once and kept nowhere."""

    list_display = ["prefix", "client", "user", "until", "revoked_at", "last_used_at"]
    search_fields = ["prefix"]
    fields = ["prefix", "client", "user", "scopes", "until", "revoked_at", "last_used_at"]


@admin.register(AccessRecord)
class AccessRecordAdmin(GuardedAdmin):
    """Who read sealed data."""

    list_display = ["read_at", "user", "organisation", "purpose", "subject"]
    list_filter = ["subject", ("organisation", GuardedRelatedFilter)]
    fields = ["read_at", "user", "organisation", "purpose", "subject", "subject_ids"]


@admin.register(ErasureTombstone)
class ErasureTombstoneAdmin(GuardedAdmin):
    """What was erased."""

    list_display = ["erased_at", "subject", "subject_id"]
    fields = ["erased_at", "subject", "subject_id"]

    def may_view(self, actor: Actor) -> bool:
        return actor.is_cell


@admin.register(Event)
class EventAdmin(GuardedAdmin):
    """What has happened, for the cell: events are numbered, and numbers tell how much happens to others."""

    list_display = ["sequence", "type", "occurred_at", "relayed_at"]
    search_fields = ["type"]
    fields = ["sequence", "type", "subject_id", "occurred_at", "relayed_at", "data"]

    def may_view(self, actor: Actor) -> bool:
        return actor.is_cell


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(GuardedAdmin):
    """Where partners want to hear of events."""

    list_display = ["url", "organisation", "is_active"]
    fields = ["url", "organisation", "event_types", "is_active"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(GuardedAdmin):
    """What became of each message."""

    list_display = ["endpoint", "status", "attempts", "next_attempt_at"]
    list_filter = ["status"]
    fields = ["endpoint", "event_type", "status", "attempts", "next_attempt_at", "response_status"]

    @admin.display(description=_("event"))
    def event_type(self, row: WebhookDelivery) -> str:
        """Name the event without its number."""
        return row.event.type


@admin.register(Job)
class JobAdmin(GuardedAdmin):
    """Long imports and exports."""

    list_display = ["created_at", "kind", "subject", "status", "rows_done", "rows_refused"]
    list_filter = ["kind", "status"]
    fields = ["organisation", "kind", "subject", "status", "rows_total", "rows_done", "rows_refused"]
