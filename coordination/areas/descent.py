"""Areas and all that lie below them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import connection

# UNION, not UNION ALL: rows that were walked to before end the walk, should an area ever lie below itself.
WALK = """
WITH RECURSIVE below (root, id) AS (
    SELECT id, id FROM areas_area WHERE id = ANY(%s)
    UNION
    SELECT below.root, areas_area.id FROM below JOIN areas_area ON areas_area.parent_id = below.id
)
SELECT root, id FROM below
"""


def areas_below(roots: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """Give for each area its own id and those of all areas below it; one statement, none for no areas."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    if roots:
        with connection.cursor() as cursor:
            cursor.execute(WALK, [list(roots)])
            for root, area in cursor.fetchall():
                found[root].append(area)
    return found
