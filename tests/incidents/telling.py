"""What became known of a row: its events and its history."""

from typing import Any, cast

from django.db.models import Model

from coordination.outbox.models import Event
from coordination.records.models import BaseModel


def events_of(row: BaseModel) -> list[str]:
    """Name the events about a row, oldest first."""
    return list(Event.objects.filter(subject_id=row.pk).order_by("sequence").values_list("type", flat=True))


def last_event_of(row: BaseModel) -> Event:
    """Give the newest event about a row."""
    return Event.objects.filter(subject_id=row.pk).latest("sequence")


def history_of(row: BaseModel, *fields: str) -> list[tuple[Any, ...]]:
    """Give what the database did to a row, oldest first: `insert`, `update` or `delete`, with fields as they became."""
    meta: Any = row._meta
    memories = cast(type[Model], meta.get_field("history").related_model)
    told = memories._base_manager.filter(pgh_obj_id=row.pk).order_by("pgh_id")
    return list(told.values_list("pgh_label", *fields))
