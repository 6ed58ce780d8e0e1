"""Note who read what is sealed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Func, IntegerField, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from coordination.access.actions.raise_alert import raise_alert
from coordination.access.enums import AlertKind
from coordination.access.models import AccessRecord, Alert, User
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import FieldProblem, InvalidFields

MAX_PURPOSE = 300
COUNTED_FOR = timedelta(hours=1)


@action
def record_reading(
    *,
    subject: str,
    subject_ids: Collection[UUID],
    purpose: str,
    on_behalf_of: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> AccessRecord:
    """Record a reading in the transaction that reads; one person's many in an hour are put before the administrators.

    `subject` names what was read, such as `aid.contact`; `on_behalf_of` the organisation in whose name, where the actor
    has several. Systems of one organisation count as one person.
    Raises InvalidFields: without a purpose.
    """
    check_purpose(purpose)
    record = AccessRecord(
        user_id=actor.user_id,
        organisation_id=on_behalf_of or actor.acts_for_id,
        purpose=purpose,
        subject=subject,
        subject_ids=list(subject_ids),
        read_at=now,
    )
    record.save(force_insert=True)
    _alert_of_many(record, actor, now)
    return record


def check_purpose(purpose: str) -> None:
    """Stop a reading that nobody gives a reason for, before it tells whether there is anything to read.

    Raises InvalidFields: without a purpose.
    """
    if not purpose.strip() or len(purpose) > MAX_PURPOSE or "\0" in purpose:
        message = _("Say in up to 300 characters what you need it for.")
        raise InvalidFields(problems=[FieldProblem("purpose", "invalid", message)])


def latest_readings(actor: Actor, now: datetime) -> QuerySet[AccessRecord]:
    """Give what the actor has read within the hour."""
    readings = AccessRecord.objects.filter(user=actor.user_id, read_at__gt=now - COUNTED_FOR)
    return readings.filter(organisation=actor.acts_for_id) if actor.user_id is None else readings


def _alert_of_many(record: AccessRecord, actor: Actor, now: datetime) -> None:
    length = Func("subject_ids", function="cardinality", output_field=IntegerField())
    count = latest_readings(actor, now).aggregate(count=Sum(length, default=0))["count"]
    if count <= settings.CONTACT_READS_ALERT:
        return
    told = Alert.objects.filter(
        kind=AlertKind.MANY_CONTACTS_READ,
        user=actor.user_id,
        organisation=record.organisation_id,
        raised_at__gt=now - COUNTED_FOR,
    )
    if not told.exists():
        raise_alert(
            kind=AlertKind.MANY_CONTACTS_READ,
            organisation=record.organisation,
            user=User.objects.get(pk=actor.user_id) if actor.user_id else None,
            subject=AccessRecord._meta.label_lower,
            subject_id=record.pk,
            count=count,
            actor=actor,
            now=now,
        )
