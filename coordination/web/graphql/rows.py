"""Rows through the guard, for all siblings at once.

Rows that one statement loaded know each other as peers. Whatever is asked of one of them is loaded for all, by one
guarded statement, and remembered: the number of statements does not depend on the number of rows, and nothing is read
through a model's own relations, which know no guard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import Count, F, Model, QuerySet, Window
from django.db.models.functions import RowNumber

from coordination.access.disclosure import is_disclosed, knowing
from coordination.records.actors import Actor
from coordination.web.paging import Order

T = TypeVar("T")

# Beyond this many rows a total is not worth its price.
MAX_COUNT = 10_000
# Columns that are loaded only where they are asked for.
LATER: dict[type[Model], tuple[str, ...]] = {}


class Peers:
    """Rows of one model that were loaded together for one actor."""

    def __init__(self, rows: Iterable[Any], actor: Actor) -> None:
        self.rows = list(rows)
        self.actor = actor
        self._known: dict[Hashable, Any] = {}
        for row in self.rows:
            row.peers = self

    def once(self, key: Hashable, load: Callable[[], T]) -> T:
        """Load something for all rows on the first call and remember it."""
        if key not in self._known:
            self._known[key] = load()
        return cast(T, self._known[key])


@dataclass(frozen=True)
class Slice:
    """The part of an ordered list that was asked for: `first` rows after a key."""

    order: Order
    first: int
    after: Sequence[Any] | None = None


def guarded(model: type[Model], actor: Actor) -> QuerySet[Any]:
    """Give the rows of a model that the actor may see."""
    return cast("QuerySet[Any]", model._default_manager.visible_to(actor)).defer(*LATER.get(model, ()))  # type: ignore[attr-defined] # every manager here is made from a VisibleQuerySet


def narrowed(rows: QuerySet[Any], field: str, **lookups: Any) -> QuerySet[Any]:
    """Filter by a field, among the rows whose viewer may read it: a filter must not tell what a field would not."""
    return knowing(rows, field).filter(**lookups)


def found(model: type[Model], key: UUID, actor: Actor) -> Any:
    """Give one row, or None where the actor may not see it or nothing is there."""
    peers = Peers(guarded(model, actor).filter(pk=key), actor)
    return peers.rows[0] if peers.rows else None


def one_of(row: Any, field: str) -> Any:
    """Give the row that a foreign key points to, or None where it is empty, not disclosed or not visible."""
    relation = row._meta.get_field(field)

    def load() -> dict[UUID, Any]:
        shown = [peer for peer in row.peers.rows if is_disclosed(peer, field)]
        keys = {getattr(peer, relation.attname) for peer in shown} - {None}
        rows = guarded(relation.related_model, row.peers.actor).filter(pk__in=keys)
        return {related.pk: related for related in Peers(rows, row.peers.actor).rows}

    if not is_disclosed(row, field) or getattr(row, relation.attname) is None:
        return None
    return row.peers.once(("one", field), load).get(getattr(row, relation.attname))


def computed(row: Any, method: str, field: str) -> Any:
    """Give a value that a method of the queryset annotates."""

    def load() -> dict[UUID, Any]:
        rows = guarded(type(row), row.peers.actor).filter(pk__in=[peer.pk for peer in row.peers.rows])
        return {annotated.pk: annotated for annotated in getattr(rows.defer(None), method)()}

    annotated = row.peers.once(method, load).get(row.pk)
    return getattr(annotated, field, None) if is_disclosed(row, field) else None


def page(rows: QuerySet[Any], part: Slice, actor: Actor) -> tuple[list[Any], bool]:
    """Load one page of a root list and tell whether rows follow it."""
    if part.after is not None:
        rows = part.order.after(rows, part.after)
    loaded = part.order.first(rows, part.first + 1)
    return Peers(loaded[: part.first], actor).rows, len(loaded) > part.first


def pages(rows: QuerySet[Any], path: str, parents: Peers, part: Slice) -> dict[UUID, tuple[list[Any], bool]]:
    """Load one page for each parent by a single statement; `path` leads from a row to its parent."""
    rows = _of_parents(rows, path, parents)
    if part.after is not None:
        rows = part.order.after(rows, part.after)
    position = Window(RowNumber(), partition_by=F("parent_key"), order_by=part.order.by)
    rows = rows.annotate(position=position).filter(position__lte=part.first + 1).order_by(*part.order.by)
    lists: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        lists[row.parent_key].append(row)
    Peers([row for loaded in lists.values() for row in loaded[: part.first]], parents.actor)
    return {key: (loaded[: part.first], len(loaded) > part.first) for key, loaded in lists.items()}


def count(rows: QuerySet[Any]) -> int:
    """Count rows exactly up to MAX_COUNT; one more stands for more."""
    return rows.order_by()[: MAX_COUNT + 1].count()


def counts(rows: QuerySet[Any], path: str, parents: Peers) -> dict[UUID, int]:
    """Count the rows of each parent by a single statement."""
    totals = _of_parents(rows, path, parents).order_by().values("parent_key").annotate(total=Count("pk", distinct=True))
    return {entry["parent_key"]: min(entry["total"], MAX_COUNT + 1) for entry in totals}


def _of_parents(rows: QuerySet[Any], path: str, parents: Peers) -> QuerySet[Any]:
    # Which parent a row has is a field of the row, told only to whom the field is.
    rows = knowing(rows, path.split("__")[0])
    return rows.annotate(parent_key=F(path)).filter(parent_key__in=[parent.pk for parent in parents.rows])
