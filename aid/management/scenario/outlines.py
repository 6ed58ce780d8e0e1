"""Build the scenario's areas from the nodes of areas.json: schematic outlines, for the demonstration only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.gis.geos import MultiPolygon, Polygon

from aid.management.scenario.reading import read
from coordination.geo.outlines import as_multi_polygon

SRID = 4326


@dataclass(frozen=True)
class Outline:
    """One area with its codes, names and schematic boundary."""

    key: str
    parent: str | None
    pcode: str | None
    katottg: str
    level: int
    name_uk: str
    name_en: str
    boundary: MultiPolygon


def outlines() -> list[Outline]:
    """Build every area of the scenario, parents before children."""
    file = read("areas")
    nodes, rows = file["nodes"], file["areas"]
    by_key = {row["key"]: row for row in rows}
    return [
        Outline(
            key=row["key"],
            parent=row["parent"],
            pcode=row.get("pcode"),
            katottg=row["katottg"],
            level=row["level"],
            name_uk=row["name_uk"],
            name_en=row["name_en"],
            boundary=_boundary(row, rows, by_key, nodes),
        )
        for row in rows
    ]


def _boundary(
    row: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    by_key: Mapping[str, Mapping[str, Any]],
    nodes: Mapping[str, Sequence[float]],
) -> MultiPolygon:
    if row["outline"] == "children":
        children = [_boundary(child, rows, by_key, nodes) for child in rows if child["parent"] == row["key"]]
        shape = MultiPolygon([polygon for child in children for polygon in child]).unary_union
    else:
        corners = [tuple(nodes[name]) for name in row["outline"].split()]
        shape = Polygon([*corners, corners[0]])
    if "without" in row:
        shape = shape - _boundary(by_key[row["without"]], rows, by_key, nodes)
    shape.srid = SRID
    outline = as_multi_polygon(cast(Polygon | MultiPolygon, shape))
    return cast(MultiPolygon, outline)
