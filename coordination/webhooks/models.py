"""Where partners want to hear of events, and what became of each message."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.access.sealed import SealedTextField
from coordination.outbox.models import Event
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from coordination.webhooks.querysets import WebhookDeliveryQuerySet, WebhookEndpointQuerySet


@tracked(without=["secret"])
class WebhookEndpoint(BaseModel):
    """One address of one organisation that wants to hear of some types of events."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="webhook_endpoints"
    )
    url = models.URLField(_("address"), max_length=500)
    event_types = ArrayField(models.CharField(max_length=100), verbose_name=_("event types"), default=list)
    secret = SealedTextField(_("secret"))
    is_active = models.BooleanField(_("active"), default=True)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["url", "id"]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(BaseModel):
    """One event on its way to one endpoint: `pending -> delivered`, or `dead` after the last try."""

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("given up")

    endpoint = models.ForeignKey(
        WebhookEndpoint, verbose_name=_("webhook endpoint"), on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("status of the response"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event"],
                name="webhook_delivery_once",
                violation_error_message=_("This event is on its way to this endpoint already."),
            )
        ]

    def __str__(self) -> str:
        return self.get_status_display()
