"""The one gate by which geometry enters: plain numbers are checked before GEOS or GDAL ever sees them.

Some values crash or hang the geometry libraries (1e308 when printed, 1e30 when transformed), others become silently
something else (NaN an empty point, 200 degrees -160). So everything is counted and measured first; only then is the
geometry built and asked whether it is valid. It is rejected, never repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, cast

from django.contrib.gis.geos import GEOSGeometry, LinearRing, LineString, MultiPolygon, Point, Polygon
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SRID = 4326
MAX_VERTICES = 1_000
MAX_RINGS = 20
# Source: RFC 7946 section 4; the second spelling is that of the 2008 specification's examples.
SAME_AS_WGS84 = frozenset({"urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84"})

Bounds = tuple[float, float, float, float]  # west, south, east, north, in degrees
Path = tuple[str | int, ...]  # where in the object: ("coordinates", 0, 3, 1)

# How deep positions lie in `coordinates`.
DEPTH = {"Point": 0, "LineString": 1, "Polygon": 2, "MultiPolygon": 3}

# What GEOS may find wrong, in words for people.
REASONS = {
    "Self-intersection": gettext_lazy("the outline crosses itself"),
    "Ring Self-intersection": gettext_lazy("the outline touches itself"),
    "Hole lies outside shell": gettext_lazy("a hole lies outside of the outline"),
    "Holes are nested": gettext_lazy("a hole lies in another hole"),
    "Nested shells": gettext_lazy("a part lies in another part"),
    "Interior is disconnected": gettext_lazy("holes cut the area into pieces"),
    "Duplicate Rings": gettext_lazy("the same outline is given twice"),
    "Too few points in geometry component": gettext_lazy("a line or outline has too few different points"),
}
REASON_AT_PLACE = re.compile(r"(?P<reason>[^\[]+)\[(?P<lon>\S+) (?P<lat>[^\]\s]+)\]")


class GeometryError(ValueError):
    """Say what is wrong with a geometry: `code` for programs, `message` for people, `path` into the object."""

    def __init__(self, code: str, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = path


def parse_geometry(
    value: Any,
    *,
    allowed: tuple[str, ...],
    bounds: Bounds,
    max_vertices: int = MAX_VERTICES,
    max_rings: int = MAX_RINGS,
) -> GEOSGeometry:
    """Build a valid 2D WGS 84 geometry from a GeoJSON object of plain values.

    `allowed` names GeoJSON types of `DEPTH`. Members that GeoJSON does not know are ignored.

    Raises GeometryError: for anything else, naming the first fault.
    """
    kind, coordinates = _open(value, allowed)
    _check_size(coordinates, DEPTH[kind], max_vertices, max_rings)
    for path, position in _positions(coordinates, DEPTH[kind], ("coordinates",)):
        _check_position(position, path, bounds)
    _check_lines(kind, coordinates)
    geometry = _build(kind, coordinates)
    _check_valid(geometry)
    return geometry


def parse_point(lon: Any, lat: Any, *, bounds: Bounds) -> Point:
    """Build a point from two numbers in degrees.

    Raises GeometryError: as `parse_geometry`; its path ends in 0 for the longitude, 1 for the latitude.
    """
    return cast(
        "Point", parse_geometry({"type": "Point", "coordinates": [lon, lat]}, allowed=("Point",), bounds=bounds)
    )


def _open(value: Any, allowed: tuple[str, ...]) -> tuple[str, list[Any]]:
    if isinstance(value, (str, bytes)):
        raise GeometryError("geometry_is_text", _("Give a GeoJSON object, not a text such as WKT or EWKT."))
    if not isinstance(value, dict):
        raise GeometryError("geometry_not_object", _("Give a GeoJSON object with “type” and “coordinates”."))
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in allowed or kind not in DEPTH:
        message = _("Geometry of this type is not accepted here; accepted: %(types)s.")
        raise GeometryError("geometry_type", message % {"types": ", ".join(allowed)}, ("type",))
    check_crs(value)
    if "coordinates" not in value:
        raise GeometryError("geometry_no_coordinates", _("The “coordinates” are missing."), ("coordinates",))
    coordinates = value["coordinates"]
    if not isinstance(coordinates, list):
        raise GeometryError("geometry_nesting", _("The “coordinates” must be a list."), ("coordinates",))
    if not coordinates:
        raise GeometryError("geometry_empty", _("The geometry is empty."), ("coordinates",))
    return kind, coordinates


def check_crs(value: dict[Any, Any]) -> None:
    """Refuse a GeoJSON object that says it is not in longitude and latitude.

    Raises GeometryError: when it has a `crs` other than CRS84.
    """
    crs = value.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) and crs.get("type") == "name" else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or name not in SAME_AS_WGS84:
        message = _("Coordinates must be longitude and latitude in WGS 84 (CRS84); leave “crs” out.")
        raise GeometryError("geometry_crs", message, ("crs",))


def _check_size(coordinates: list[Any], depth: int, max_vertices: int, max_rings: int) -> None:
    """Count rings and vertices by the lengths of lists, without looking at a single number."""
    lines: list[Any] = [coordinates]
    for _level in range(depth - 1):
        lines = [line for part in lines if isinstance(part, list) for line in part]
    vertices = sum(len(line) for line in lines if isinstance(line, list)) if depth else 1
    if depth >= DEPTH["Polygon"] and len(lines) > max_rings:
        message = _("The geometry has %(count)d rings; at most %(limit)d are accepted.")
        limits = {"count": len(lines), "limit": max_rings}
        raise GeometryError("geometry_too_many_rings", message % limits, ("coordinates",))
    if vertices > max_vertices:
        message = _("The geometry has %(count)d vertices; at most %(limit)d are accepted.")
        limits = {"count": vertices, "limit": max_vertices}
        raise GeometryError("geometry_too_many_vertices", message % limits, ("coordinates",))


def _positions(part: Any, depth: int, path: Path) -> Iterator[tuple[Path, Any]]:
    """Walk down exactly `depth` lists, so that no nesting however deep is followed."""
    if depth == 0:
        yield path, part
        return
    if not isinstance(part, list):
        raise GeometryError("geometry_nesting", _("Here a list is expected: the nesting does not fit the type."), path)
    if not part:
        raise GeometryError("geometry_empty", _("A part of the geometry is empty."), path)
    for index, below in enumerate(part):
        yield from _positions(below, depth - 1, (*path, index))


def _check_position(position: Any, path: Path, bounds: Bounds) -> None:
    if not isinstance(position, list) or any(isinstance(number, list) for number in position[:2]):
        raise GeometryError("geometry_nesting", _("Here a position [longitude, latitude] is expected."), path)
    if len(position) != 2:
        message = _("A position has exactly two numbers, longitude and latitude; heights are not accepted.")
        raise GeometryError("geometry_dimension", message, path)
    for index, number in enumerate(position):
        _check_number(number, (*path, index))
    lon, lat = position
    if not _is_within(lon, lat, bounds):
        raise _misplaced(lon, lat, path, bounds)


def _check_number(number: Any, path: Path) -> None:
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise GeometryError("geometry_not_number", _("A coordinate must be a number."), path)
    # An integer is always finite, and one of hundreds of digits cannot be turned into a float to be asked.
    if isinstance(number, float) and not isfinite(number):
        raise GeometryError("geometry_not_finite", _("A coordinate must be a finite number."), path)


def _is_within(lon: float, lat: float, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return -180 <= lon <= 180 and -90 <= lat <= 90 and west <= lon <= east and south <= lat <= north


def _misplaced(lon: float, lat: float, path: Path, bounds: Bounds) -> GeometryError:
    if _is_within(lat, lon, bounds):
        return GeometryError(
            "geometry_swapped", _("Longitude and latitude seem to be swapped: the longitude comes first."), path
        )
    if not -180 <= lon <= 180:
        message = _("A longitude lies between -180 and 180 degrees.")
        return GeometryError("geometry_out_of_range", message, (*path, 0))
    if not -90 <= lat <= 90:
        message = _("A latitude lies between -90 and 90 degrees.")
        return GeometryError("geometry_out_of_range", message, (*path, 1))
    west, south, east, north = bounds
    message = _(
        "The place lies outside of the region served here: "
        "longitude %(west)g to %(east)g, latitude %(south)g to %(north)g."
    )
    region = {"west": west, "south": south, "east": east, "north": north}
    return GeometryError("geometry_out_of_bounds", message % region, path)


def _check_lines(kind: str, coordinates: list[Any]) -> None:
    if kind == "LineString" and len(coordinates) < 2:
        raise GeometryError("geometry_line_short", _("A line needs at least two positions."), ("coordinates",))
    polygons: dict[Path, list[Any]] = {}
    if kind == "Polygon":
        polygons = {("coordinates",): coordinates}
    elif kind == "MultiPolygon":
        polygons = {("coordinates", index): polygon for index, polygon in enumerate(coordinates)}
    for path, polygon in polygons.items():
        for index, ring in enumerate(polygon):
            _check_ring(ring, (*path, index))


def _check_ring(ring: list[Any], path: Path) -> None:
    if len(ring) < 4:
        message = _("A ring needs at least four positions, the last equal to the first.")
        raise GeometryError("geometry_ring_short", message, path)
    if ring[0] != ring[-1]:
        raise GeometryError("geometry_ring_open", _("A ring must end where it begins."), (*path, len(ring) - 1))


def _build(kind: str, coordinates: list[Any]) -> GEOSGeometry:
    if kind == "Point":
        return Point(coordinates[0], coordinates[1], srid=SRID)
    if kind == "LineString":
        return LineString(coordinates, srid=SRID)
    if kind == "Polygon":
        return _polygon(coordinates)
    return MultiPolygon([_polygon(rings) for rings in coordinates], srid=SRID)


def _polygon(rings: list[Any]) -> Polygon:
    return Polygon(*(LinearRing(ring) for ring in rings), srid=SRID)


def _check_valid(geometry: GEOSGeometry) -> None:
    # The reason alone is asked for: `valid` would also write a notice with the coordinates into the log.
    verdict = geometry.valid_reason
    if verdict == "Valid Geometry":
        return
    found = REASON_AT_PLACE.fullmatch(verdict)
    if found is None:
        raise GeometryError("geometry_invalid", _("The geometry is not valid."), ("coordinates",))
    message = _("The geometry is not valid: %(reason)s near longitude %(lon)s, latitude %(lat)s.")
    parts = {"reason": REASONS.get(found["reason"], found["reason"]), "lon": found["lon"], "lat": found["lat"]}
    raise GeometryError("geometry_invalid", message % parts, ("coordinates",))
