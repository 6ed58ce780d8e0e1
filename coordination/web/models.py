"""What the doors remember: answers given once, and long jobs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.records.models import BaseModel
from coordination.web.querysets import IdempotencyRecordQuerySet, JobQuerySet


class IdempotencyRecord(BaseModel):
    """The answer that a client got for one key, replayed when the same call comes again."""

    client = models.CharField(_("client"), max_length=100)
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("fingerprint of the body"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    location = models.CharField(_("location"), max_length=500, blank=True)
    body = models.JSONField(_("body"), null=True)
    subject_id = models.UUIDField(_("subject"), null=True)

    objects = IdempotencyRecordQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("idempotent answer")
        verbose_name_plural = _("idempotent answers")
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "key"],
                name="idempotency_key_once",
                violation_error_message=_("This idempotency key was used already."),
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key


class Job(BaseModel):
    """One long import or export: `queued -> running -> finished`, or `failed`."""

    class Kind(models.TextChoices):
        IMPORT = "import", _("import")
        EXPORT = "export", _("export")

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), null=True, on_delete=models.CASCADE, related_name="jobs"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    subject = models.CharField(_("subject"), max_length=100)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    rows_total = models.PositiveIntegerField(_("rows in total"), null=True, blank=True)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    rows_refused = models.PositiveIntegerField(_("rows refused"), default=0)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_refused__lte=F("rows_done")),
                name="job_refuses_what_it_read",
                violation_error_message=_("A job cannot refuse more rows than it has read."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"
