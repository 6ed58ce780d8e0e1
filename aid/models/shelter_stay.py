from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aid.enums import StayStatus
from aid.models.match import Match
from aid.models.shelter import Shelter
from aid.querysets import ShelterStayQuerySet
from coordination.records.history import tracked
from coordination.records.models import BaseModel


@tracked()
class ShelterStay(BaseModel):
    """A party that holds places in a shelter: `planned -> checked_in -> checked_out`, or `cancelled`, `no_show`.

    A planned stay reserves its places, a checked-in one consumes them, check-out gives them back.
    Where it came from a match, the match's reservation is the stay's.
    """

    shelter = models.ForeignKey(Shelter, verbose_name=_("shelter"), on_delete=models.PROTECT, related_name="stays")
    party_size = models.PositiveIntegerField(_("party size"))
    status = models.CharField(_("status"), max_length=12, choices=StayStatus, default=StayStatus.PLANNED)
    match = models.OneToOneField(
        Match, verbose_name=_("match"), null=True, blank=True, on_delete=models.PROTECT, related_name="stay"
    )
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, blank=True)
    checked_out_at = models.DateTimeField(_("checked out at"), null=True, blank=True)

    objects = ShelterStayQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=StayStatus.values),
                name="stay_status_known",
                violation_error_message=_("This status does not exist."),
            ),
            models.CheckConstraint(
                condition=Q(party_size__gt=0),
                name="stay_has_people",
                violation_error_message=_("A party is at least one person."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="stay_newest"),
            models.Index(fields=["shelter", "status"], name="stay_shelter_status"),
        ]

    def __str__(self) -> str:
        return f"{self.party_size}"
