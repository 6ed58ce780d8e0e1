"""The gate for geometry: what it lets in, and what it refuses by which name and at which place."""

from __future__ import annotations

import json
import time
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.geo.gate import DEPTH, SRID, GeometryError, parse_geometry, parse_point

UKRAINE = (22.0, 44.2, 40.3, 52.5)
GLOBE = (-180.0, -90.0, 180.0, 90.0)
MAIDAN = [30.5234, 50.4501]
PODIL = [[30.50, 50.45], [30.53, 50.45], [30.53, 50.48], [30.50, 50.48], [30.50, 50.45]]
COURTYARD = [[30.51, 50.46], [30.51, 50.47], [30.52, 50.47], [30.52, 50.46], [30.51, 50.46]]
RUSANIVKA = [[30.59, 50.43], [30.60, 50.43], [30.60, 50.44], [30.59, 50.43]]
BOW_TIE = [[30.50, 50.45], [30.53, 50.48], [30.53, 50.45], [30.50, 50.48], [30.50, 50.45]]


def accepted(value: Any, **options: Any) -> GEOSGeometry:
    return parse_geometry(value, **{"allowed": tuple(DEPTH), "bounds": UKRAINE, **options})


def refusal(value: Any, **options: Any) -> GeometryError:
    with pytest.raises(GeometryError) as caught:
        accepted(value, **options)
    assert str(caught.value.message)
    return caught.value


def point(*coordinates: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(coordinates), **members}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def named_crs(name: Any) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize(
    "value",
    [
        point(*MAIDAN),
        point(30, 50),
        {"type": "LineString", "coordinates": [MAIDAN, PODIL[0]]},
        polygon(PODIL),
        polygon(PODIL, COURTYARD),
        {"type": "MultiPolygon", "coordinates": [[PODIL, COURTYARD], [RUSANIVKA]]},
    ],
)
def test_geometry_right_is_built_unchanged(value: dict[str, Any]) -> None:
    geometry = accepted(value)
    assert geometry.srid == SRID
    assert not geometry.hasz
    assert json.loads(geometry.geojson) == value


@pytest.mark.parametrize(
    "members",
    [
        {"crs": named_crs("urn:ogc:def:crs:OGC:1.3:CRS84")},
        {"crs": named_crs("urn:ogc:def:crs:OGC::CRS84")},
        {"crs": None},
        {"bbox": ["any"], "precision": 3, "properties": {"name": "Maidan"}},
    ],
)
def test_members_harmless_or_unknown_are_tolerated(members: dict[str, Any]) -> None:
    assert json.loads(accepted(point(*MAIDAN, **members)).geojson) == point(*MAIDAN)


WRONG_OBJECTS = {
    "nothing": (None, "geometry_not_object", ()),
    "number": (7, "geometry_not_object", ()),
    "list": (MAIDAN, "geometry_not_object", ()),
    "wkt": ("POINT (30.5 50.4)", "geometry_is_text", ()),
    "ewkt": ("SRID=3857;POINT (3396000 6530000)", "geometry_is_text", ()),
    "json text": ('{"type": "Point", "coordinates": [30.5, 50.4]}', "geometry_is_text", ()),
    "wkb": (b"\x01\x01\x00\x00\x00", "geometry_is_text", ()),
    "empty object": ({}, "geometry_type", ("type",)),
    "type not a text": ({"type": ["Point"], "coordinates": MAIDAN}, "geometry_type", ("type",)),
    "type in small letters": ({"type": "point", "coordinates": MAIDAN}, "geometry_type", ("type",)),
    "feature": ({"type": "Feature", "geometry": point(*MAIDAN)}, "geometry_type", ("type",)),
    "collection": ({"type": "GeometryCollection", "geometries": [point(*MAIDAN)]}, "geometry_type", ("type",)),
    "mercator": (point(*MAIDAN, crs=named_crs("EPSG:3857")), "geometry_crs", ("crs",)),
    "latitude first": (point(*MAIDAN, crs=named_crs("urn:ogc:def:crs:EPSG::4326")), "geometry_crs", ("crs",)),
    "crs elsewhere": (
        point(*MAIDAN, crs={"type": "link", "properties": {"href": "http://crs.example/"}}),
        "geometry_crs",
        ("crs",),
    ),
    "crs a text": (point(*MAIDAN, crs="urn:ogc:def:crs:OGC:1.3:CRS84"), "geometry_crs", ("crs",)),
    "crs a list": (point(*MAIDAN, crs=[]), "geometry_crs", ("crs",)),
    "crs name a list": (point(*MAIDAN, crs=named_crs([])), "geometry_crs", ("crs",)),
    "no coordinates": ({"type": "Point"}, "geometry_no_coordinates", ("coordinates",)),
    "coordinates null": ({"type": "Point", "coordinates": None}, "geometry_nesting", ("coordinates",)),
    "coordinates an object": (
        {"type": "Point", "coordinates": {"lon": 30.5, "lat": 50.4}},
        "geometry_nesting",
        ("coordinates",),
    ),
}

WRONG_NUMBERS = {
    "text": (point("30.5", 50.4), "geometry_not_number", ("coordinates", 0)),
    "boolean": (point(30.5, True), "geometry_not_number", ("coordinates", 1)),
    "null": (point(None, 50.4), "geometry_not_number", ("coordinates", 0)),
    "object": (point({}, 50.4), "geometry_not_number", ("coordinates", 0)),
    "complex": (point(30.5 + 1j, 50.4), "geometry_not_number", ("coordinates", 0)),
    "nan": (point(nan, 50.4), "geometry_not_finite", ("coordinates", 0)),
    "infinity": (point(30.5, inf), "geometry_not_finite", ("coordinates", 1)),
    "1e308": (point(1e308, 50.4), "geometry_out_of_range", ("coordinates", 0)),
    "1e30": (point(30.5, 1e30), "geometry_out_of_range", ("coordinates", 1)),
    "400 digits": (point(30.5, 10**400), "geometry_out_of_range", ("coordinates", 1)),
    "200 degrees": (point(200, 50.4), "geometry_out_of_range", ("coordinates", 0)),
    "latitude 95": (point(30.5, 95), "geometry_out_of_range", ("coordinates", 1)),
    "latitude -90.1": (point(30.5, -90.1), "geometry_out_of_range", ("coordinates", 1)),
    "height": (point(30.5, 50.4, 110), "geometry_dimension", ("coordinates",)),
    "one number": (point(30.5), "geometry_dimension", ("coordinates",)),
    "swapped": (point(50.4501, 30.5234), "geometry_swapped", ("coordinates",)),
    "warsaw": (point(21.01, 52.23), "geometry_out_of_bounds", ("coordinates",)),
    "null island": (point(0, 0), "geometry_out_of_bounds", ("coordinates",)),
    "in a ring": (
        polygon([*PODIL[:2], [30.53, "50.48"], *PODIL[3:]]),
        "geometry_not_number",
        ("coordinates", 0, 2, 1),
    ),
}

WRONG_SHAPES = {
    "point empty": (point(), "geometry_empty", ("coordinates",)),
    "polygon empty": (polygon(), "geometry_empty", ("coordinates",)),
    "ring empty": (polygon(PODIL, []), "geometry_empty", ("coordinates", 1)),
    "part empty": ({"type": "MultiPolygon", "coordinates": [[PODIL], []]}, "geometry_empty", ("coordinates", 1)),
    "too deep for a point": (point(MAIDAN, MAIDAN), "geometry_nesting", ("coordinates",)),
    "too deep for a polygon": (polygon([PODIL]), "geometry_nesting", ("coordinates", 0, 0)),
    "too shallow for a polygon": (polygon(*PODIL), "geometry_nesting", ("coordinates", 0, 0)),
    "too shallow for a ring": (polygon(30.5, 50.4), "geometry_nesting", ("coordinates", 0)),
    "a number among parts": (
        {"type": "MultiPolygon", "coordinates": [[PODIL], 5]},
        "geometry_nesting",
        ("coordinates", 1),
    ),
    "a text for a position": (polygon(["30.5 50.4"] * 4), "geometry_nesting", ("coordinates", 0, 0)),
    "line of one": ({"type": "LineString", "coordinates": [MAIDAN]}, "geometry_line_short", ("coordinates",)),
    "line without length": (
        {"type": "LineString", "coordinates": [MAIDAN, MAIDAN]},
        "geometry_invalid",
        ("coordinates",),
    ),
    "ring of three": (polygon([*PODIL[:2], PODIL[0]]), "geometry_ring_short", ("coordinates", 0)),
    "ring open": (polygon(PODIL[:4]), "geometry_ring_open", ("coordinates", 0, 3)),
    "hole open": (polygon(PODIL, COURTYARD[:4]), "geometry_ring_open", ("coordinates", 1, 3)),
    "ring of one place": (polygon([MAIDAN] * 4), "geometry_invalid", ("coordinates",)),
    "hole outside": (polygon(PODIL, RUSANIVKA), "geometry_invalid", ("coordinates",)),
    "parts overlap": (
        {"type": "MultiPolygon", "coordinates": [[PODIL], [COURTYARD]]},
        "geometry_invalid",
        ("coordinates",),
    ),
    "crossing itself": (polygon(BOW_TIE), "geometry_invalid", ("coordinates",)),
}

WRONG = {**WRONG_OBJECTS, **WRONG_NUMBERS, **WRONG_SHAPES}


@pytest.mark.parametrize(("value", "code", "path"), WRONG.values(), ids=WRONG)
def test_geometry_wrong_is_refused_by_name_and_place(value: Any, code: str, path: tuple[str | int, ...]) -> None:
    error = refusal(value)
    assert (error.code, error.path) == (code, path)


def test_collection_named_among_the_allowed_is_refused_all_the_same() -> None:
    error = refusal({"type": "GeometryCollection", "geometries": []}, allowed=("GeometryCollection",))
    assert error.code == "geometry_type"


def test_type_not_for_this_field_says_which_are() -> None:
    error = refusal(point(*MAIDAN), allowed=("Polygon", "MultiPolygon"))
    assert (error.code, error.message) == (
        "geometry_type",
        "Geometry of this type is not accepted here; accepted: Polygon, MultiPolygon.",
    )


def test_crossing_outline_says_what_and_where() -> None:
    assert refusal(polygon(BOW_TIE)).message == (
        "The geometry is not valid: the outline crosses itself near longitude 30.515, latitude 50.465."
    )


def test_refusal_speaks_the_callers_language() -> None:
    with translation.override("de"):
        message = refusal(point(50.4501, 30.5234)).message
    assert type(message) is str


def test_refusal_does_not_repeat_what_was_sent() -> None:
    secret = "вул. Хрещатик, 1, кв. 5"
    for value in (secret, {"type": secret}, point(secret, secret), point(*MAIDAN, crs=secret)):
        assert secret not in refusal(value).message


def saw(teeth: int) -> list[list[float]]:
    """Outline a saw blade with two vertices a tooth, its back on the 44th parallel."""
    edge = [[24 + index * 0.0001, 50.0 + index % 2] for index in range(2 * teeth)]
    return [[24.0, 49.0], *edge, [edge[-1][0], 49.0], [24.0, 49.0]]


def test_vertices_one_too_many_are_refused_before_anything_is_looked_at() -> None:
    exactly = [["not", "numbers"]] * 1_000
    assert refusal(polygon(exactly)).code == "geometry_not_number"
    error = refusal(polygon([*exactly, exactly[0]]))
    assert (error.code, error.message) == (
        "geometry_too_many_vertices",
        "The geometry has 1001 vertices; at most 1000 are accepted.",
    )


def test_rings_are_counted_over_all_parts() -> None:
    def squares(count: int) -> dict[str, Any]:
        corners = ((0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1), (0, 0))
        rings = [[[24 + index * 0.5 + dx, 50 + dy] for dx, dy in corners] for index in range(count)]
        return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}

    assert accepted(squares(20)).num_geom == 20
    assert refusal(squares(21)).code == "geometry_too_many_rings"


def test_area_import_may_be_larger() -> None:
    outline = saw(9_998)
    assert len(outline) == 19_999
    assert refusal(polygon(outline)).code == "geometry_too_many_vertices"
    assert accepted(polygon(outline), max_vertices=20_000).num_points == 19_999


@pytest.mark.parametrize(
    "value",
    [
        polygon([MAIDAN] * 200_000),
        {"type": "MultiPolygon", "coordinates": [[PODIL]] * 200_000},
        {"type": "MultiPolygon", "coordinates": [[]] * 200_000},
        polygon(*[[]] * 200_000),
        polygon([[30.5 + (i * 37 % 101) / 100, 50 + (i * 61 % 103) / 100] for i in range(999)] + [[30.5, 50.0]]),
    ],
    ids=["vertices", "parts", "empty parts", "empty rings", "thousands of crossings"],
)
def test_huge_geometry_is_refused_at_once(value: dict[str, Any]) -> None:
    began = time.perf_counter()
    refusal(value)
    assert time.perf_counter() - began < 0.2


def test_nesting_without_end_is_refused() -> None:
    coordinates: list[Any] = []
    for _level in range(100_000):
        coordinates = [coordinates]
    for kind in DEPTH:
        assert refusal({"type": kind, "coordinates": coordinates}).code in {"geometry_dimension", "geometry_nesting"}


def test_bounds_are_the_callers() -> None:
    assert accepted(point(-160, -80), bounds=GLOBE).extent == (-160, -80, -160, -80)
    assert refusal(point(*MAIDAN), bounds=(24.5, 50.0, 26.0, 51.0)).message == (
        "The place lies outside of the region served here: longitude 24.5 to 26, latitude 50 to 51."
    )


def test_point_from_two_fields_goes_by_the_same_gate() -> None:
    assert parse_point(*MAIDAN, bounds=UKRAINE).coords == tuple(MAIDAN)
    with pytest.raises(GeometryError) as caught:
        parse_point(30.5, "50.4", bounds=UKRAINE)
    assert (caught.value.code, caught.value.path) == ("geometry_not_number", ("coordinates", 1))


numbers = st.one_of(
    st.floats(22, 40.3),
    st.floats(44.2, 52.5),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(max_size=3),
)
positions = st.lists(numbers, max_size=3)
lists = st.recursive(st.one_of(numbers, positions), lambda below: st.lists(below, max_size=5), max_leaves=40)
anything = st.recursive(
    st.one_of(numbers, st.binary(max_size=3)),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=8), below, max_size=4),
    max_leaves=20,
)
objects = st.fixed_dictionaries(
    {"type": st.sampled_from([*DEPTH, "GeometryCollection", ""]), "coordinates": lists},
    optional={"crs": anything, "bbox": anything},
)
places = st.tuples(st.floats(30, 31), st.floats(50, 51)).map(list)
rings = st.lists(places, min_size=1, max_size=8).map(lambda ring: [*ring, ring[0]])
outlines = st.lists(rings, max_size=3).map(lambda coordinates: polygon(*coordinates))


@settings(max_examples=400, deadline=None)
@given(st.one_of(objects, outlines, anything))
def test_whatever_comes_is_a_valid_geometry_or_a_refusal(value: Any) -> None:
    try:
        geometry = accepted(value)
    except GeometryError:
        return
    assert geometry.valid
    assert not geometry.empty
    west, south, east, north = geometry.extent
    assert UKRAINE[0] <= west <= east <= UKRAINE[2]
    assert UKRAINE[1] <= south <= north <= UKRAINE[3]


def geometries(value: Any) -> list[Any]:
    """Give the geometry objects of a GeoJSON object."""
    if value.get("type") == "FeatureCollection":
        return [part for feature in value.get("features", []) for part in geometries(feature)]
    if value.get("type") == "Feature":
        return [value.get("geometry")]
    return [value]


def verdict(path: Path) -> set[str]:
    """Say by which codes the geometries of a file are refused; "accepted" for those that are not."""
    found = set()
    for value in geometries(json.loads(path.read_text("utf-8"))):
        try:
            accepted(value, bounds=GLOBE)
        except GeometryError as error:
            found.add(error.code)
        else:
            found.add("accepted")
    return found


# Right by the standard, and not for us: no collections, no sets of points or lines, no heights, nothing empty.
NOT_FOR_US = {"geometry_type", "geometry_dimension", "geometry_empty", "geometry_not_object"}


def test_public_suites_right_files_are_accepted_or_not_for_us(shared_data: Path) -> None:
    right = [
        *(shared_data / "suites/geojson_schema_fixtures/valid").rglob("*.json"),
        *(shared_data / "suites/geojsonhint/good").glob("*.geojson"),
    ]
    verdicts = {str(path): verdict(path) for path in right}
    assert len(right) == 48
    assert sum("accepted" in codes for codes in verdicts.values()) > 10
    others = {Path(name).name: codes for name, codes in verdicts.items() if codes - NOT_FOR_US - {"accepted"}}
    # Metres of a national grid, which nothing in the file gives away.
    assert others == {"issue82.geojson": {"geometry_out_of_range"}}


def test_public_suites_wrong_geometries_are_refused(shared_data: Path) -> None:
    wrong = shared_data / "suites/geojson_schema_fixtures/invalid"
    files = [
        path for kind in ("point", "linestring", "polygon", "multipolygon") for path in (wrong / kind).glob("*.json")
    ]
    let_in = {str(path.relative_to(wrong)) for path in files if "accepted" in verdict(path)}
    assert len(files) > 12
    # A wrong bounding box is a member that we do not read.
    assert {name for name in let_in if not name.endswith("bad-bbox.json")} == set()


def test_naughty_strings_are_refused_wherever_a_geometry_has_a_text(shared_data: Path) -> None:
    for text in json.loads((shared_data / "hostile/blns.json").read_text("utf-8")):
        assert refusal(text).code == "geometry_is_text"
        assert refusal({"type": text, "coordinates": MAIDAN}).code == "geometry_type"
        assert refusal(point(text, 50.4)).code == "geometry_not_number"
        assert refusal(point(*MAIDAN, crs=named_crs(text))).code == "geometry_crs"
