"""What became of a row, when, and by whom, from the history that the database keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.utils.translation import gettext as _

from coordination.access.actors import Actor
from coordination.access.disclosure import is_disclosed
from coordination.access.models import Organisation, User
from coordination.records.history import links_history
from coordination.records.visibility import Disclosure
from coordination.web.admin.rows import guarded_rows

# More than anybody reads; the newest are shown.
SHOWN = 100
UNTOLD = {"id", "created_at", "updated_at"}


@dataclass(frozen=True)
class Step:
    """One change: when, by whom on behalf of whom, and what it set."""

    at: datetime
    person: str
    organisation: str
    changes: list[tuple[str, str]]


@dataclass(frozen=True)
class Entry:
    """What the database remembers of one moment: who did it for whom, and what became otherwise."""

    at: datetime
    context: Mapping[str, Any]
    changes: list[tuple[str, str]]


def steps_of(row: Any, actor: Actor) -> list[Step]:
    """Tell the newest changes of a row first, each with the fields that the actor may read.

    Three statements, and two more for each relation whose links are remembered. Of a row whose first moment is not told
    no moment is. Of one that is seen coarsely only the actor's own organisations are named.
    """
    if not is_disclosed(row, "created_at"):
        return []
    entries = [*_of_columns(row), *_of_links(row, actor)]
    entries = sorted(entries, key=lambda entry: entry.at, reverse=True)[:SHOWN]
    people = _names(User, {entry.context.get("actor") for entry in entries}, actor)
    on_behalf_of = {entry.context.get("on_behalf_of") for entry in entries}
    if row.disclosure == Disclosure.COARSE:
        on_behalf_of &= set(map(str, actor.organisation_ids))
    organisations = _names(Organisation, on_behalf_of, actor)
    steps: list[Step] = []
    for entry in entries:
        by, for_whom = str(entry.context.get("actor")), str(entry.context.get("on_behalf_of"))
        person = _("the system") if by == "system" else people.get(by, "")
        steps.append(Step(entry.at, person, organisations.get(for_whom, ""), entry.changes))
    return steps


def _of_columns(row: Any) -> Iterator[Entry]:
    remembered = list(row.history.order_by("-pgh_id")[: SHOWN + 1])
    for after, before in pairwise([*remembered, None]):
        if after is not None and (changes := list(_changes(row, before, after))):
            yield Entry(after.pgh_created_at, after.pgh_context or {}, changes)


def _of_links(row: Any, actor: Actor) -> Iterator[Entry]:
    """Tell which rows were linked to this one and which no longer are, as far as the actor may see them."""
    for relation in row._meta.local_many_to_many:
        history = links_history(relation.remote_field.through)
        if history is None or not is_disclosed(row, relation.name):
            continue
        mine, theirs = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
        remembered = history.filter(**{mine: row.pk}).order_by("-pgh_id")[:SHOWN]
        entries = list(remembered)
        names = _names(relation.related_model, {str(getattr(entry, theirs)) for entry in entries}, actor)
        for entry in entries:
            sign = "+" if entry.pgh_label == "insert" else "−"
            if name := names.get(str(getattr(entry, theirs))):
                change = (str(relation.verbose_name), f"{sign} {name}")
                yield Entry(entry.pgh_created_at, entry.pgh_context or {}, [change])


def _changes(row: Any, before: Any, after: Any) -> Iterator[tuple[str, str]]:
    for field in row._meta.concrete_fields:
        if field.name in UNTOLD or not hasattr(after, field.attname):
            continue
        if not is_disclosed(row, field.name):
            continue
        new, old = getattr(after, field.attname), getattr(before, field.attname, None)
        if new != old and (before is not None or new not in (None, "", [], {})):
            yield str(field.verbose_name), _in_words(field, new)


def _in_words(field: Any, value: Any) -> str:
    if isinstance(field, GeometryField):
        return "…"
    if field.is_relation:
        return "" if value is None else "→"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list):
        labels = dict(getattr(field, "base_field", field).flatchoices or ())
        return ", ".join(str(labels.get(code, code)) for code in value)
    return str(dict(field.flatchoices or ()).get(value, value))


def _names(model: Any, ids: set[str | None], actor: Actor) -> dict[str, str]:
    wanted = [each for each in ids if each and each != "system"]
    return {str(found.pk): str(found) for found in guarded_rows(model, actor).filter(pk__in=wanted)}
