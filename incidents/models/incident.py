from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.gis.db.models import MultiPolygonField, PointField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import point_in_range, polygons_valid
from coordination.geo.distance import metric_index
from coordination.records.history import tracked
from coordination.records.models import BaseModel, coarse_touch
from coordination.records.refs import new_incident_ref
from incidents.enums import CONFIRMED, Certainty, Hazard, IncidentStatus, Severity, Urgency, Verification
from incidents.querysets import IncidentQuerySet

_ENDED = (IncidentStatus.CLOSED, IncidentStatus.DISMISSED)


@tracked()
class Incident(BaseModel):
    """One event, or a wave of events with children.

    `reported -> active -> contained -> closed`, or `dismissed` with a reason from any open state; verification is
    another axis. Confirmed incidents become public at `public_from`, on their cell; no `public_from`, not public.
    """

    ref = models.CharField(_("reference"), max_length=12, unique=True, default=new_incident_ref, editable=False)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), max_length=5_000, blank=True)
    hazard = models.CharField(_("hazard"), max_length=20, choices=Hazard)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, default=Severity.UNKNOWN)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.UNKNOWN)
    certainty = models.CharField(_("certainty"), max_length=10, choices=Certainty, default=Certainty.UNKNOWN)
    status = models.CharField(_("status"), max_length=10, choices=IncidentStatus, default=IncidentStatus.REPORTED)
    verification = models.CharField(
        _("verification"), max_length=10, choices=Verification, default=Verification.UNVERIFIED
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    reported_at = models.DateTimeField(_("reported at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    dismissal_reason = models.CharField(_("reason of the dismissal"), max_length=300, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name=_("wave"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    reported_by = models.ForeignKey(
        Organisation,
        verbose_name=_("reported by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="incidents",
        help_text=_("Empty for a report of the public."),
    )
    location = PointField(_("location"), null=True, blank=True)
    footprint = MultiPolygonField(_("footprint"), null=True, blank=True)
    areas = models.ManyToManyField(Area, verbose_name=_("areas"), blank=True, related_name="incidents")
    public_from = models.DateTimeField(_("public from"), null=True, blank=True)
    public_cell = models.CharField(_("public cell"), max_length=15, blank=True, editable=False)
    coarse_updated_at = models.DateTimeField(_("updated at"), db_default=Now(), editable=False)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    client_ref = models.CharField(_("client's reference"), max_length=100, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-created_at", "-id"]
        triggers = [
            *BaseModel.Meta.triggers,
            coarse_touch(
                "title",
                "hazard",
                "severity",
                "urgency",
                "certainty",
                "status",
                "verification",
                "occurred_at",
                "reported_at",
                "closed_at",
                "parent_id",
                "public_from",
                "public_cell",
                "is_exercise",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=IncidentStatus.values),
                name="incident_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                condition=Q(verification__in=Verification.values),
                name="incident_verification_known",
                violation_error_message=_("This verification does not exist."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=_ENDED, closed_at__isnull=False)
                | (~Q(status__in=_ENDED) & Q(closed_at__isnull=True)),
                name="incident_closed_at_when_ended",
                violation_error_message=_("A closed or dismissed incident, and no other, has a time of closing."),
            ),
            models.CheckConstraint(
                condition=Q(status=IncidentStatus.DISMISSED) ^ Q(dismissal_reason=""),
                name="incident_dismissed_with_reason",
                violation_error_message=_("A dismissed incident, and no other, has a reason for the dismissal."),
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("reported_at")),
                name="incident_reported_after_it_occurred",
                violation_error_message=_("An incident cannot be reported before it occurred."),
            ),
            models.CheckConstraint(
                condition=Q(public_from__isnull=True) | Q(verification__in=CONFIRMED),
                name="incident_public_only_when_confirmed",
                violation_error_message=_("Only a verified incident can become public."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="incident_not_its_own_wave",
                violation_error_message=_("An incident cannot be part of itself."),
            ),
            models.UniqueConstraint(
                fields=["reported_by", "client_ref"],
                condition=~Q(client_ref=""),
                name="incident_client_ref_once",
                violation_error_message=_("The organisation has sent an incident with this reference already."),
            ),
            point_in_range("location", name="incident_location_in_range"),
            polygons_valid("footprint", name="incident_footprint_valid"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="incident_newest"),
            models.Index(fields=["reported_by", "-created_at", "-id"], name="incident_reporter_newest"),
            models.Index(fields=["public_from"], name="incident_public"),
            models.Index(fields=["public_cell"], name="incident_cell"),
            metric_index("location", name="incident_nearby"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def embargo_until(self) -> datetime:
        """Say until when the public is not told while no site is known; a date in the past does not shorten it."""
        return max(self.occurred_at, self.reported_at) + timedelta(hours=settings.EMBARGO_OTHER_H)
