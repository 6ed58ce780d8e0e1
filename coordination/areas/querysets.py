"""Questions about areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.gis.geos import Point

from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from coordination.areas.models import Area


class AreaQuerySet(VisibleQuerySet["Area"]):
    """Areas are public knowledge."""

    def disclosure_rules(self, actor: Actor) -> Disclosure:
        return Disclosure.EXACT

    def containing(self, point: Point) -> Self:
        """Keep the areas whose boundary covers a point, the finest first."""
        return self.filter(boundary__covers=point).order_by("-level", "id")

    def by_code(self, code: str) -> Self:
        """Keep the area with this P-code or KATOTTG code."""
        return self.filter(pcode=code) | self.filter(katottg=code)

    def keyed_by_code(self) -> dict[str, Area]:
        """Give the areas by each of their codes, without their boundaries."""
        return {code: area for area in self.defer("boundary") for code in (area.pcode, area.katottg) if code}
