"""Every wrong geometry of the gate, sent through REST: refused with its field and reason, and the process lives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coordination.access.actors import Actor
from tests.doors.rest import Caller, caller

pytestmark = pytest.mark.django_db

RING = [[30.5, 50.4], [30.6, 50.4], [30.6, 50.5], [30.5, 50.4]]
BOW_TIE = [[30.5, 50.4], [30.6, 50.5], [30.6, 50.4], [30.5, 50.5], [30.5, 50.4]]


def point(*coordinates: Any, **members: Any) -> dict[str, Any]:
    """Give a GeoJSON point."""
    return {"type": "Point", "coordinates": list(coordinates), **members}


WRONG_POINTS: dict[str, tuple[Any, str, str]] = {
    "a text": ("POINT(30.5 50.4)", "", "geometry_is_text"),
    "text with a spatial reference": ("SRID=3857;POINT(30.5 50.4)", "", "geometry_is_text"),
    "a bare list": ([30.5, 50.4], "", "geometry_not_object"),
    "another type": ({"type": "LineString", "coordinates": RING}, "/type", "geometry_type"),
    "no coordinates": ({"type": "Point"}, "/coordinates", "geometry_no_coordinates"),
    "empty": (point(), "/coordinates", "geometry_empty"),
    "a number as text": (point("30.5", 50.4), "/coordinates/0", "geometry_not_number"),
    "a truth value": (point(True, 50.4), "/coordinates/0", "geometry_not_number"),
    "nothing": (point(None, 50.4), "/coordinates/0", "geometry_not_number"),
    "a height": (point(30.5, 50.4, 120), "/coordinates", "geometry_dimension"),
    "one number": (point(30.5), "/coordinates", "geometry_dimension"),
    "nested too deeply": (point([30.5, 50.4], [30.5, 50.4]), "/coordinates", "geometry_nesting"),
    "swapped": (point(50.4, 30.5), "/coordinates", "geometry_swapped"),
    "longitude out of range": (point(200, 50.4), "/coordinates/0", "geometry_out_of_range"),
    "latitude out of range": (point(30.5, 91), "/coordinates/1", "geometry_out_of_range"),
    "crashes printing": (point(1e308, 50.4), "/coordinates/0", "geometry_out_of_range"),
    "hangs transforming": (point(30.5, 1e30), "/coordinates/1", "geometry_out_of_range"),
    "elsewhere": (point(2.35, 48.85), "/coordinates", "geometry_out_of_bounds"),
    "another reference system": (
        point(30.5, 50.4, crs={"type": "name", "properties": {"name": "EPSG:3857"}}),
        "/crs",
        "geometry_crs",
    ),
    "a linked reference system": (
        point(30.5, 50.4, crs={"type": "link", "properties": {"href": "file:///etc/passwd"}}),
        "/crs",
        "geometry_crs",
    ),
}
WRONG_OUTLINES: dict[str, tuple[Any, str, str]] = {
    "an open ring": ([[*RING[:3], [30.5, 50.45]]], "/coordinates/0/3", "geometry_ring_open"),
    "a short ring": ([RING[:2] + RING[:1]], "/coordinates/0", "geometry_ring_short"),
    "crossing itself": ([BOW_TIE], "/coordinates", "geometry_invalid"),
    "too many vertices": ([[[30.5, 50.4]] * 1_001], "/coordinates", "geometry_too_many_vertices"),
    "too many rings": ([RING] * 21, "/coordinates", "geometry_too_many_rings"),
    "an empty ring": ([[]], "/coordinates/0", "geometry_empty"),
}


def report(someone: Caller, **geometry: Any) -> Any:
    """Report an incident with this geometry."""
    body = {"title": "Debris", "hazard": "debris_fall", "occurred_at": "2026-01-05T22:15:00Z", **geometry}
    return someone.post("incidents", body)


def refused(answer: Any) -> tuple[int, list[tuple[str, str]], bool]:
    """Give the status, what was refused and why, and whether that was said in words."""
    errors = answer.json()["errors"]
    said = all(error["message"] for error in errors)
    return answer.status_code, [(error["pointer"], error["code"]) for error in errors], said


@pytest.mark.parametrize("name", WRONG_POINTS)
def test_wrong_point_is_refused_with_its_field_and_reason(ngo_actor: Actor, name: str) -> None:
    value, path, code = WRONG_POINTS[name]
    assert refused(report(caller(ngo_actor), location=value)) == (400, [(f"#/location{path}", code)], True)


@pytest.mark.parametrize("name", WRONG_OUTLINES)
def test_wrong_outline_is_refused_with_its_field_and_reason(ngo_actor: Actor, name: str) -> None:
    rings, path, code = WRONG_OUTLINES[name]
    outline = {"type": "Polygon", "coordinates": rings}
    assert refused(report(caller(ngo_actor), footprint=outline)) == (400, [(f"#/footprint{path}", code)], True)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_number_that_json_does_not_know_is_refused(ngo_actor: Actor, number: str) -> None:
    content = f'{{"location": {{"type": "Point", "coordinates": [{number}, 50.4]}}}}'.encode()
    answer = caller(ngo_actor).post("incidents", content)
    assert answer.status_code == 400
    assert answer.json()["code"] in {"json_not_finite", "json_number_too_large"}


def test_right_geometry_comes_back_as_it_went_in(ngo_actor: Actor) -> None:
    outline = {"type": "Polygon", "coordinates": [RING]}
    answer = report(caller(ngo_actor), location=point(30.616, 50.456), footprint=outline)
    told = answer.json()
    assert (answer.status_code, told["location"]) == (201, point(30.616, 50.456))
    assert told["footprint"] == json.loads(json.dumps({"type": "MultiPolygon", "coordinates": [[RING]]}))
