from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from incidents.models.incident import Incident
from incidents.querysets import CasualtyReportQuerySet


@tracked()
class CasualtyReport(BaseModel):
    """Figures from one source at one time; a later report stands beside it.

    An empty figure was not given; it is not 0.
    """

    incident = models.ForeignKey(
        Incident, verbose_name=_("incident"), on_delete=models.PROTECT, related_name="casualty_reports"
    )
    reported_by = models.ForeignKey(
        Organisation, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="casualty_reports"
    )
    killed = models.PositiveIntegerField(_("killed"), null=True, blank=True)
    injured = models.PositiveIntegerField(_("injured"), null=True, blank=True)
    missing = models.PositiveIntegerField(_("missing"), null=True, blank=True)
    displaced = models.PositiveIntegerField(_("displaced"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)
    as_of = models.DateTimeField(_("as of"))

    objects = CasualtyReportQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("casualty report")
        verbose_name_plural = _("casualty reports")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(killed__isnull=False)
                | Q(injured__isnull=False)
                | Q(missing__isnull=False)
                | Q(displaced__isnull=False),
                name="casualty_report_has_a_figure",
                violation_error_message=_("A casualty report needs at least one figure."),
            )
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="casualty_report_newest"),
            models.Index(fields=["incident", "-as_of", "-id"], name="casualty_report_latest"),
        ]

    def __str__(self) -> str:
        return self.source
