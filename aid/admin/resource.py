from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.change_resource import change_resource
from aid.actions.offer_resource import offer_resource
from aid.actions.pause_resource import pause_resource
from aid.actions.resume_resource import resume_resource
from aid.actions.withdraw_resource import withdraw_resource
from aid.enums import ResourceStatus
from aid.models import Resource
from coordination.records.actors import Actor
from coordination.web.admin.base import GuardedAdmin, GuardedRelatedFilter, Verb
from coordination.web.admin.forms import PlaceForm

CHANGEABLE = ("name", "total", "service_radius_m", "available_from", "expires_at", "conditions")


@admin.register(Resource)
class ResourceAdmin(GuardedAdmin):
    """What can be promised, and how much of it is left."""

    list_display = ["name", "item", "provider", "total", "reserved", "consumed", "status", "expires_at"]
    list_filter = ["status", ("item", GuardedRelatedFilter), "is_exercise"]
    search_fields = ["item__code", "item__name_uk", "item__name_en"]
    autocomplete_fields = ["item"]
    verbs = [
        Verb(
            "pause",
            _("Pause"),
            pause_resource,
            "resource",
            policies.may_change_resource,
            (ResourceStatus.AVAILABLE,),
        ),
        Verb(
            "resume", _("Resume"), resume_resource, "resource", policies.may_change_resource, (ResourceStatus.PAUSED,)
        ),
        Verb(
            "withdraw",
            _("Withdraw"),
            withdraw_resource,
            "resource",
            policies.may_change_resource,
            (ResourceStatus.AVAILABLE, ResourceStatus.PAUSED),
        ),
    ]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if change else {"form": PlaceForm}), **kwargs)

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        if obj is None:
            return ["provider", "item", *CHANGEABLE, "lat", "lon", "is_exercise"]
        return ["provider", "item", *CHANGEABLE, "reserved", "consumed", "status", "place", "area"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        fixed = ["provider", "item", "reserved", "consumed", "status", "place", "area"]
        return fixed if obj else []

    def may_add(self, actor: Actor) -> bool:
        return actor.may(policies.WRITE)

    def may_change(self, actor: Actor, row: Resource) -> bool:
        return row.status != ResourceStatus.WITHDRAWN and policies.may_change_resource(actor, row)

    def add_row(self, *, values: Mapping[str, Any], inlines: Sequence[Any], actor: Actor, now: datetime) -> Resource:
        return offer_resource(**values, actor=actor, now=now)

    def change_row(self, *, row: Resource, values: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        change_resource(resource=row, **values, actor=actor, now=now)
