"""Coarse places: fixed H3 cells, stored when a row is written, never jittered."""

from __future__ import annotations

from typing import Any

import h3
from django.contrib.gis.geos import Point

# About 36 km2 and 5 km2 in area. Source: H3 documentation, table of average cell areas.
HOME_RESOLUTION = 6
INCIDENT_RESOLUTION = 7


def cell_of(point: Point, resolution: int) -> str:
    """Name the cell that a point lies in."""
    return h3.latlng_to_cell(point.y, point.x, resolution)


def cell_centre(cell: str) -> tuple[float, float]:
    """Give a cell's centre as (lon, lat) in degrees."""
    lat, lon = h3.cell_to_latlng(cell)
    return lon, lat


def cell_outline(cell: str) -> dict[str, Any]:
    """Give a cell's outline as a GeoJSON Polygon."""
    ring = [[lon, lat] for lat, lon in h3.cell_to_boundary(cell)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
