from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aid.enums import MatchRunStatus
from aid.querysets import MatchRunQuerySet
from coordination.records.models import BaseModel


class MatchRun(BaseModel):
    """One optimisation: what it looked at, what it decided and how far from the best it can be at most."""

    status = models.CharField(_("status"), max_length=10, choices=MatchRunStatus, default=MatchRunStatus.RUNNING)
    scope = models.JSONField(_("scope"), default=dict)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    objective = models.FloatField(_("objective"), null=True, blank=True)
    lower_bound = models.FloatField(_("lower bound"), null=True, blank=True)
    gap = models.FloatField(_("gap"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict)
    settings = models.JSONField(_("settings"), default=dict)
    engine_version = models.CharField(_("engine version"), max_length=50)

    objects = MatchRunQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("match run")
        verbose_name_plural = _("match runs")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=MatchRunStatus.values),
                name="match_run_status_known",
                violation_error_message=_("This status does not exist."),
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="match_run_newest")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M:%S}"
