from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aid.querysets import NeedCountQuerySet
from coordination.areas.models import Area
from coordination.records.models import BaseModel


class NeedCount(BaseModel):
    """What the public is told of needs: households that asked for help in one fixed area and one fixed time slot.

    Written once, after the slot has ended, rounded to 5 and never below 10; a count that was told never changes, so
    that no two of them can be told apart by subtraction.
    """

    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    households = models.PositiveIntegerField(_("households, rounded"))

    objects = NeedCountQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("public count of needs")
        verbose_name_plural = _("public counts of needs")
        ordering = ["-starts_at", "area__name_en", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "starts_at"],
                name="need_count_once",
                violation_error_message=_("This slot was counted already."),
            ),
            models.CheckConstraint(
                condition=Q(households__gte=10),
                name="need_count_not_small",
                violation_error_message=_("Fewer than ten households are not told."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.households}"
