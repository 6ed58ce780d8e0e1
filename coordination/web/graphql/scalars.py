"""Own scalars: geometry that must still pass the gate, moments with a zone, whole numbers beyond 32 bits, enums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import EnumMeta
from typing import Any, NewType, TypeVar

import strawberry
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

from coordination.geo.gate import parse_geometry

Point = NewType("Point", object)
Polygon = NewType("Polygon", object)
MultiPolygon = NewType("MultiPolygon", object)
Geometry = NewType("Geometry", object)
BigInt = NewType("BigInt", int)

E = TypeVar("E", bound=EnumMeta)

# JSON numbers are exact up to here in every client. Source: RFC 8259, section 6.
MAX_EXACT = 2**53 - 1


@dataclass(frozen=True)
class Ungated:
    """A geometry as the caller wrote it, for `gated` to judge where the field's name is known."""

    value: Any
    kinds: tuple[str, ...]

    def gated(self) -> GEOSGeometry:
        """Build the geometry.

        Raises GeometryError: when the gate refuses it.
        """
        return parse_geometry(self.value, allowed=self.kinds, bounds=settings.DEPLOYMENT_BOUNDS)


def described(enum: E, name: str | None = None) -> E:
    """Make one of our choices a GraphQL enum whose values are described by their English labels."""
    strawberry.enum(enum, name=name, description=(enum.__doc__ or "").strip().split("\n")[0] or None)
    with translation.override("en"):
        for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined] # set by strawberry.enum
            value.description = str(enum[value.name].label)
    return enum


def _geometry(name: str, *kinds: str) -> ScalarDefinition:
    accepted = " or ".join(kinds)
    return ScalarDefinition(
        name=name,
        description=f"A GeoJSON {accepted}: an object with `type` and `coordinates`, longitude first, in WGS 84.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc7946",
        serialize=_geojson,
        parse_value=lambda value: Ungated(value, kinds),
        parse_literal=None,
    )


def _geojson(geometry: GEOSGeometry | dict[str, Any]) -> dict[str, Any]:
    if isinstance(geometry, dict):
        return geometry
    return {"type": geometry.geom_type, "coordinates": geometry.coords}  # type: ignore[attr-defined] # of every geometry that has one type


def _moment(value: object) -> datetime:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            # In UTC at once: a zone can carry a moment beyond the years that can be stored and read again.
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise StrawberryInputCoercionError(_("A moment is written as 2026-02-03T04:05:06Z, with its zone."))


def _big_int(value: object) -> int:
    if type(value) is not int or abs(value) > MAX_EXACT:
        raise StrawberryInputCoercionError(_("Here a whole number is expected."))
    return value


def _scalar(
    name: str, description: str, serialize: Callable[[Any], Any], parse_value: Callable[[object], object]
) -> ScalarDefinition:
    return ScalarDefinition(
        name=name,
        description=description,
        specified_by_url=None,
        serialize=serialize,
        parse_value=parse_value,
        parse_literal=None,
    )


SCALARS: Mapping[object, ScalarDefinition] = {
    Point: _geometry("Point", "Point"),
    Polygon: _geometry("Polygon", "Polygon"),
    MultiPolygon: _geometry("MultiPolygon", "Polygon", "MultiPolygon"),
    Geometry: _geometry("Geometry", "Point", "Polygon", "MultiPolygon"),
    BigInt: _scalar("BigInt", "A whole number, exact up to 2^53 - 1.", int, _big_int),
    datetime: _scalar(
        "DateTime",
        "A moment in ISO 8601 with its zone; answers are in UTC.",
        lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        _moment,
    ),
}
