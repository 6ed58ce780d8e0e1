from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coordination.access.enums import AlertKind
from coordination.access.models.organisation import Organisation
from coordination.access.querysets import AccessRecordQuerySet, AlertQuerySet, ErasureTombstoneQuerySet
from coordination.records.history import tracked
from coordination.records.models import BaseModel


class AccessRecord(BaseModel):
    """One reading of sealed data: who, for which organisation, what for and of whom; never the values."""

    user = models.ForeignKey(
        "access.User", verbose_name=_("user"), null=True, on_delete=models.SET_NULL, related_name="access_records"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="access_records",
    )
    purpose = models.CharField(_("purpose"), max_length=300)
    subject = models.CharField(
        _("subject"), max_length=100, help_text=_("The model that was read, such as aid.contact.")
    )
    subject_ids = ArrayField(models.UUIDField(), verbose_name=_("ids of the subjects"))
    read_at = models.DateTimeField(_("read at"), db_default=Now())

    objects = AccessRecordQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("access record")
        verbose_name_plural = _("access records")
        ordering = ["-read_at", "id"]
        indexes = [
            models.Index(fields=["organisation", "-read_at"], name="access_record_organisation"),
            models.Index(fields=["user", "-read_at"], name="access_record_user"),
        ]

    def __str__(self) -> str:
        return self.purpose


@tracked()
class Alert(BaseModel):
    """Something that an organisation's administrator ought to look at; it stands until somebody has."""

    kind = models.CharField(_("kind"), max_length=30, choices=AlertKind)
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), null=True, on_delete=models.CASCADE, related_name="alerts"
    )
    user = models.ForeignKey(
        "access.User", verbose_name=_("user"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    subject_id = models.UUIDField(_("id of the subject"), null=True, blank=True)
    count = models.PositiveIntegerField(_("how many"), default=1)
    raised_at = models.DateTimeField(_("raised at"), db_default=Now())
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    seen_by = models.ForeignKey(
        "access.User", verbose_name=_("seen by"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = AlertQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-raised_at", "id"]
        indexes = [models.Index(fields=["organisation", "-raised_at"], name="alert_organisation")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class ErasureTombstone(BaseModel):
    """A mark that a person's data was erased, replayed after a restore so that it stays erased."""

    subject = models.CharField(_("subject"), max_length=100)
    subject_id = models.UUIDField(_("id of the subject"))
    erased_at = models.DateTimeField(_("erased at"), db_default=Now())

    objects = ErasureTombstoneQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-erased_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id"],
                name="erasure_once",
                violation_error_message=_("This was erased already."),
            )
        ]

    def __str__(self) -> str:
        return self.subject
