"""Areas, organisations and coarse cells: what every other type points to."""

from __future__ import annotations

import strawberry
from django.db.models import QuerySet

from coordination.access import models as access
from coordination.access.enums import OrganisationType
from coordination.areas import models as areas
from coordination.areas.models import Area as AreaRow
from coordination.geo.cells import cell_centre, cell_outline
from coordination.records.actors import Actor
from coordination.web.graphql.connections import Connection, back_from, collection, to_many
from coordination.web.graphql.nodes import Node, derived, later, node, to_one
from coordination.web.graphql.scalars import MultiPolygon, Point, Polygon, described
from coordination.web.graphql.where import Where, matching_text
from coordination.web.paging import Order

described(OrganisationType)
described(AreaRow.Level, "AreaLevel")


@strawberry.type(description="The fixed H3 cell that stands for a place where the place itself is not told.")
class Cell:
    """See its GraphQL description."""

    id: str
    centre: Point
    outline: Polygon


def cell(field: str = "public_cell") -> Cell | None:
    """Make the field of a row's cell."""
    return derived(field, lambda row: _cell(getattr(row, field)))


def _cell(name: str) -> Cell | None:
    if not name:
        return None
    centre = {"type": "Point", "coordinates": cell_centre(name)}
    return Cell(id=name, centre=Point(centre), outline=Polygon(cell_outline(name)))


@node(areas.Area, later=("boundary",))
class Area(Node):
    """One administrative area: a country, oblast, raion, hromada, settlement or city district."""

    pcode: str | None
    katottg: str | None
    level: AreaRow.Level
    name_uk: str
    name_en: str
    boundary: MultiPolygon | None = later("boundary")
    parent: Area | None = to_one("parent")
    children: Connection[Area] = to_many("areas.Area", "parent")


@strawberry.input
class AreaWhere(Where):
    """What areas can be narrowed by."""

    pcode: str | None = None
    katottg: str | None = None
    level: list[AreaRow.Level] | None = None
    parent: strawberry.ID | None = None
    q: str | None = strawberry.field(default=None, description="A part of the name in either language.")

    def by_q(self, rows: QuerySet[access.Organisation], _actor: Actor) -> QuerySet[access.Organisation]:
        return matching_text(rows, self.q or "", "name_uk", "name_en")


@node(access.Organisation)
class Organisation(Node):
    """One body that takes part: an NGO, a utility, a volunteer group, the city itself."""

    name: str
    type: OrganisationType
    is_vetted: bool
    is_cell: bool
    is_exercise: bool
    is_active: bool
    areas: Connection[Area] = to_many("areas.Area", back_from(access.Organisation, "areas"))


@strawberry.input
class OrganisationWhere(Where):
    """What organisations can be narrowed by."""

    type: list[OrganisationType] | None = None
    is_vetted: bool | None = None
    is_cell: bool | None = None
    is_active: bool | None = None
    q: str | None = strawberry.field(default=None, description="A part of the name.")

    def by_q(self, rows: QuerySet[access.Organisation], _actor: Actor) -> QuerySet[access.Organisation]:
        return matching_text(rows, self.q or "", "name")


@strawberry.type
class DirectoryQuery:
    """Who and where."""

    areas: Connection[Area] = collection(
        Area,
        where=AreaWhere,
        order=Order("level", ("level", "name_uk", "id"), (int, str, strawberry.ID)),
        description="Administrative areas, the largest first.",
    )
    organisations: Connection[Organisation] = collection(
        Organisation,
        where=OrganisationWhere,
        order=Order("name", ("name", "id"), (str, strawberry.ID)),
        description="Organisations that take part, by name.",
    )
