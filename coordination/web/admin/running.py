"""Pages for what keeps it going: events, webhooks, jobs."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from coordination.access.actors import Actor
from coordination.outbox.models import Event
from coordination.web.admin.base import GuardedAdmin
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
