"""Pages that stay right while rows come and go: each begins where the last one ended, by key, never by count."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.contrib.gis.geos import Point
from django.db.models import F, QuerySet, Subquery, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from coordination.access.sealed import seal, unseal
from coordination.geo.distance import nearest_first, within_m
from coordination.web.problems import Refusal, invalid

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
# Half the circumference of the globe, and more than rounding can amount to.
MAX_DISTANCE_M = 20_040_000.0
TOLERANCE_M = 0.01
CURSOR_STEP = 128


@dataclass(frozen=True)
class Order:
    """An order of rows that ends in a key no two rows share.

    `fields` make the key and `parse` reads it back from a cursor. Where an order `has_index_by_grant`, an index begins
    with each column by which rows are granted and goes on in this order.
    """

    name: str
    fields: tuple[str, ...]
    parse: tuple[Any, ...]
    is_descending: bool = False
    has_index_by_grant: bool = False

    @property
    def by(self) -> tuple[str, ...]:
        """Name what rows are sorted by."""
        return tuple(f"-{field}" if self.is_descending else field for field in self.fields)

    def first(self, rows: QuerySet[Any], count: int) -> list[Any]:
        """Read the first of the rows."""
        if self.has_index_by_grant:
            rows = rows.first_by_grant(self.by, count)  # type: ignore[attr-defined] # of a VisibleQuerySet
        return list(rows.order_by(*self.by)[:count])

    def after(self, rows: QuerySet[Any], key: Sequence[Any]) -> QuerySet[Any]:
        """Keep the rows that come after a key."""
        beyond = TupleLessThan if self.is_descending else TupleGreaterThan
        return rows.filter(beyond(Tuple(*map(F, self.fields)), tuple(key)))


NEWEST = Order(
    "-created_at", ("created_at", "id"), (datetime.fromisoformat, UUID), is_descending=True, has_index_by_grant=True
)
NEAREST = Order("distance", ("distance_m", "id"), (float, UUID))


@dataclass(frozen=True)
class NearestByIndex(Order):
    """The nearest first, found by the index on a column of points.

    PostgreSQL before 17 sorts the whole table when a second key follows the distance. So the index says how far the
    last of the wanted rows is, and only what is no farther is sorted.
    """

    column: str = "location"
    point: Point | None = None

    def first(self, rows: QuerySet[Any], count: int) -> list[Any]:
        """Read the first of the rows, which are annotated with their `distance_m`."""
        assert self.point is not None  # noqa: S101 - a dataclass's fields after ones with defaults need one too
        last = rows.order_by(nearest_first(self.column, self.point)).values("distance_m")[count - 1 : count]
        radius_m = Coalesce(Subquery(last), Value(MAX_DISTANCE_M)) + Value(TOLERANCE_M)
        return super().first(rows.filter(within_m(self.column, self.point, radius_m)), count)


@dataclass(frozen=True)
class Page:
    """Some rows in order, and the address of the rows after them, None at the end."""

    rows: list[Any]
    next: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {"Link": f'<{self.next}>; rel="next"'} if self.next else {}


def page_of(rows: QuerySet[Any], http_request: HttpRequest, order: Order) -> Page:
    """Read one page as the query's `limit` and `cursor` ask.

    Raises Refusal: for a limit out of range, or a cursor that was not given out for this list and order.
    """
    limit = limit_of(http_request)
    context = f"cursor {http_request.path} {order.name}"
    if cursor := http_request.GET.get("cursor"):
        rows = order.after(rows, open_key(cursor, context, order))
    found = order.first(rows, limit + 1)
    if len(found) <= limit:
        return Page(found, None)
    key = [getattr(found[limit - 1], field) for field in order.fields]
    query = http_request.GET.copy()
    query["cursor"] = seal_key(key, context)
    return Page(found[:limit], http_request.build_absolute_uri(f"{http_request.path}?{query.urlencode()}"))


def limit_of(http_request: HttpRequest) -> int:
    """Read how many rows the caller wants.

    Raises Refusal: when it is not a number from 1 to MAX_LIMIT.
    """
    text = http_request.GET.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_LIMIT):
        message = _("The limit is a number from 1 to %(limit)d.") % {"limit": MAX_LIMIT}
        raise invalid("?limit", "limit_out_of_range", message)
    return int(text)


def seal_key(key: Sequence[Any], context: str) -> str:
    """Make the cursor of a key, for one list and order only."""
    # Sealed, not only encoded: a key holds moments and distances that the viewer may not see.
    plain = json.dumps([part.isoformat() if isinstance(part, datetime) else str(part) for part in key])
    # A length tells how many digits a number has: of an event's position, how much happens to others.
    plain = plain.ljust(-(-len(plain) // CURSOR_STEP) * CURSOR_STEP)
    return base64.urlsafe_b64encode(seal(plain, context=context).encode()).decode().rstrip("=")


def open_key(cursor: str, context: str, order: Order) -> list[Any]:
    """Read the key of a cursor.

    Raises Refusal: when it was not given out for this list and order.
    """
    refusal: Refusal
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        parts = json.loads(unseal(sealed, context=context))
        return [parse(part) for parse, part in zip(order.parse, parts, strict=True)]
    except (ValueError, KeyError, InvalidTag, binascii.Error):
        refusal = invalid("?cursor", "cursor_unknown", _("This cursor was not given out for this list and order."))
    raise refusal
