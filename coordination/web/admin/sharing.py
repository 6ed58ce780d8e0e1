"""Pages for who lets whom see what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.agree_to_share import agree_to_share
from coordination.access.actions.change_agreement import change_agreement
from coordination.access.actions.end_agreement import end_agreement
from coordination.access.actors import Actor
from coordination.access.enums import DataClass
from coordination.access.models import SharingAgreement
from coordination.web.admin.base import GuardedAdmin, Verb
from coordination.web.admin.forms import ActionForm


class AgreementForm(ActionForm):
    """Asks which classes of data are shared; none is an answer too."""

    classes = forms.MultipleChoiceField(
        label=_("Classes of data"), choices=DataClass, required=False, widget=forms.CheckboxSelectMultiple
    )


class NewAgreementForm(AgreementForm):
    """Asks for the words in which coarse places alone are agreed on."""

    is_coarse_only = forms.BooleanField(label=_("Coarse places alone, nothing else"), required=False)


@admin.register(SharingAgreement)
class SharingAgreementAdmin(GuardedAdmin):
    """Who lets whom see what, where, what for and until when."""

    list_display = ["giver", "receiver", "purpose", "until"]
    autocomplete_fields = ["receiver", "areas"]
    owner_fields = ["giver"]
    verbs = [
        Verb("end", _("End this agreement now"), end_agreement, "agreement", policies.may_end_sharing),
    ]

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        coarse = [] if obj else ["is_coarse_only"]
        return ["giver", "receiver", "areas", "classes", *coarse, "purpose", "until"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["giver", "receiver", "purpose"] if obj else []

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=AgreementForm if change else NewAgreementForm, **kwargs)

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.MANAGE)

    def may_change(self, actor: Actor, row: SharingAgreement) -> bool:
        return policies.may_share(actor, row.giver)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: Any) -> models.Model:
        return agree_to_share(**values, actor=actor, now=now)

    def change_row(self, *, row: SharingAgreement, values: Mapping[str, Any], actor: Actor, now: Any) -> None:
        change_agreement(agreement=row, **values, actor=actor, now=now)
