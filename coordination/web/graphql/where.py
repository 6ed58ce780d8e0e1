"""What a list can be narrowed by and in which order it comes; every filter is guarded as the field it reads."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import Enum
from math import isfinite
from typing import Any

import strawberry
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from coordination.access.disclosure import known
from coordination.geo.gate import GeometryError
from coordination.records.actors import Actor
from coordination.web.filters import Place, Whereabouts, changed_since, in_area
from coordination.web.graphql.nodes import key_of
from coordination.web.graphql.refusals import Refused
from coordination.web.graphql.rows import guarded, narrowed
from coordination.web.graphql.scalars import Point
from coordination.web.paging import MAX_DISTANCE_M, NEWEST, Order


@strawberry.input(description="Rows at most `radiusM` metres from a point, however far where it is left out.")
class Near:
    """See its GraphQL description."""

    point: Point
    radius_m: float | None = None


@strawberry.input(description="Rows inside a box, in degrees.")
class Box:
    """See its GraphQL description."""

    west: float
    south: float
    east: float
    north: float


@strawberry.enum(description="In which order rows come.")
class PlacedOrder(Enum):
    """See its GraphQL description."""

    NEWEST = strawberry.enum_value("newest", description="The newest first.")
    NEAREST = strawberry.enum_value("nearest", description="The nearest first; goes with `near`.")


class Where:
    """Filters whose names are fields: a list stands for any of its values, an id for a row the viewer may see."""

    def narrow(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        """Keep the rows that pass every filter that was given."""
        for field in fields(self):  # type: ignore[arg-type] # every input is a dataclass
            value = getattr(self, field.name)
            if value is None:
                continue
            own = getattr(self, f"by_{field.name}", None)
            rows = own(rows, actor) if own else _by_field(rows, field.name, value, actor)
        return rows


@strawberry.input
class Changed(Where):
    """Adds the filter by which a client keeps its copy fresh."""

    updated_since: datetime | None = None

    def by_updated_since(self, rows: QuerySet[Any], _actor: Actor) -> QuerySet[Any]:
        assert self.updated_since is not None  # noqa: S101 - asked for only where it was given
        return changed_since(rows, self.updated_since)


@strawberry.input
class InArea(Where):
    """Adds the filter by an area and all below it."""

    area: str | None = strawberry.field(
        default=None, description="An area by its P-code, its KATOTTG code or its UUID; areas below it count too."
    )

    def by_area(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return in_area(rows, self.area or "", self.area_path(rows), actor)

    @staticmethod
    def area_path(rows: QuerySet[Any]) -> str:
        """Name the field that leads to a row's area."""
        try:
            return rows.model._meta.get_field("area").name
        except FieldDoesNotExist:
            return "areas"


def matching_text(rows: QuerySet[Any], text: str, *names: str) -> QuerySet[Any]:
    """Keep the rows that have a text in any of these fields, each of them disclosed."""
    if "\0" in text:
        return rows.none()
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__icontains": text}) & known(rows.model, name)
    return rows.filter(found)


def located(
    rows: QuerySet[Any], actor: Actor, place: Place, *, near: Near | None, bbox: Box | None, is_nearest: bool
) -> tuple[QuerySet[Any], Order]:
    """Narrow rows by place and say in which order they come.

    Raises Refused: for a place that cannot be one, or an order by distance from nowhere.
    """
    if bbox:
        rows = Whereabouts(rows, place, actor).inside(_box(bbox))
    if near:
        ordering = "distance" if is_nearest else None
        return Whereabouts(rows, place, actor).around(_point(near), _radius_m(near), ordering)
    if is_nearest:
        raise Refused("near_missing", _("This goes only with “near”."), "orderBy")
    return rows, NEWEST


def _by_field(rows: QuerySet[Any], name: str, value: Any, actor: Actor) -> QuerySet[Any]:
    field = rows.model._meta.get_field(name)
    if field.is_relation:
        named = key_of(value, field.related_model)
        if named is None:
            return rows.none()
        visible = guarded(field.related_model, actor).filter(pk=named[1])
        return narrowed(rows, name, **{f"{name}__in": visible.values("pk")})
    if any(isinstance(each, str) and "\0" in each for each in (value if isinstance(value, list) else [value])):
        return rows.none()
    return narrowed(rows, name, **{f"{name}__in" if isinstance(value, list) else name: value})


def _point(near: Near) -> Any:
    try:
        return near.point.gated()  # type: ignore[attr-defined] # an Ungated on the way in
    except GeometryError as error:
        code, message, path = error.code, error.message, ".".join(["near.point", *map(str, error.path)])
    raise Refused(code, message, path)


def _radius_m(near: Near) -> float | None:
    if near.radius_m is not None and not 0 < near.radius_m <= MAX_DISTANCE_M:
        message = _("The radius is more than 0 m and no more than the globe allows.")
        raise Refused("radius_out_of_range", message, "near.radiusM")
    return near.radius_m


def _box(bbox: Box) -> tuple[float, float, float, float]:
    box = (bbox.west, bbox.south, bbox.east, bbox.north)
    is_box = -180 <= bbox.west <= bbox.east <= 180 and -90 <= bbox.south <= bbox.north <= 90
    if not (all(map(isfinite, box)) and is_box):
        message = _("A box is west, south, east, north in degrees, in this order.")
        raise Refused("bbox_out_of_range", message, "bbox")
    return box
