from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aid.enums import MatchStatus
from aid.models.delivery import Delivery
from aid.models.match_run import MatchRun
from aid.models.request_line import RequestLine
from aid.models.resource import Resource
from aid.querysets import MatchQuerySet
from coordination.access.models import User
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from coordination.records.refs import new_match_ref


@tracked()
class Match(BaseModel):
    """This much of this resource for this line.

    `proposed -> accepted -> fulfilled`; `declined`, `expired`, `cancelled`, `failed` free the quantity at once.
    A proposal reserves. `distance_band_m` is measured from the public cell and rounded up: it is what parties may see.
    """

    ref = models.CharField(_("reference"), max_length=12, unique=True, default=new_match_ref, editable=False)
    line = models.ForeignKey(RequestLine, verbose_name=_("line"), on_delete=models.PROTECT, related_name="matches")
    resource = models.ForeignKey(Resource, verbose_name=_("resource"), on_delete=models.PROTECT, related_name="matches")
    quantity = models.BigIntegerField(_("quantity"))
    quantity_delivered = models.BigIntegerField(_("delivered quantity"), null=True, blank=True)
    distance_m = models.FloatField(_("distance in metres"))
    distance_band_m = models.PositiveIntegerField(_("distance, at most, in metres"))
    status = models.CharField(_("status"), max_length=10, choices=MatchStatus, default=MatchStatus.PROPOSED)
    status_reason = models.CharField(_("reason of the status"), max_length=300, blank=True)
    respond_by = models.DateTimeField(_("respond by"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    released_at = models.DateTimeField(
        _("released at"),
        null=True,
        blank=True,
        help_text=_("When the provider was given the contact and the exact place; they stay until the match ends."),
    )
    released_by = models.ForeignKey(
        User, verbose_name=_("released by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reasons = models.JSONField(_("reasons"), default=dict)
    run = models.ForeignKey(
        MatchRun, verbose_name=_("match run"), null=True, blank=True, on_delete=models.SET_NULL, related_name="matches"
    )
    delivery = models.ForeignKey(
        Delivery, verbose_name=_("delivery"), null=True, blank=True, on_delete=models.PROTECT, related_name="matches"
    )

    objects = MatchQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="match_promises_something",
                violation_error_message=_("A match is for at least one unit."),
            ),
            models.CheckConstraint(
                condition=Q(quantity_delivered__isnull=True) | Q(quantity_delivered__range=(0, F("quantity"))),
                name="match_delivers_what_it_promised",
                violation_error_message=_("No more can be delivered than the match promised."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=MatchStatus.values),
                name="match_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.UniqueConstraint(
                fields=["line", "resource"],
                condition=Q(status=MatchStatus.PROPOSED),
                name="match_proposed_once",
                violation_error_message=_("This resource is proposed for this line already."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="match_newest"),
            models.Index(fields=["resource", "status"], name="match_resource_status"),
            models.Index(fields=["line", "status"], name="match_line_status"),
            models.Index(fields=["resource"], name="match_released", condition=Q(released_at__isnull=False)),
            models.Index(fields=["respond_by"], name="match_awaited", condition=Q(status=MatchStatus.PROPOSED)),
        ]

    def __str__(self) -> str:
        return self.ref
