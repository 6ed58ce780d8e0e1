"""Pages for systems and their credentials; each secret is shown on one page, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.change_client import change_client
from coordination.access.actions.checks import A_YEAR
from coordination.access.actions.end_client import end_client
from coordination.access.actions.issue_client_key import issue_client_key
from coordination.access.actions.issue_own_key import issue_own_key
from coordination.access.actions.make_oauth_secret import make_oauth_secret
from coordination.access.actions.register_client import register_client
from coordination.access.actions.revoke_key import revoke_key
from coordination.access.actions.rotate_key import LONGEST_OVERLAP_H, rotate_key
from coordination.access.actors import Actor
from coordination.access.enums import SYSTEM_SCOPES, Scope
from coordination.access.keys import Issued
from coordination.access.models import ApiClient, ApiKey, OAuthClient
from coordination.records.clock import database_now
from coordination.web.admin.base import GuardedAdmin, GuardedRelatedFilter, Verb
from coordination.web.admin.forms import ActionForm, VerbForm
from coordination.web.admin.secrets import secret_page

USUAL_DAYS = 90


def _scopes() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=_("Scopes"), choices=Scope, widget=forms.CheckboxSelectMultiple)


def _days() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("For how many days"),
        initial=USUAL_DAYS,
        min_value=1,
        max_value=A_YEAR.days,
        help_text=_("A year at most."),
    )


class ClientKeyForm(VerbForm):
    """Asks what of its system's scopes a key may use, and how long."""

    scopes = _scopes()
    days = _days()

    def __init__(self, data: Any = None, *, row: Any) -> None:
        super().__init__(data, row=row)
        field = self.fields["scopes"]
        field.choices = [(code, label) for code, label in Scope.choices if code in row.scopes]  # type: ignore[attr-defined] # a field of choices
        field.initial = row.scopes


class RotationForm(VerbForm):
    """Asks how long the old key goes on beside the new one."""

    overlap_h = forms.IntegerField(
        label=_("Hours in which both keys work"), initial=24, min_value=0, max_value=LONGEST_OVERLAP_H
    )


class OwnKeyForm(ActionForm):
    """Asks what a key of one's own may do, and how long."""

    scopes = _scopes()
    days = _days()


def issue_for_days(*, client: ApiClient, scopes: Sequence[str], days: int, actor: Actor, now: Any) -> Issued[ApiKey]:
    """Issue a key as forms ask for it: for so many days."""
    return issue_client_key(client=client, scopes=scopes, until=now + timedelta(days=days), actor=actor, now=now)


@admin.register(ApiClient)
class ApiClientAdmin(GuardedAdmin):
    """Systems that call the APIs in the name of an organisation."""

    list_display = ["name", "organisation", "until", "is_active"]
    list_filter = ["is_active", ("organisation", GuardedRelatedFilter)]
    search_fields = ["name"]
    managed_fields = ["organisation"]
    verbs = [
        Verb(
            "issue-key",
            _("Issue a key"),
            issue_for_days,
            "client",
            lambda actor, row: row.is_active and policies.may_manage(actor, row.organisation),
            form=ClientKeyForm,
            answer=secret_page,
        ),
        Verb(
            "make-oauth-secret",
            _("Make an OAuth2 secret"),
            make_oauth_secret,
            "client",
            lambda actor, row: row.is_active and policies.may_manage(actor, row.organisation),
            form=VerbForm,
            explain=lambda row: _("A secret that it has already ends at once, and the tokens fetched by it."),
            answer=secret_page,
        ),
        Verb(
            "end",
            _("End this system for good"),
            end_client,
            "client",
            lambda actor, row: row.is_active and policies.may_manage(actor, row.organisation),
            form=VerbForm,
            explain=lambda row: _("Its keys and its OAuth2 secret end at once; this cannot be undone."),
        ),
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return ["organisation", "name", "scopes", "until", *(["is_active"] if obj else [])]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["organisation", "is_active"] if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "scopes":
            field.choices = [(code, label) for code, label in Scope.choices if code in SYSTEM_SCOPES]
        return field

    def may_view(self, actor: Actor) -> bool:
        return policies.may_manage_somebody(actor)

    def may_add(self, actor: Actor) -> bool:
        return policies.may_manage_somebody(actor)

    def may_change(self, actor: Actor, row: ApiClient) -> bool:
        return row.is_active and policies.may_manage(actor, row.organisation)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        return register_client(**values, actor=actor, now=now)

    def change_row(self, *, row: ApiClient, values: Mapping[str, Any], actor: Actor, now: Any) -> None:
        change_client(client=row, **values, actor=actor, now=now)


@admin.register(OAuthClient)
class OAuthClientAdmin(GuardedAdmin):
    """By which ids systems fetch access tokens, and when their secrets were made."""

    list_display = ["identifier", "system", "secret_made_at"]
    fields = ["identifier", "system", "secret_made_at"]
    readonly_fields = ["identifier"]
    # The OAuth2 library has a page of each client, which is not offered here.
    view_on_site = False

    @admin.display(description=_("client id"), ordering="client_id")
    def identifier(self, row: OAuthClient) -> str:
        """Give the id, which the OAuth2 library names in English alone."""
        return str(row.client_id)

    def may_view(self, actor: Actor) -> bool:
        return policies.may_manage_somebody(actor)


@admin.register(ApiKey)
class ApiKeyAdmin(GuardedAdmin):
    """Keys by their prefix; a new one here is the viewer's own, those of systems are issued on their pages."""

    list_display = ["prefix", "client", "user", "until", "revoked_at", "last_used_at"]
    search_fields = ["prefix"]
    form = OwnKeyForm
    verbs = [
        Verb(
            "rotate",
            _("Replace by a new key"),
            rotate_key,
            "key",
            lambda actor, row: not row.has_ended(database_now()) and policies.may_use_key(actor, row),
            form=RotationForm,
            answer=secret_page,
        ),
        Verb(
            "revoke",
            _("End this key now"),
            revoke_key,
            "key",
            lambda actor, row: not row.has_ended(database_now()) and policies.may_end_key(actor, row),
        ),
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["prefix", "client", "user", "scopes", "until", "revoked_at", "last_used_at"]
        return told if obj else ["scopes", "days"]

    def may_add(self, actor: Actor) -> bool:
        return actor.user_id is not None and actor.credential is None

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        issued = issue_own_key(
            scopes=values["scopes"], until=now + timedelta(days=values["days"]), actor=actor, now=now
        )
        # Handed to the one answer that shows it; the row is not loaded from anywhere again.
        issued.row.issued = issued  # type: ignore[attr-defined] # read by response_add
        return issued.row

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return secret_page(self, request, obj.issued)
