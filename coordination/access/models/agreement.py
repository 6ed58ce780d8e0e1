from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coordination.access.enums import DataClass
from coordination.access.models.organisation import Organisation
from coordination.access.querysets import SharingAgreementQuerySet
from coordination.areas.models import Area
from coordination.records.history import tracked, tracked_links
from coordination.records.models import BaseModel


@tracked()
class SharingAgreement(BaseModel):
    """What one organisation lets another see: where, which classes of data, what for and until when."""

    giver = models.ForeignKey(
        Organisation, verbose_name=_("giver"), on_delete=models.CASCADE, related_name="given_agreements"
    )
    receiver = models.ForeignKey(
        Organisation, verbose_name=_("receiver"), on_delete=models.CASCADE, related_name="received_agreements"
    )
    areas = models.ManyToManyField(Area, verbose_name=_("areas"), blank=True, related_name="+")
    classes = ArrayField(
        models.CharField(max_length=20, choices=DataClass), verbose_name=_("classes of data"), default=list, blank=True
    )
    purpose = models.CharField(_("purpose"), max_length=300)
    until = models.DateTimeField(_("until"))

    objects = SharingAgreementQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("sharing agreement")
        verbose_name_plural = _("sharing agreements")
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(giver=F("receiver")),
                name="agreement_has_two_parties",
                violation_error_message=_("An agreement needs two different organisations."),
            )
        ]

    def __str__(self) -> str:
        return self.purpose


@tracked_links(SharingAgreement, "areas")
class SharingAgreementAreas:
    """One area that an agreement is limited to, as its history tells."""
