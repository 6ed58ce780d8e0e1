from __future__ import annotations

from datetime import datetime

from django.contrib.gis.db.models import MultiPolygonField, PointField
from django.db import models
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import point_in_range, polygons_valid
from coordination.geo.distance import metric_index
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from incidents.enums import BuildingUse
from incidents.models.impact_site import ImpactSite
from incidents.models.incident import Incident
from incidents.querysets import AffectedBuildingQuerySet


@tracked()
class AffectedBuilding(BaseModel):
    """A building in or near an impact site. How badly it is damaged is read from its assessments, never stored."""

    # Annotated by with_grade.
    grade: int | None
    habitability: str | None
    latest_impact_at: datetime

    incident = models.ForeignKey(
        Incident, verbose_name=_("incident"), on_delete=models.PROTECT, related_name="buildings"
    )
    impact_site = models.ForeignKey(
        ImpactSite,
        verbose_name=_("impact site"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="buildings",
    )
    reported_by = models.ForeignKey(
        Organisation, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="buildings"
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    location = PointField(_("location"))
    footprint = MultiPolygonField(_("footprint"), null=True, blank=True)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="buildings"
    )
    use = models.CharField(_("use"), max_length=15, choices=BuildingUse, default=BuildingUse.UNKNOWN)
    dwellings = models.PositiveIntegerField(_("dwellings"), null=True, blank=True)
    residents = models.PositiveIntegerField(_("residents"), null=True, blank=True)

    objects = AffectedBuildingQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("affected building")
        verbose_name_plural = _("affected buildings")
        ordering = ["-created_at", "-id"]
        constraints = [
            point_in_range("location", name="building_location_in_range"),
            polygons_valid("footprint", name="building_footprint_valid"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="building_newest"),
            metric_index("location", name="building_nearby"),
        ]

    def __str__(self) -> str:
        return self.address or str(self.id)
