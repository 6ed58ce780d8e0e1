from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.records.history import tracked
from coordination.records.models import BaseModel
from incidents.enums import AssessmentMethod, DamageScale, Grade, Habitability
from incidents.models.affected_building import AffectedBuilding
from incidents.querysets import DamageAssessmentQuerySet


@tracked()
class DamageAssessment(BaseModel):
    """One observation of one building, as it was made; never changed, only followed by another.

    `scale` and `value` are what the observer wrote, `grade` is what the crosswalk of that version makes of it.
    """

    building = models.ForeignKey(
        AffectedBuilding, verbose_name=_("building"), on_delete=models.PROTECT, related_name="assessments"
    )
    reported_by = models.ForeignKey(
        Organisation, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="assessments"
    )
    scale = models.CharField(_("scale"), max_length=15, choices=DamageScale)
    value = models.CharField(_("value on the scale"), max_length=30)
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade, editable=False)
    crosswalk_version = models.PositiveSmallIntegerField(_("version of the crosswalk"), editable=False)
    method = models.CharField(_("method"), max_length=20, choices=AssessmentMethod)
    assessed_at = models.DateTimeField(_("assessed at"))
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assessor"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assessments",
    )
    habitability = models.CharField(_("habitability"), max_length=10, choices=Habitability, blank=True)

    objects = DamageAssessmentQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("damage assessment")
        verbose_name_plural = _("damage assessments")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(grade__in=Grade.values),
                name="assessment_grade_known",
                violation_error_message=_("A grade is a number from 0, no damage, to 4, destroyed."),
            ),
            models.CheckConstraint(
                condition=Q(method__in=AssessmentMethod.values),
                name="assessment_method_known",
                violation_error_message=_("This method of assessment does not exist."),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="assessment_newest"),
            models.Index(fields=["building", "-assessed_at"], name="assessment_of_building"),
        ]

    def __str__(self) -> str:
        return f"{self.get_scale_display()} {self.value}"
