from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import point_in_range
from coordination.geo.distance import metric_index
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from incidents.enums import ImpactKind, ObjectKind
from incidents.models.incident import Incident
from incidents.querysets import ImpactSiteQuerySet


@tracked()
class ImpactSite(BaseModel):
    """One place that was struck or where debris fell; an incident waits for the longest embargo among its sites."""

    incident = models.ForeignKey(
        Incident, verbose_name=_("incident"), on_delete=models.PROTECT, related_name="impact_sites"
    )
    reported_by = models.ForeignKey(
        Organisation, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="impact_sites"
    )
    location = PointField(_("location"))
    public_cell = models.CharField(_("public cell"), max_length=15, editable=False)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="impact_sites"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ImpactKind)
    object_kind = models.CharField(_("what was struck"), max_length=10, choices=ObjectKind, default=ObjectKind.UNKNOWN)
    struck_at = models.DateTimeField(_("struck at"))
    reported_at = models.DateTimeField(_("reported at"))

    objects = ImpactSiteQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("impact site")
        verbose_name_plural = _("impact sites")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(struck_at__lte=F("reported_at")),
                name="impact_site_reported_after_it_was_struck",
                violation_error_message=_("A site cannot be reported before it was struck."),
            ),
            point_in_range("location", name="impact_site_location_in_range"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="impact_site_newest"),
            models.Index(fields=["public_cell"], name="impact_site_cell"),
            metric_index("location", name="impact_site_nearby"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_object_kind_display()})"

    @property
    def embargo_until(self) -> datetime:
        """Say until when the public is not told; a date in the past does not shorten it."""
        is_civilian = self.object_kind == ObjectKind.CIVILIAN
        hours = settings.EMBARGO_CIVILIAN_H if is_civilian else settings.EMBARGO_OTHER_H
        return max(self.struck_at, self.reported_at) + timedelta(hours=hours)
