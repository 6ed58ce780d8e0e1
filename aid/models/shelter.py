from __future__ import annotations

from django.contrib.gis.db.models import PointField
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from aid.enums import Amenity, ShelterKind, ShelterStatus
from aid.models.resource import Resource
from aid.querysets import ShelterQuerySet
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import point_in_range
from coordination.geo.distance import metric_index
from coordination.records.history import tracked
from coordination.records.models import BaseModel, coarse_touch
from coordination.records.refs import new_shelter_ref


@tracked()
class Shelter(BaseModel):
    """A place where people can go. Its places are a Resource made with it; there is no second counter.

    `standby -> open -> closed` and back. `location` may be unknown: the shelter is kept and not matched.
    """

    ref = models.CharField(_("reference"), max_length=12, unique=True, default=new_shelter_ref, editable=False)
    name = models.CharField(_("name"), max_length=300)
    kind = models.CharField(_("kind"), max_length=30, choices=ShelterKind)
    operator = models.ForeignKey(
        Organisation, verbose_name=_("operator"), on_delete=models.PROTECT, related_name="shelters"
    )
    location = PointField(_("location"), null=True, blank=True)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="shelters"
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=ShelterStatus, default=ShelterStatus.OPEN)
    places = models.OneToOneField(
        Resource, verbose_name=_("places"), null=True, blank=True, on_delete=models.PROTECT, related_name="shelter"
    )
    amenities = ArrayField(
        models.CharField(max_length=20, choices=Amenity), verbose_name=_("amenities"), default=list, blank=True
    )
    amenities_verified_at = models.DateTimeField(_("amenities verified at"), null=True, blank=True)
    backup_power_h = models.PositiveSmallIntegerField(_("backup power in hours"), null=True, blank=True)
    is_step_free = models.BooleanField(_("step-free"), null=True, blank=True)
    accepts_pets = models.BooleanField(_("accepts pets"), null=True, blank=True)
    opening_hours = models.CharField(_("opening hours"), max_length=200, blank=True)
    observed_at = models.DateTimeField(_("observed at"), null=True, blank=True)
    is_public = models.BooleanField(_("shown to the public"), default=False)
    coarse_updated_at = models.DateTimeField(_("updated at"), db_default=Now(), editable=False)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    client_ref = models.CharField(_("client's reference"), max_length=100, blank=True)

    objects = ShelterQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("shelter")
        verbose_name_plural = _("shelters")
        ordering = ["-created_at", "-id"]
        triggers = [
            *BaseModel.Meta.triggers,
            coarse_touch(
                "name",
                "kind",
                "operator_id",
                "location",
                "area_id",
                "address",
                "status",
                "amenities",
                "amenities_verified_at",
                "backup_power_h",
                "is_step_free",
                "accepts_pets",
                "opening_hours",
                "observed_at",
                "is_public",
                "is_exercise",
            ),
        ]
        constraints = [
            point_in_range("location", name="shelter_location_in_range"),
            models.CheckConstraint(
                condition=Q(status__in=ShelterStatus.values),
                name="shelter_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.UniqueConstraint(
                fields=["operator", "client_ref"],
                condition=~Q(client_ref=""),
                name="shelter_client_ref_once",
                violation_error_message=_("The organisation has sent a shelter with this reference already."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="shelter_newest"),
            models.Index(fields=["operator", "-created_at", "-id"], name="shelter_operator_newest"),
            metric_index("location", name="shelter_nearby"),
        ]

    def __str__(self) -> str:
        return self.name
