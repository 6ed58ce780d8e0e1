from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from aid.enums import AidRequestStatus, DuplicateReason
from aid.models.aid_request import AidRequest
from aid.querysets import DuplicateMergeQuerySet, PossibleDuplicateQuerySet
from coordination.access.models import User
from coordination.records.history import tracked
from coordination.records.models import BaseModel


@tracked()
class PossibleDuplicate(BaseModel):
    """Two open requests that may be the same one: a warning for people, who decide; nothing is blocked or merged."""

    earlier = models.ForeignKey(
        AidRequest, verbose_name=_("earlier request"), on_delete=models.CASCADE, related_name="later_duplicates"
    )
    later = models.ForeignKey(
        AidRequest, verbose_name=_("later request"), on_delete=models.CASCADE, related_name="earlier_duplicates"
    )
    reasons = ArrayField(models.CharField(max_length=10, choices=DuplicateReason), verbose_name=_("because of"))
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    dismissed_by = models.ForeignKey(
        User, verbose_name=_("dismissed by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = PossibleDuplicateQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["earlier", "later"],
                name="possible_duplicate_once",
                violation_error_message=_("These two requests are linked already."),
            ),
            models.CheckConstraint(
                condition=~Q(earlier=F("later")),
                name="possible_duplicate_of_another",
                violation_error_message=_("A request cannot be a duplicate of itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.earlier_id} {self.later_id}"


@tracked()
class DuplicateMerge(BaseModel):
    """One merging of a duplicate into its original: what it changed there, so that it can be undone.

    `changes` has one entry a line of the original that was added or raised: its `line`, `before` (0 where the line was
    added) and `after`, in units, and its conditions before and after; one a `field` of it with its value before and
    after; and one that says that the `contact` was taken over.
    """

    duplicate = models.ForeignKey(
        AidRequest, verbose_name=_("duplicate"), on_delete=models.CASCADE, related_name="merges"
    )
    original = models.ForeignKey(
        AidRequest, verbose_name=_("original"), on_delete=models.CASCADE, related_name="merged_duplicates"
    )
    previous_status = models.CharField(_("status before"), max_length=10, choices=AidRequestStatus)
    changes = models.JSONField(_("changes"), default=list)
    merged_at = models.DateTimeField(_("merged at"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    objects = DuplicateMergeQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("merge of duplicates")
        verbose_name_plural = _("merges of duplicates")
        ordering = ["-merged_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["duplicate"],
                condition=Q(undone_at=None),
                name="duplicate_merged_once",
                violation_error_message=_("This request is merged already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.duplicate_id} {self.original_id}"
