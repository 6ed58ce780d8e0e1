"""Real places, so that a failing test can be looked up on a map."""

from django.contrib.gis.geos import MultiPolygon, Point, Polygon

from coordination.areas.models import Area

POZNIAKY = Point(30.634, 50.398, srid=4326)
SOLOMIANKA = Point(30.470, 50.430, srid=4326)
OBOLON = Point(30.498, 50.501, srid=4326)
SALTIVKA = Point(36.330, 50.020, srid=4326)

# Generous boxes around the real districts.
_KYIV_BOX = (30.20, 50.20, 30.90, 50.60)
_DARNYTSKYI_BOX = (30.58, 50.33, 30.75, 50.44)


def box(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """Make a rectangle."""
    outline = Polygon.from_bbox((west, south, east, north))
    outline.srid = 4326
    return MultiPolygon(outline, srid=4326)


def kyiv() -> Area:
    """Make the city of Kyiv."""
    return Area.objects.create(
        pcode="UA80", katottg="UA80000000000093317", level=1, name_uk="Київ", name_en="Kyiv", boundary=box(*_KYIV_BOX)
    )


def darnytskyi(parent: Area | None = None) -> Area:
    """Make the city district around Pozniaky."""
    return Area.objects.create(
        katottg="UA80000000000210193",
        level=5,
        name_uk="Дарницький",
        name_en="Darnytskyi",
        parent=parent,
        boundary=box(*_DARNYTSKYI_BOX),
    )
