from __future__ import annotations

from django.contrib.gis.db.models import MultiPolygonField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import polygons_valid
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from incidents.enums import AccessConstraintKind
from incidents.querysets import AccessConstraintQuerySet


@tracked()
class AccessConstraint(BaseModel):
    """Where help cannot go, from `starts_at` until a known end or until it is lifted."""

    reported_by = models.ForeignKey(
        Organisation, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="access_constraints"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=AccessConstraintKind)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="access_constraints"
    )
    footprint = MultiPolygonField(_("footprint"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    is_exercise = models.BooleanField(_("exercise"), default=False)

    objects = AccessConstraintQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("access constraint")
        verbose_name_plural = _("access constraints")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(area__isnull=False) | Q(footprint__isnull=False),
                name="access_constraint_has_a_place",
                violation_error_message=_("An access constraint needs an area or an outline."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("starts_at")),
                name="access_constraint_ends_after_start",
                violation_error_message=_("An access constraint ends after it starts."),
            ),
            polygons_valid("footprint", name="access_constraint_footprint_valid"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="access_constraint_newest"),
            models.Index(fields=["starts_at"], name="access_constraint_standing", condition=Q(lifted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
