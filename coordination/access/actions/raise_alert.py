from __future__ import annotations

from datetime import datetime
from uuid import UUID

from coordination.access.models import Alert, Organisation, User
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.actors import Actor


@action
def raise_alert(
    *,
    kind: str,
    organisation: Organisation | None,
    user: User | None = None,
    subject: str = "",
    subject_id: UUID | None = None,
    count: int = 1,
    actor: Actor,
    now: datetime,
) -> Alert:
    """Put something before an organisation's administrators, or before the cell's alone where it is nobody's.

    `user` is whom it is about; `subject` names a model, such as `aid.match`. The event tells the kind and nothing else.
    """
    alert = Alert(
        kind=kind,
        organisation=organisation,
        user=user,
        subject=subject,
        subject_id=subject_id,
        count=count,
        raised_at=now,
    )
    alert.check_fields()
    alert.save(force_insert=True)
    publish(
        "access.alert.raised.v1",
        subject=alert,
        now=now,
        audience=[organisation.pk if organisation else None],
        data={"kind": kind},
    )
    return alert
