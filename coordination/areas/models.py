"""Administrative areas."""

from __future__ import annotations

from django.contrib.gis.db.models import MultiPolygonField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from coordination.areas.querysets import AreaQuerySet
from coordination.records.history import tracked
from coordination.records.models import BaseModel


@tracked(without=["boundary"])
class Area(BaseModel):
    """One administrative area: a country, oblast, raion, hromada, settlement or city district.

    Humanitarian partners know it by P-code (OCHA common operational datasets), the state by KATOTTG
    (order 290 of the ministry for communities, 2020). City districts have only the latter.
    """

    class Level(models.IntegerChoices):
        COUNTRY = 0, _("country")
        OBLAST = 1, _("oblast")
        RAION = 2, _("raion")
        HROMADA = 3, _("hromada")
        SETTLEMENT = 4, _("settlement")
        CITY_DISTRICT = 5, _("city district")

    pcode = models.CharField(_("P-code"), max_length=20, null=True, blank=True)  # noqa: DJ001 - unique where known
    katottg = models.CharField(_("KATOTTG code"), max_length=19, null=True, blank=True)  # noqa: DJ001 - unique where known
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    name_uk = models.CharField(_("name in Ukrainian"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name=_("parent"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    boundary = MultiPolygonField(_("boundary"), null=True, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["level", "name_uk", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pcode"], name="area_pcode_unique", violation_error_message=_("This P-code is already in use.")
            ),
            models.UniqueConstraint(
                fields=["katottg"],
                name="area_katottg_unique",
                violation_error_message=_("This KATOTTG code is already in use."),
            ),
            models.CheckConstraint(
                condition=Q(pcode__isnull=False) | Q(katottg__isnull=False),
                name="area_has_a_code",
                violation_error_message=_("An area needs a P-code or a KATOTTG code."),
            ),
            models.CheckConstraint(
                condition=Q(level__range=(0, 5)),
                name="area_level_known",
                violation_error_message=_("The level of an area is between 0 and 5."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_uk if get_language() == "uk" else self.name_en or self.name_uk
