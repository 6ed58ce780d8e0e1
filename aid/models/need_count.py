from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from aid.querysets import NeedCountQuerySet, NeedSlotQuerySet
from coordination.areas.models import Area
from coordination.records.models import BaseModel


class NeedSlot(BaseModel):
    """A time slot whose needs were counted, once; an area without a count in it had fewer than ten households."""

    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    objects = NeedSlotQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("slot of public counts")
        verbose_name_plural = _("slots of public counts")
        ordering = ["-starts_at"]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            ExclusionConstraint(
                name="need_slots_apart",
                expressions=[
                    (
                        Func(F("starts_at"), F("ends_at"), function="TSTZRANGE", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    )
                ],
                violation_error_message=_("This time was counted already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class NeedCount(BaseModel):
    """What the public is told of needs: households that asked for help in one fixed area and one fixed time slot.

    Written once, after the slot has ended, rounded to 5 and never below 10. The database lets no count change and no
    two slots overlap, so that no two counts can be told apart by subtraction.
    """

    slot = models.ForeignKey(NeedSlot, verbose_name=_("slot"), on_delete=models.PROTECT, related_name="counts")
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="+")
    households = models.PositiveIntegerField(_("households, rounded"))

    objects = NeedCountQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("public count of needs")
        verbose_name_plural = _("public counts of needs")
        ordering = ["-created_at", "-id"]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "area"],
                name="need_count_once",
                violation_error_message=_("This slot was counted already."),
            ),
            models.CheckConstraint(
                condition=Q(households__gte=10),
                name="need_count_not_small",
                violation_error_message=_("Fewer than ten households are not told."),
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="need_count_newest")]

    def __str__(self) -> str:
        return f"{self.households}"
