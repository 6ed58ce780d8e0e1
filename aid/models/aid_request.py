from __future__ import annotations

from django.contrib.gis.db.models import PointField
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aid.enums import AidRequestStatus, Channel, Consent, FollowUp, Urgency, Vulnerability
from aid.querysets import AidRequestQuerySet
from coordination.access.models import Caseload, Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import point_in_range
from coordination.geo.distance import metric_index
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from coordination.records.refs import new_aid_request_ref
from incidents.models import AffectedBuilding, Incident


@tracked()
class AidRequest(BaseModel):
    """What one household or one site asks for, once.

    `draft -> submitted -> verified -> closed`, or `rejected`, `duplicate`, `cancelled`, `expired` from any open state.
    Only verified requests are matched. Who the people are stands in Contact, sealed, and nowhere here.
    """

    ref = models.CharField(_("reference"), max_length=12, unique=True, default=new_aid_request_ref, editable=False)
    incident = models.ForeignKey(
        Incident,
        verbose_name=_("incident"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="aid_requests",
    )
    building = models.ForeignKey(
        AffectedBuilding,
        verbose_name=_("building"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="aid_requests",
    )
    reported_by = models.ForeignKey(
        Organisation, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="aid_requests"
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.OTHER)
    location = PointField(_("location"))
    public_cell = models.CharField(_("public cell"), max_length=15, editable=False)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="aid_requests"
    )
    caseload = models.ForeignKey(
        Caseload,
        verbose_name=_("caseload"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="aid_requests",
    )
    people = models.PositiveIntegerField(_("people"))
    members = models.JSONField(
        _("members"),
        default=list,
        blank=True,
        help_text=_("One entry a person: age in years, sex, disability; no names."),
    )
    age_bands = models.JSONField(
        _("age bands"),
        default=dict,
        blank=True,
        help_text=_("The source's own age and sex bands, where it has no ages."),
    )
    vulnerabilities = ArrayField(
        models.CharField(max_length=20, choices=Vulnerability),
        verbose_name=_("vulnerabilities"),
        default=list,
        blank=True,
    )
    vulnerable_people = models.PositiveIntegerField(_("people with a vulnerability"), default=0)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency)
    needed_by = models.DateTimeField(_("needed by"), null=True, blank=True)
    consent = models.CharField(_("consent to share"), max_length=10, choices=Consent, default=Consent.NOT_ASKED)
    status = models.CharField(_("status"), max_length=10, choices=AidRequestStatus, default=AidRequestStatus.SUBMITTED)
    status_reason = models.CharField(_("reason of the status"), max_length=300, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    review_at = models.DateTimeField(_("review at"))
    follow_up = models.CharField(_("follow-up"), max_length=10, choices=FollowUp, default=FollowUp.NONE)
    duplicate_of = models.ForeignKey(
        "self",
        verbose_name=_("duplicate of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="duplicates",
    )
    anonymised_at = models.DateTimeField(_("anonymised at"), null=True, blank=True, editable=False)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    client_ref = models.CharField(_("client's reference"), max_length=100, blank=True)

    objects = AidRequestQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("aid request")
        verbose_name_plural = _("aid requests")
        ordering = ["-created_at", "-id"]
        constraints = [
            point_in_range("location", name="aid_request_location_in_range"),
            models.CheckConstraint(
                condition=Q(people__gt=0),
                name="aid_request_has_people",
                violation_error_message=_("A request is for at least one person."),
            ),
            models.CheckConstraint(
                condition=Q(vulnerable_people__lte=F("people")),
                name="aid_request_vulnerable_among_people",
                violation_error_message=_("There cannot be more vulnerable people than people."),
            ),
            models.CheckConstraint(
                condition=Q(urgency__in=Urgency.values),
                name="aid_request_urgency_known",
                violation_error_message=_("Urgency is a number from 1, life-threatening, to 4, routine."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=AidRequestStatus.values),
                name="aid_request_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
                name="aid_request_not_its_own_duplicate",
                violation_error_message=_("A request cannot be a duplicate of itself."),
            ),
            models.UniqueConstraint(
                fields=["reported_by", "client_ref"],
                condition=~Q(client_ref=""),
                name="aid_request_client_ref_once",
                violation_error_message=_("The organisation has sent a request with this reference already."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="aid_request_newest"),
            models.Index(fields=["reported_by", "-created_at", "-id"], name="aid_request_reporter_newest"),
            models.Index(fields=["caseload", "-created_at", "-id"], name="aid_request_caseload_newest"),
            models.Index(fields=["area", "-created_at", "-id"], name="aid_request_area_newest"),
            models.Index(fields=["closed_at"], name="aid_request_retention", condition=Q(anonymised_at=None)),
            models.Index(
                fields=["review_at"], name="aid_request_review", condition=Q(status__in=("submitted", "verified"))
            ),
            models.Index(fields=["public_cell"], name="aid_request_cell"),
            metric_index("location", name="aid_request_nearby"),
        ]

    def __str__(self) -> str:
        return self.ref
