"""Prove that every counter equals the sum of what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from aid import policies
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require

# Plain SQL in one statement: every counter and everything that it counts are seen at one and the same moment.
# A promise is reserved until it leaves; what left is consumed at its resource until it comes back, and dispatched on
# its line unless it failed. A party is reserved until it comes, consumed while it is there.
_DIFFERENCES = """
WITH promise AS (
    SELECT m.resource_id, m.line_id, m.quantity, m.quantity_delivered, m.status AS match_status,
        d.status AS delivery_status, d.dispatched_at IS NOT NULL AS has_left,
        m.status IN ('proposed', 'accepted') AND d.dispatched_at IS NULL AS is_reserved
    FROM aid_match m LEFT JOIN aid_delivery d ON d.id = m.delivery_id
), held AS (
    SELECT resource_id,
        CASE WHEN is_reserved THEN quantity ELSE 0 END AS reserved,
        CASE WHEN has_left AND delivery_status <> 'returned' THEN quantity ELSE 0 END AS consumed
    FROM promise
    UNION ALL
    SELECT shelter.places_id,
        CASE WHEN stay.status = 'planned' AND stay.match_id IS NULL THEN stay.party_size ELSE 0 END,
        CASE WHEN stay.status = 'checked_in' THEN stay.party_size ELSE 0 END
    FROM aid_shelterstay stay JOIN aid_shelter shelter ON shelter.id = stay.shelter_id
), of_resource AS (
    SELECT resource_id AS id, sum(reserved) AS reserved, sum(consumed) AS consumed FROM held GROUP BY resource_id
), of_line AS (
    SELECT line_id AS id,
        sum(quantity) FILTER (WHERE is_reserved) AS reserved,
        coalesce(sum(quantity) FILTER (WHERE match_status = 'accepted' AND delivery_status = 'dispatched'), 0)
            + coalesce(sum(quantity_delivered) FILTER (WHERE match_status = 'fulfilled'), 0) AS dispatched,
        sum(quantity_delivered) FILTER (WHERE match_status = 'fulfilled') AS delivered
    FROM promise GROUP BY line_id
), counter (noun, row_id, name, stored, counted) AS (
    SELECT 'resource', r.id, c.name, c.stored, c.counted
    FROM aid_resource r LEFT JOIN of_resource s ON s.id = r.id
    CROSS JOIN LATERAL (VALUES ('reserved', r.reserved, s.reserved), ('consumed', r.consumed, s.consumed))
        AS c (name, stored, counted)
    UNION ALL
    SELECT 'line', l.id, c.name, c.stored, c.counted
    FROM aid_requestline l LEFT JOIN of_line s ON s.id = l.id
    CROSS JOIN LATERAL (
        VALUES ('reserved', l.reserved, s.reserved), ('dispatched', l.dispatched, s.dispatched),
            ('delivered', l.delivered, s.delivered)
    ) AS c (name, stored, counted)
)
SELECT noun, row_id, name, stored, coalesce(counted, 0)::bigint
FROM counter WHERE stored <> coalesce(counted, 0) ORDER BY noun, row_id, name
"""


@dataclass(frozen=True)
class Difference:
    """Hold one counter of a resource or a line that is not what its matches, stays and deliveries add up to."""

    noun: str
    row_id: UUID
    counter: str
    stored: int
    counted: int


@action
def audit_quantities(*, actor: Actor) -> list[Difference]:
    """Give every counter that is wrong; none on a good day. Nothing is repaired: a wrong counter is a fault to find."""
    require(policies.may_match(actor))
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [Difference(*row) for row in cursor.fetchall()]
