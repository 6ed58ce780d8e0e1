from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aid.enums import DeliveryStatus
from aid.querysets import DeliveryQuerySet
from coordination.access.models import Organisation
from coordination.records.history import tracked
from coordination.records.models import BaseModel


@tracked()
class Delivery(BaseModel):
    """The journey of accepted matches of one provider.

    `planned -> dispatched -> delivered`, or `failed`, then perhaps `returned`. Stock leaves its resource at dispatch;
    only `returned` puts it back.
    """

    provider = models.ForeignKey(
        Organisation, verbose_name=_("provider"), on_delete=models.PROTECT, related_name="deliveries"
    )
    status = models.CharField(_("status"), max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PLANNED)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)
    failure_reason = models.CharField(_("reason of the failure"), max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values),
                name="delivery_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                condition=~Q(status=DeliveryStatus.FAILED) | ~Q(failure_reason=""),
                name="delivery_failure_has_a_reason",
                violation_error_message=_("Say why the delivery failed."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["provider", "-created_at", "-id"], name="delivery_provider_newest"),
        ]

    def __str__(self) -> str:
        return self.get_status_display()
