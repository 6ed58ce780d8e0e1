from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aid.enums import Sector, Unit
from aid.querysets import ItemQuerySet
from coordination.records.history import tracked
from coordination.records.models import BaseModel

# What one line may ask for and one resource may hold; the matching engine is exact up to here.
MAX_QUANTITY = 10**12


@tracked()
class Item(BaseModel):
    """A kind of good, place or service that can be asked for and offered."""

    code = models.CharField(_("code"), max_length=50)
    name_uk = models.CharField(_("name in Ukrainian"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    sector = models.CharField(_("sector"), max_length=3, choices=Sector)
    unit = models.CharField(_("unit"), max_length=20, choices=Unit)
    is_divisible = models.BooleanField(
        _("divisible"),
        default=True,
        help_text=_("One line may be served by several resources; a household sleeps in one place."),
    )
    default_radius_m = models.PositiveIntegerField(_("usual radius in metres"), default=10_000)
    hxl = models.CharField(_("HXL tag"), max_length=100, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ItemQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["sector", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], name="item_code_unique", violation_error_message=_("This item code exists already.")
            ),
            models.CheckConstraint(
                condition=Q(default_radius_m__gt=0),
                name="item_radius_positive",
                violation_error_message=_("The usual radius of an item must be more than zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_uk if get_language() == "uk" else self.name_en
