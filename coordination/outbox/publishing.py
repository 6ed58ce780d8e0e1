"""How an action tells what it did; only actions call this."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from coordination.outbox.models import Event
from coordination.records.models import BaseModel


def publish(
    type_: str,
    *,
    subject: BaseModel,
    now: datetime,
    audience: Iterable[UUID | None] = (),
    is_public: bool = False,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Write an event in the running transaction, for the organisations in its audience and the coordination cell.

    `type_` reads like `aid.match.proposed.v1`; `data` holds ids, refs, states and coarse places, nothing personal.
    """
    event = Event(
        type=type_,
        subject_id=subject.pk,
        audience=sorted({organisation for organisation in audience if organisation}),
        is_public=is_public,
        data=dict(data or {}),
        occurred_at=now,
    )
    event.save(force_insert=True)
    return event
