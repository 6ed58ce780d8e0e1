from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.confirm_delivery import confirm_delivery
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.fail_delivery import fail_delivery
from aid.actions.return_delivery import return_delivery
from aid.enums import DeliveryStatus
from aid.models import Delivery, Match
from coordination.web.admin.base import GuardedAdmin, GuardedInline, Verb
from coordination.web.admin.rows import actor_of, guarded_rows


class MatchInline(GuardedInline):
    """What the journey carries."""

    model = Match
    fields = readonly_fields = ("ref", "status", "quantity", "quantity_delivered")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(GuardedAdmin):
    """Who is bringing what."""

    list_display = ["created_at", "provider", "status", "dispatched_at", "delivered_at"]
    list_filter = ["status"]
    search_fields = ["matches__ref"]
    inlines = [MatchInline]
    verbs = [
        Verb(
            "dispatch",
            _("Dispatch"),
            dispatch_delivery,
            "delivery",
            policies.may_deliver,
            (DeliveryStatus.PLANNED,),
        ),
        Verb(
            "confirm",
            _("All delivered"),
            confirm_delivery,
            "delivery",
            policies.may_deliver,
            (DeliveryStatus.DISPATCHED,),
        ),
        Verb(
            "fail",
            _("Failed"),
            fail_delivery,
            "delivery",
            policies.may_deliver,
            (DeliveryStatus.DISPATCHED,),
            needs_reason=True,
        ),
        Verb(
            "return",
            _("Returned to stock"),
            return_delivery,
            "delivery",
            policies.may_deliver,
            (DeliveryStatus.FAILED,),
        ),
    ]

    def get_search_results(self, request: Any, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Search by the matches that the viewer sees: a journey carries other people's, too."""
        if not search_term:
            return queryset, False
        found = guarded_rows(Match, actor_of(request)).filter(ref__icontains=search_term.strip())
        return queryset.filter(pk__in=found.values("delivery")), False

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return ["provider", "status", "dispatched_at", "delivered_at", "failed_at", "returned_at", "failure_reason"]
