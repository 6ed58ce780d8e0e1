from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aid.enums import Condition
from aid.models.aid_request import AidRequest
from aid.models.item import MAX_QUANTITY, Item
from aid.querysets import RequestLineQuerySet
from coordination.records.history import tracked
from coordination.records.models import BaseModel


@tracked()
class RequestLine(BaseModel):
    """One item of a request.

    Of `quantity` units, `reserved` are promised, `dispatched` have left for the people and `delivered` of those have
    arrived; the rest is unmet.
    """

    aid_request = models.ForeignKey(
        AidRequest, verbose_name=_("aid request"), on_delete=models.CASCADE, related_name="lines"
    )
    item = models.ForeignKey(Item, verbose_name=_("item"), on_delete=models.PROTECT, related_name="lines")
    quantity = models.BigIntegerField(_("quantity"), validators=[MinValueValidator(1), MaxValueValidator(MAX_QUANTITY)])
    conditions = ArrayField(
        models.CharField(max_length=20, choices=Condition), verbose_name=_("needs"), default=list, blank=True
    )
    reserved = models.BigIntegerField(_("reserved"), default=0, db_default=0, editable=False)
    dispatched = models.BigIntegerField(_("dispatched"), default=0, db_default=0, editable=False)
    delivered = models.BigIntegerField(_("delivered"), default=0, db_default=0, editable=False)

    objects = RequestLineQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="line_asks_for_something",
                violation_error_message=_("A quantity is at least one."),
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(dispatched__gte=0) & Q(delivered__gte=0),
                name="line_counters_not_negative",
                violation_error_message=_("A line cannot have less than nothing reserved, dispatched or delivered."),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("reserved") + F("dispatched")),
                name="line_not_overfilled",
                violation_error_message=_("More would be promised than the line asks for."),
            ),
            models.CheckConstraint(
                condition=Q(dispatched__gte=F("delivered")),
                name="line_delivers_what_was_dispatched",
                violation_error_message=_("No more can arrive than was sent."),
            ),
            models.UniqueConstraint(
                fields=["aid_request", "item"],
                name="line_once_per_item",
                violation_error_message=_("The request asks for this item on another line already."),
            ),
        ]
        indexes = [
            models.Index(fields=["item"], name="line_unmet", condition=Q(quantity__gt=F("reserved") + F("dispatched")))
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"

    @property
    def unmet(self) -> int:
        """Count the units that nobody has promised yet."""
        return self.quantity - self.reserved - self.dispatched
