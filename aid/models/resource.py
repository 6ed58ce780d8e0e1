from __future__ import annotations

from django.contrib.gis.db.models import PointField
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aid.enums import Condition, ResourceStatus
from aid.models.item import MAX_QUANTITY, Item
from aid.querysets import ResourceQuerySet
from coordination.access.disclosure import is_disclosed
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.constraints import point_in_range
from coordination.geo.distance import metric
from coordination.records.history import tracked
from coordination.records.models import BaseModel

# A smaller circle would tell where the goods are.
MIN_SERVICE_RADIUS_M = 2_000


@tracked()
class Resource(BaseModel):
    """A quantity of one item at one place that can be promised: the only ledger of quantities.

    Of `total` units, `reserved` are promised and still there, `consumed` have left; the rest is free.
    `available -> paused -> available`, or `withdrawn` for good.
    """

    provider = models.ForeignKey(
        Organisation, verbose_name=_("provider"), on_delete=models.PROTECT, related_name="resources"
    )
    item = models.ForeignKey(Item, verbose_name=_("item"), on_delete=models.PROTECT, related_name="resources")
    name = models.CharField(_("name"), max_length=200, blank=True)
    location = PointField(_("location"), null=True, blank=True)
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="resources"
    )
    total = models.BigIntegerField(_("total"), validators=[MinValueValidator(0), MaxValueValidator(MAX_QUANTITY)])
    reserved = models.BigIntegerField(_("reserved"), default=0, db_default=0)
    consumed = models.BigIntegerField(_("consumed"), default=0, db_default=0)
    service_radius_m = models.PositiveIntegerField(
        _("service radius in metres"), validators=[MinValueValidator(MIN_SERVICE_RADIUS_M)]
    )
    available_from = models.DateTimeField(_("available from"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=ResourceStatus, default=ResourceStatus.AVAILABLE)
    conditions = ArrayField(
        models.CharField(max_length=20, choices=Condition), verbose_name=_("has"), default=list, blank=True
    )
    is_exercise = models.BooleanField(_("exercise"), default=False)
    client_ref = models.CharField(_("client's reference"), max_length=100, blank=True)

    objects = ResourceQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["-created_at", "-id"]
        constraints = [
            point_in_range("location", name="resource_location_in_range"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0),
                name="resource_reserved_not_negative",
                violation_error_message=_("A resource cannot have less than nothing reserved."),
            ),
            models.CheckConstraint(
                condition=Q(consumed__gte=0),
                name="resource_consumed_not_negative",
                violation_error_message=_("A resource cannot have less than nothing consumed."),
            ),
            models.CheckConstraint(
                condition=Q(total__gte=F("reserved") + F("consumed")),
                name="resource_not_oversold",
                violation_error_message=_("There is not enough left: more would be promised than the resource has."),
            ),
            models.CheckConstraint(
                condition=Q(service_radius_m__gte=MIN_SERVICE_RADIUS_M),
                name="resource_radius_hides_the_place",
                violation_error_message=_("The service radius is at least 2 km, so that it does not give places away."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=ResourceStatus.values),
                name="resource_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.UniqueConstraint(
                fields=["provider", "client_ref"],
                condition=~Q(client_ref=""),
                name="resource_client_ref_once",
                violation_error_message=_("The organisation has sent a resource with this reference already."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="resource_newest"),
            models.Index(fields=["provider", "-created_at", "-id"], name="resource_provider_newest"),
            models.Index(
                fields=["item"],
                name="resource_free",
                condition=Q(status=ResourceStatus.AVAILABLE, total__gt=F("reserved") + F("consumed")),
            ),
            GistIndex(
                F("item"),
                metric("location"),
                name="resource_free_nearby",
                condition=Q(status=ResourceStatus.AVAILABLE, total__gt=F("reserved") + F("consumed")),
            ),
        ]

    def __str__(self) -> str:
        is_told = not hasattr(self, "disclosure") or is_disclosed(self, "name")
        return self.name if self.name and is_told else str(self.item)

    @property
    def free(self) -> int:
        """Count the units that nobody was promised."""
        return self.total - self.reserved - self.consumed
