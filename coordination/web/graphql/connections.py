"""Lists, page by page: sealed keyset cursors, one statement for a page, totals only where they are asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import strawberry
from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from coordination.web.filters import Place
from coordination.web.graphql import rows as guarded_rows
from coordination.web.graphql.nodes import actor_of
from coordination.web.graphql.refusals import Refused
from coordination.web.graphql.rows import Slice
from coordination.web.graphql.where import Box, Near, Where, located
from coordination.web.paging import NEWEST, Order, open_key, seal_key
from coordination.web.problems import Refusal

T = TypeVar("T")

DEFAULT_FIRST = 20
MAX_FIRST = 100
NOWHERE = Place()

Loaded = tuple[list[Any], bool]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """See its GraphQL description."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One row of a page.")
class Edge(Generic[T]):
    """See its GraphQL description."""

    node: T
    cursor: str


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """See its GraphQL description; nothing is loaded before it is asked for."""

    part: strawberry.Private[Slice]
    context: strawberry.Private[str]
    load: strawberry.Private[Callable[[], Loaded]]
    count: strawberry.Private[Callable[[], int]]

    @strawberry.field
    def nodes(self) -> list[T]:
        return cast(list[T], self._loaded()[0])

    @strawberry.field
    def edges(self) -> list[Edge[T]]:
        return [Edge(node=row, cursor=self._cursor(row)) for row in self._loaded()[0]]

    @strawberry.field
    def page_info(self) -> PageInfo:
        rows, has_next = self._loaded()
        return PageInfo(
            has_next_page=has_next,
            has_previous_page=self.part.after is not None,
            start_cursor=self._cursor(rows[0]) if rows else None,
            end_cursor=self._cursor(rows[-1]) if rows else None,
        )

    @strawberry.field(description="How many rows the whole list has, exactly up to 10,000; 10,001 stands for more.")
    def total_count(self) -> int:
        return self.count()

    def _loaded(self) -> Loaded:
        if "_page" not in self.__dict__:
            self.__dict__["_page"] = self.load()
        return cast(Loaded, self.__dict__["_page"])

    def _cursor(self, row: Any) -> str:
        return seal_key([getattr(row, field) for field in self.part.order.fields], self.context)


def collection(
    node_type: Any,
    *,
    where: type[Where] | None = None,
    place: Place = NOWHERE,
    order_by: type[Enum] | None = None,
    orders: dict[str, Order] | None = None,
    order: Order = NEWEST,
    description: str = "",
) -> Any:
    """Make the root field of a list.

    `orders` gives the order for values of `order_by` other than the newest and the nearest first.
    """
    model = node_type.model

    def resolve(info: strawberry.Info, **asked: Any) -> Any:
        actor = actor_of(info)
        rows = guarded_rows.guarded(model, actor)
        if condition := asked.get("where"):
            rows = condition.narrow(rows, actor)
        wanted = asked["order_by"].value if asked.get("order_by") else None
        chosen = order
        if place.point:
            near, bbox = asked.get("near") or None, asked.get("bbox") or None
            rows, chosen = located(rows, actor, place, near=near, bbox=bbox, is_nearest=wanted == "nearest")
        chosen = (orders or {}).get(wanted or "", chosen)
        context = f"graphql {model._meta.label} {chosen.name}"
        part = _slice(chosen, asked, context)
        return Connection(
            part=part,
            context=context,
            load=lambda: guarded_rows.page(rows, part, actor),
            count=lambda: guarded_rows.count(rows),
        )

    arguments: list[tuple[str, Any]] = [("where", where)] if where else []
    if place.point:
        arguments += [("near", Near), ("bbox", Box)]
    if order_by:
        arguments.append(("order_by", order_by))
    return strawberry.field(
        resolver=_signed(resolve, arguments, Connection[node_type]), description=description or None
    )


def to_many(label: str, path: str, order: Order = NEWEST) -> Any:
    """Make the field of an object's list; `path` leads from a row of the model called `label` back to the object."""

    def resolve(root: Any, info: strawberry.Info, **asked: Any) -> Any:
        context = f"graphql {label} {path}"
        part = _slice(order, asked, context)
        peers = root.peers

        def children() -> QuerySet[Any]:
            return guarded_rows.guarded(apps.get_model(label), actor_of(info))

        def load() -> Loaded:
            key = ("page", label, path, part)
            lists = peers.once(key, lambda: guarded_rows.pages(children(), path, peers, part))
            return cast("dict[UUID, Loaded]", lists).get(root.pk, ([], False))

        def count() -> int:
            totals = peers.once(("count", label, path), lambda: guarded_rows.counts(children(), path, peers))
            return cast("dict[UUID, int]", totals).get(root.pk, 0)

        return Connection(part=part, context=context, load=load, count=count)

    return strawberry.field(resolver=_signed(resolve, [], inspect.Signature.empty, is_nested=True))


def back_from(model: type[Model], field: str) -> str:
    """Name the way back from the rows of a many-to-many field, which has a name even where the model gives none."""
    relation: Any = model._meta.get_field(field)
    return cast(str, relation.related_query_name())


def _slice(order: Order, asked: dict[str, Any], context: str) -> Slice:
    first = asked["first"]
    if not 1 <= first <= MAX_FIRST:
        message = _("The limit is a number from 1 to %(limit)d.") % {"limit": MAX_FIRST}
        raise Refused("limit_out_of_range", message, "first")
    after = asked.get("after")
    if not after:
        return Slice(order, first)
    try:
        return Slice(order, first, tuple(open_key(after, context, order)))
    except Refusal as refusal:
        (fault,) = refusal.errors
    raise Refused(fault.code, fault.message, "after")


def _signed(
    resolve: Callable[..., Any], arguments: list[tuple[str, Any]], returns: Any, *, is_nested: bool = False
) -> Callable[..., Any]:
    """Give a resolver the arguments of its own list, which the schema is made of."""
    named = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)]
    if is_nested:
        parameters.insert(0, inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD))
    parameters += [
        inspect.Parameter("first", named, default=DEFAULT_FIRST, annotation=int),
        inspect.Parameter("after", named, default=strawberry.UNSET, annotation=str | None),
        *(
            inspect.Parameter(name, named, default=strawberry.UNSET, annotation=type_ | None)
            for name, type_ in arguments
        ),
    ]
    resolve.__signature__ = inspect.Signature(parameters, return_annotation=returns)  # type: ignore[attr-defined] # read by strawberry
    resolve.__annotations__ = {}
    return resolve
