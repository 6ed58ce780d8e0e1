"""Distances on the globe, in Python and in expressions that the index on a geography answers."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point
from django.contrib.postgres.indexes import GistIndex
from django.db.models import BooleanField, F, FloatField, Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

# Mean Earth radius, IUGG. Source: Moritz, Geodetic Reference System 1980, R1.
EARTH_RADIUS_M = 6_371_008.8


def great_circle_m(from_lon: float, from_lat: float, to_lon: float, to_lat: float) -> float:
    """Measure the great-circle distance of two places given in degrees."""
    south, north = radians(from_lat), radians(to_lat)
    half_chord = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin(radians(to_lon - from_lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half_chord)))


def metric(field: str) -> Cast:
    """Turn a lon/lat point column into a geography, on which distances are in metres; what `metric_index` indexes."""
    return Cast(F(field), PointField(geography=True))


def metric_index(field: str, *, name: str) -> GistIndex:
    """Index a point column for `within_m` and `nearest_first`."""
    return GistIndex(metric(field), name=name)


def within_m(field: str, point: Point, radius_m: float | Combinable) -> Func:
    """Ask whether a point column lies at most this far from a point; answered by the index."""
    return Func(
        metric(field),
        _geography(point),
        radius_m if isinstance(radius_m, Combinable) else Value(float(radius_m)),
        Value(False),
        function="ST_DWithin",
        output_field=BooleanField(),
    )


def distance_m(field: str, point: Point) -> Func:
    """Measure each row's distance from a point, on the sphere."""
    return Func(metric(field), _geography(point), Value(False), function="ST_Distance", output_field=FloatField())


def nearest_first(field: str, point: Point) -> Any:
    """Order by distance from a point; answered by the index, nearest rows first, without sorting them all."""
    return Func(
        metric(field), _geography(point), template="%(expressions)s", arg_joiner=" <-> ", output_field=FloatField()
    ).asc()


def _geography(point: Point) -> Func:
    return Func(
        Value(float(point.x)),
        Value(float(point.y)),
        template="ST_SetSRID(ST_MakePoint(%(expressions)s), 4326)::geography",
        output_field=PointField(geography=True),
    )
