from __future__ import annotations

from django.contrib.gis.db.models import MultiPolygonField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import polygons_valid
from coordination.records.history import tracked
from coordination.records.models import BaseModel, coarse_touch
from incidents.enums import OutageStatus, Service
from incidents.models.incident import Incident
from incidents.querysets import OutageQuerySet


@tracked()
class Outage(BaseModel):
    """One service interrupted over areas or a polygon: `planned -> active -> restored`, or active from the start."""

    incident = models.ForeignKey(
        Incident, verbose_name=_("incident"), null=True, blank=True, on_delete=models.PROTECT, related_name="outages"
    )
    reported_by = models.ForeignKey(
        Organisation, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="outages"
    )
    service = models.CharField(_("service"), max_length=15, choices=Service)
    status = models.CharField(_("status"), max_length=10, choices=OutageStatus, default=OutageStatus.ACTIVE)
    areas = models.ManyToManyField(Area, verbose_name=_("areas"), blank=True, related_name="outages")
    footprint = MultiPolygonField(_("footprint"), null=True, blank=True)
    customers_affected = models.PositiveIntegerField(_("customers affected"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"))
    expected_until = models.DateTimeField(_("expected until"), null=True, blank=True)
    restored_at = models.DateTimeField(_("restored at"), null=True, blank=True)
    coarse_updated_at = models.DateTimeField(_("updated at"), db_default=Now(), editable=False)
    is_exercise = models.BooleanField(_("exercise"), default=False)

    objects = OutageQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ["-created_at", "-id"]
        triggers = [
            *BaseModel.Meta.triggers,
            coarse_touch(
                "incident_id",
                "service",
                "status",
                "customers_affected",
                "started_at",
                "expected_until",
                "restored_at",
                "is_exercise",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=OutageStatus.values),
                name="outage_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                condition=Q(status=OutageStatus.RESTORED) ^ Q(restored_at__isnull=True),
                name="outage_restored_at_when_restored",
                violation_error_message=_("A restored outage, and no other, has a time of restoration."),
            ),
            models.CheckConstraint(
                condition=Q(restored_at__isnull=True) | Q(restored_at__gte=F("started_at")),
                name="outage_restored_after_start",
                violation_error_message=_("An outage cannot be restored before it started."),
            ),
            models.CheckConstraint(
                condition=Q(expected_until__isnull=True) | Q(expected_until__gt=F("started_at")),
                name="outage_expected_after_start",
                violation_error_message=_("An outage is expected to end after it started."),
            ),
            polygons_valid("footprint", name="outage_footprint_valid"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="outage_newest"),
            models.Index(fields=["service"], name="outage_lasting", condition=Q(status__in=("planned", "active"))),
        ]

    def __str__(self) -> str:
        return f"{self.get_service_display()} ({self.get_status_display()})"
