"""What has happened, in the words that others may hear."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coordination.outbox.querysets import EventQuerySet


class Event(models.Model):
    """One thing that happened, kept for replay: ids, refs and states, never personal data.

    Written in the transaction of the change itself; `relayed_at` tells that its tasks are with the broker.
    """

    disclosure: int

    sequence = models.BigAutoField(_("sequence"), primary_key=True)
    id = models.UUIDField(_("id"), default=uuid.uuid4, db_default=RandomUUID(), editable=False, unique=True)
    type = models.CharField(_("type"), max_length=100)
    subject_id = models.UUIDField(_("subject"))
    audience = ArrayField(models.UUIDField(), verbose_name=_("audience"), default=list)
    is_public = models.BooleanField(_("public"), default=False)
    data = models.JSONField(_("data"), default=dict)
    occurred_at = models.DateTimeField(_("occurred at"), db_default=Now())
    relayed_at = models.DateTimeField(_("relayed at"), null=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["sequence"], name="event_unrelayed", condition=Q(relayed_at__isnull=True)),
            models.Index(fields=["subject_id", "sequence"], name="event_subject"),
            GinIndex(fields=["audience"], name="event_audience"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="wake_relay",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func="NOTIFY outbox; RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return self.type
