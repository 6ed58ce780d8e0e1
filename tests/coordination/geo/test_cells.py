"""Coarse places: fixed cells that hide where exactly."""

from __future__ import annotations

from django.contrib.gis.geos import Point

from coordination.geo.cells import HOME_RESOLUTION, INCIDENT_RESOLUTION, cell_centre, cell_of, cell_outline
from coordination.geo.distance import great_circle_m
from coordination.geo.gate import parse_geometry

MAIDAN = Point(30.5234, 50.4501, srid=4326)
UKRAINE = (22.0, 44.2, 40.3, 52.5)


def test_neighbours_share_a_cell_and_other_towns_do_not() -> None:
    across_the_street = Point(30.5240, 50.4505, srid=4326)
    assert cell_of(MAIDAN, HOME_RESOLUTION) == cell_of(across_the_street, HOME_RESOLUTION)
    assert cell_of(MAIDAN, HOME_RESOLUTION) != cell_of(Point(36.2304, 49.9935, srid=4326), HOME_RESOLUTION)


def test_cell_is_a_valid_outline_around_its_centre_and_the_place() -> None:
    for resolution, widest_m in ((HOME_RESOLUTION, 4_500), (INCIDENT_RESOLUTION, 1_700)):
        cell = cell_of(MAIDAN, resolution)
        outline = parse_geometry(cell_outline(cell), allowed=("Polygon",), bounds=UKRAINE)
        centre = Point(*cell_centre(cell), srid=4326)
        assert outline.contains(MAIDAN)
        assert outline.contains(centre)
        assert cell_of(centre, resolution) == cell
        assert great_circle_m(*centre, *MAIDAN) < widest_m
