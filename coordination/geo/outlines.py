"""Outlines of one or several parts, kept in one type."""

from django.contrib.gis.geos import MultiPolygon, Polygon


def as_multi_polygon(outline: Polygon | MultiPolygon | None) -> MultiPolygon | None:
    """Give an outline as the MultiPolygon that columns hold."""
    return MultiPolygon(outline, srid=outline.srid) if isinstance(outline, Polygon) else outline
