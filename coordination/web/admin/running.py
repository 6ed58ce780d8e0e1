"""Pages for what keeps it going: events, webhooks, jobs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils.translation import gettext_lazy as _

from coordination.access.actors import Actor
from coordination.access.enums import Scope
from coordination.access.wall import seen_as
from coordination.outbox.models import Event
from coordination.web.admin.base import GuardedAdmin
from coordination.web.admin.rows import actor_of
from coordination.web.models import Job
from coordination.webhooks.models import WebhookDelivery, WebhookEndpoint


@admin.register(Event)
class EventAdmin(GuardedAdmin):
    """What has happened, for the cell: events are numbered, and numbers tell how much happens to others."""

    list_display = ["sequence", "type", "occurred_at", "relayed_at"]
    search_fields = ["type"]
    fields = ["sequence", "type", "subject_id", "occurred_at", "relayed_at", "data"]

    def may_view(self, actor: Actor) -> bool:
        return actor.is_cell


def _inside_the_wall(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page whole while the wall is open: lists are read as they are written down."""

    @wraps(view)
    def page(self: GuardedAdmin, request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        with seen_as(actor_of(request), scope=Scope.AID_READ):
            answer = view(self, request, *arguments, **options)
            return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer

    return page


class WalledAdmin(GuardedAdmin):
    """Pages of rows that the database itself hides, for they lead to what is sealed."""

    changelist_view = _inside_the_wall(GuardedAdmin.changelist_view)
    changeform_view = _inside_the_wall(GuardedAdmin.changeform_view)
    history_view = _inside_the_wall(GuardedAdmin.history_view)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(WalledAdmin):
    """Where partners want to hear of events."""

    list_display = ["url", "organisation", "is_active"]
    fields = ["url", "organisation", "event_types", "is_active"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(WalledAdmin):
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
