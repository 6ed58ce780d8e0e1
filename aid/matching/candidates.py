"""Read who waits and what is free into arrays for the solver; reads only, in a handful of statements."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Exists, F, FloatField, Func, OuterRef, Q, QuerySet

from aid.enums import AidRequestStatus, Condition, EndReason, ResourceStatus
from aid.matching.room import room_of
from aid.matching.solve import Lines, Offers, Pairs
from aid.matching.solve.problem import Bool, Int8, Int64
from aid.models import RequestLine, Resource
from coordination.areas.models import Area
from coordination.geo.cells import HOME_RESOLUTION, cell_centre, cell_of
from incidents.models import AccessConstraint

BIT_OF = {condition: 1 << position for position, condition in enumerate(Condition.values)}
_NOT_REFUSED = [
    EndReason.AID_REQUEST_CHANGED,
    EndReason.AID_REQUEST_MERGED,
    EndReason.RESOURCE_CHANGED,
    EndReason.RESOURCE_PAUSED,
    EndReason.SHELTER_NOT_OPEN,
]

# Plain SQL: the question joins each pair to its own moment in two histories, which the ORM asks column by column.
# A refusal stands while the resource and the line are what they were; counters and touched moments are no change.
# What the system let go, because a side changed or paused, nobody refused.
_CLOSED_PAIRS = """
WITH refused AS MATERIALIZED (
    SELECT line_id, resource_id, decided_at FROM aid_match
    WHERE line_id = ANY(%(lines)s) AND resource_id = ANY(%(resources)s)
    AND status IN ('declined', 'cancelled') AND status_reason <> ALL(%(not_refused)s)
)
SELECT line_id, resource_id
FROM aid_match
WHERE line_id = ANY(%(lines)s) AND resource_id = ANY(%(resources)s)
AND (status = 'proposed' OR (status = 'expired' AND respond_by > %(cooled_down_after)s))
UNION
SELECT m.line_id, m.resource_id
FROM refused m
LEFT JOIN LATERAL (
    SELECT h.total, h.location, h.service_radius_m, h.available_from, h.expires_at, h.status, h.conditions
    FROM aid_resourceevent h WHERE h.pgh_obj_id = m.resource_id AND h.pgh_created_at <= m.decided_at
    ORDER BY h.pgh_created_at DESC, h.pgh_id DESC LIMIT 1
) offer ON true
LEFT JOIN LATERAL (
    SELECT h.quantity, h.conditions
    FROM aid_requestlineevent h WHERE h.pgh_obj_id = m.line_id AND h.pgh_created_at <= m.decided_at
    ORDER BY h.pgh_created_at DESC, h.pgh_id DESC LIMIT 1
) line ON true
WHERE NOT EXISTS (
    SELECT FROM aid_resourceevent h WHERE h.pgh_obj_id = m.resource_id AND h.pgh_created_at > m.decided_at
    AND (h.total, h.location, h.service_radius_m, h.available_from, h.expires_at, h.status, h.conditions)
        IS DISTINCT FROM (offer.total, offer.location, offer.service_radius_m, offer.available_from, offer.expires_at,
                          offer.status, offer.conditions))
AND NOT EXISTS (
    SELECT FROM aid_requestlineevent h WHERE h.pgh_obj_id = m.line_id AND h.pgh_created_at > m.decided_at
    AND (h.quantity, h.conditions) IS DISTINCT FROM (line.quantity, line.conditions))
"""


@dataclass(frozen=True)
class Weights:
    """Hold what a need weighs against distance; a run stores those it used. Changed by the setting MATCHING."""

    reach_km: float = 200.0
    """Kilometres that helping one person is worth at routine urgency."""
    urgency_factor: float = 2.0
    """How much more each step of urgency weighs."""
    vulnerable_factor: float = 1.0
    """How much more a household of vulnerable people only weighs."""
    waiting_day_factor: float = 1.0
    """How much more each day of waiting weighs."""
    cool_down_minutes: float = 120.0
    """How long a proposal that nobody answered is not made again."""

    @classmethod
    def of_deployment(cls) -> Weights:
        """Return the weights as this deployment sets them."""
        return cls(**settings.MATCHING)

    def as_json(self) -> dict[str, float]:
        """Return the weights by name."""
        return asdict(self)


@dataclass(frozen=True)
class Scope:
    """Hold what a run looks at; None means no limit. Areas include those below them."""

    aid_request_ids: Sequence[UUID] | None = None
    item_ids: Sequence[UUID] | None = None
    area_ids: Sequence[UUID] | None = None
    line_ids: Sequence[UUID] | None = None
    resource_ids: Sequence[UUID] | None = None

    def as_json(self) -> dict[str, list[str]]:
        """Return the limits by name."""
        return {name: sorted(map(str, ids)) for name, ids in asdict(self).items() if ids is not None}


@dataclass(frozen=True, eq=False)
class Candidates:
    """Hold lines and offers for the solver, and by the same indexes what it need not know."""

    lines: Lines
    offers: Offers
    forbidden: Pairs
    line_ids: list[UUID]
    resource_ids: list[UUID]
    urgency: Int8
    usual_radius_m: Int64
    cells: list[str] = field(repr=False)


def read_candidates(scope: Scope, *, now: datetime, weights: Weights) -> Candidates:
    """Return the verified lines with something unmet, and the resources of their items that are open now, full or not.

    Rows in the order of their ids. Left out is what lies where an access constraint is in force, and what providers
    offer that hold as many matches as they may. Real and exercise rows get different item codes. Pairs that were
    refused, or timed out lately, or are proposed already, are forbidden.
    To offers of organisations that nobody has vetted a line is in the middle of its cell: whoever invents offers around
    a home finds its cell.
    """
    line_rows = list(_open_lines(scope, now))
    resource_rows = list(_open_resources(scope, {row[1] for row in line_rows}, now))
    room = room_of({row[10] for row in resource_rows})
    codes = {key: code for code, key in enumerate(sorted({row[1:3] for row in line_rows}))}
    resource_rows = [row for row in resource_rows if row[1:3] in codes and room[row[10]]]
    line_ids, resource_ids = [row[0] for row in line_rows], [row[0] for row in resource_rows]
    line = _columns(line_rows, 16)
    resource = _columns(resource_rows, 11)
    centres = [cell_centre(cell) for cell in line[15]]

    quantity, people = np.array(line[5], np.int64), np.array(line[9], np.float64)
    urgency = np.array(line[11], np.int8)
    waiting_days = np.maximum(now.timestamp() - np.array(line[13], np.float64), 0) / 86_400
    effort = people / np.maximum(quantity, 1)
    penalty = (
        effort
        * weights.reach_km
        * weights.urgency_factor ** (4.0 - urgency)
        * (1 + weights.vulnerable_factor * np.array(line[10], np.float64) / np.maximum(people, 1))
        * (1 + weights.waiting_day_factor * waiting_days)
    )
    return Candidates(
        lines=Lines(
            item=np.array([codes[row[1:3]] for row in line_rows], np.int32),
            lon=np.array(line[3], np.float64),
            lat=np.array(line[4], np.float64),
            quantity=quantity - np.array(line[6], np.int64),
            penalty=penalty,
            effort=effort,
            needs=_masks(line[7]),
            needed_by=_moments(line[12], -np.inf),
            whole=~np.array(line[8], np.bool_),
            coarse_lon=np.array([lon for lon, _lat in centres], np.float64),
            coarse_lat=np.array([lat for _lon, lat in centres], np.float64),
        ),
        offers=Offers(
            item=np.array([codes[row[1:3]] for row in resource_rows], np.int32),
            lon=np.array(resource[3], np.float64),
            lat=np.array(resource[4], np.float64),
            available=np.array(resource[5], np.int64),
            radius_m=np.array(resource[6], np.float64),
            has=_masks(resource[7]),
            expires_at=_moments(resource[8], np.inf),
            coarse=~np.array(resource[9], np.bool_),
        ),
        forbidden=_closed_pairs(line_ids, resource_ids, now, weights),
        line_ids=line_ids,
        resource_ids=resource_ids,
        urgency=urgency,
        usual_radius_m=np.array(line[14], np.int64),
        cells=list(line[15]),
    )


def seen_coarsely(candidates: Candidates, *, except_for: Container[UUID]) -> Candidates:
    """Return the same candidates with each offer in the middle of its cell, except for those whose place is known.

    Whatever is made of them, however often and for lines wherever, tells no more of the others than the cell.
    """
    offers = candidates.offers
    lon, lat = offers.lon.copy(), offers.lat.copy()
    for index, resource_id in enumerate(candidates.resource_ids):
        if resource_id not in except_for:
            lon[index], lat[index] = cell_centre(cell_of(Point(lon[index], lat[index]), HOME_RESOLUTION))
    return replace(candidates, offers=replace(offers, lon=lon, lat=lat))


def only_lines(candidates: Candidates, chosen: Bool, available: Int64) -> tuple[Lines, Offers, Pairs]:
    """Return the chosen lines alone, the offers with this much left, and the forbidden pairs among them."""
    lines = candidates.lines
    some = Lines(
        lines.item[chosen],
        lines.lon[chosen],
        lines.lat[chosen],
        lines.quantity[chosen],
        lines.penalty[chosen],
        lines.effort[chosen],
        lines.needs[chosen],
        lines.needed_by[chosen],
        lines.whole[chosen],
        lines.coarse_lon[chosen],
        lines.coarse_lat[chosen],
    )
    pairs = candidates.forbidden
    kept = chosen[pairs.line]
    position = np.cumsum(chosen) - 1
    forbidden = Pairs(position[pairs.line[kept]].astype(np.int32), pairs.offer[kept])
    return some, replace(candidates.offers, available=available), forbidden


def _open_lines(scope: Scope, now: datetime) -> QuerySet[RequestLine, tuple[Any, ...]]:
    lines = RequestLine.objects.unmet().filter(aid_request__status=AidRequestStatus.VERIFIED)
    if scope.aid_request_ids is not None:
        lines = lines.filter(aid_request__in=scope.aid_request_ids)
    if scope.line_ids is not None:
        lines = lines.filter(pk__in=scope.line_ids)
    if scope.resource_ids is not None:
        lines = lines.filter(item__in=Resource.objects.filter(pk__in=scope.resource_ids).values("item"))
    if scope.item_ids is not None:
        lines = lines.filter(item__in=scope.item_ids)
    if scope.area_ids is not None:
        lines = lines.filter(aid_request__area__in=_with_those_below(scope.area_ids))
    return (
        lines.exclude(_cut_off("aid_request__", now))
        .order_by("pk")
        .values_list(
            "pk",
            "item_id",
            "aid_request__is_exercise",
            _coordinate("ST_X", "aid_request__location"),
            _coordinate("ST_Y", "aid_request__location"),
            "quantity",
            F("reserved") + F("dispatched"),
            "conditions",
            "item__is_divisible",
            "aid_request__people",
            "aid_request__vulnerable_people",
            "aid_request__urgency",
            _epoch("aid_request__needed_by"),
            _epoch("aid_request__created_at"),
            "item__default_radius_m",
            "aid_request__public_cell",
        )
    )


def _open_resources(scope: Scope, items: set[UUID], now: datetime) -> QuerySet[Resource, tuple[Any, ...]]:
    resources = Resource.objects.filter(
        Q(available_from=None) | Q(available_from__lte=now),
        Q(expires_at=None) | Q(expires_at__gt=now),
        item__in=items,
        status=ResourceStatus.AVAILABLE,
        provider__is_active=True,
        location__isnull=False,
    )
    if scope.resource_ids is not None:
        resources = resources.filter(pk__in=scope.resource_ids)
    return (
        resources.exclude(_cut_off("", now))
        .order_by("pk")
        .values_list(
            "pk",
            "item_id",
            "is_exercise",
            _coordinate("ST_X", "location"),
            _coordinate("ST_Y", "location"),
            F("total") - F("reserved") - F("consumed"),
            "service_radius_m",
            "conditions",
            _epoch("expires_at"),
            "provider__is_vetted",
            "provider_id",
        )
    )


def _cut_off(path: str, now: datetime) -> Q:
    """Ask whether the row at a path lies in an area or an outline where help cannot go now."""
    around = AccessConstraint.objects.in_force(now).filter(
        Q(footprint__covers=OuterRef(f"{path}location"))
        | Q(area__boundary__covers=OuterRef(f"{path}location"))
        | Q(area=OuterRef(f"{path}area")),
        is_exercise=OuterRef(f"{path}is_exercise"),
    )
    return Q(Exists(around))


def _with_those_below(area_ids: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    level = set(area_ids)
    while level:
        found |= level
        level = set(Area.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
    return found


def _closed_pairs(line_ids: list[UUID], resource_ids: list[UUID], now: datetime, weights: Weights) -> Pairs:
    with connection.cursor() as cursor:
        cursor.execute(
            _CLOSED_PAIRS,
            {
                "lines": line_ids,
                "resources": resource_ids,
                "cooled_down_after": now - timedelta(minutes=weights.cool_down_minutes),
                "not_refused": _NOT_REFUSED,
            },
        )
        rows = cursor.fetchall()
    line_at = {line_id: index for index, line_id in enumerate(line_ids)}
    resource_at = {resource_id: index for index, resource_id in enumerate(resource_ids)}
    return Pairs(
        line=np.array([line_at[line_id] for line_id, _ in rows], np.int32),
        offer=np.array([resource_at[resource_id] for _, resource_id in rows], np.int32),
    )


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    """Turn rows into columns; no rows still have their columns."""
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _masks(conditions: Sequence[list[str]]) -> Int64:
    return np.array([sum(BIT_OF[condition] for condition in some) for some in conditions], np.int64)


def _moments(epochs: Sequence[float | None], without: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([without if epoch is None else epoch for epoch in epochs], np.float64)


def _coordinate(function: str, path: str) -> Func:
    return Func(F(path), function=function, output_field=FloatField())


def _epoch(path: str) -> Func:
    # The server's numeric would arrive as a Decimal.
    return Func(F(path), template="EXTRACT(EPOCH FROM %(expressions)s)::float8", output_field=FloatField())
