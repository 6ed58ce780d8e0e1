"""Pages for people and their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.change_role import change_role
from coordination.access.actions.change_user import change_user
from coordination.access.actions.deactivate_user import deactivate_user
from coordination.access.actions.end_role import end_role
from coordination.access.actions.erase_user import erase_user
from coordination.access.actions.grant_role import grant_role
from coordination.access.actions.reactivate_user import reactivate_user
from coordination.access.actions.register_user import register_user
from coordination.access.actions.reset_sign_in import reset_sign_in
from coordination.access.actors import Actor
from coordination.access.models import Membership, User
from coordination.web.admin.base import GuardedAdmin, GuardedRelatedFilter, Verb
from coordination.web.admin.forms import ActionForm, VerbForm
from coordination.web.admin.secrets import secret_page


class NewUserForm(ActionForm):
    """Asks for a first password, which the person changes."""

    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))


@admin.register(User)
class UserAdmin(GuardedAdmin):
    """People who sign in."""

    list_display = ["username", "first_name", "last_name", "language", "is_active"]
    list_filter = ["is_active", "language"]
    search_fields = ["username", "first_name", "last_name"]
    verbs = [
        Verb(
            "deactivate",
            _("Shut out, and end all keys"),
            deactivate_user,
            "user",
            lambda actor, row: row.is_active and row.pk != actor.user_id and policies.may_change_user(actor, row),
        ),
        Verb(
            "reactivate",
            _("Let in again"),
            reactivate_user,
            "user",
            lambda actor, row: not row.is_active and policies.may_change_user(actor, row),
        ),
        Verb(
            "reset-sign-in",
            _("Make a new password"),
            reset_sign_in,
            "user",
            lambda actor, row: row.is_active and policies.may_change_user(actor, row),
            form=VerbForm,
            explain=lambda row: _(
                "For a forgotten password or a lost phone: second factors and keys go, sessions end."
            ),
            answer=secret_page,
        ),
        Verb(
            "erase",
            _("Erase who this is"),
            erase_user,
            "user",
            lambda actor, row: row.pk != actor.user_id and policies.may_change_user(actor, row),
            needs_reason=True,
        ),
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        names = ["username", "first_name", "last_name", "email", "language"]
        return [*names, "is_active"] if obj else [*names, "password"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["username", "is_active"] if obj else []

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if change else {"form": NewUserForm}), **kwargs)

    def may_add(self, actor: Actor) -> bool:
        return policies.may_manage_everybody(actor)

    def may_change(self, actor: Actor, row: User) -> bool:
        return policies.may_change_user(actor, row)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        return register_user(**values, actor=actor, now=now)

    def change_row(self, *, row: User, values: Mapping[str, Any], actor: Actor, now: Any) -> None:
        change_user(user=row, **values, actor=actor, now=now)


@admin.register(Membership)
class MembershipAdmin(GuardedAdmin):
    """Who holds which role where."""

    list_display = ["user", "organisation", "role", "until"]
    list_filter = ["role", ("organisation", GuardedRelatedFilter)]
    fields = ["user", "organisation", "role", "until"]
    autocomplete_fields = ["user"]
    managed_fields = ["organisation"]
    verbs = [
        Verb(
            "end",
            _("End this role now"),
            end_role,
            "membership",
            lambda actor, row: policies.may_manage(actor, row.organisation),
        )
    ]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["user", "organisation"] if obj else []

    def may_add(self, actor: Actor) -> bool:
        return policies.may_manage_somebody(actor)

    def may_change(self, actor: Actor, row: Membership) -> bool:
        return policies.may_manage(actor, row.organisation)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        return grant_role(**values, actor=actor, now=now)

    def change_row(self, *, row: Membership, values: Mapping[str, Any], actor: Actor, now: Any) -> None:
        change_role(membership=row, **values, actor=actor, now=now)
