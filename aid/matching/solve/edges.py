"""Which offer may serve which line: pairs within the radius by exact great-circle distance, then the other tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.spatial import cKDTree

from aid.matching.solve.problem import Bool, Float, Int8, Int32, Int64, Lines, Offers, Pairs, Reason

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the Earth. Source: IUGG; Moritz, Geodetic Reference System 1980, J. Geodesy 74 (2000)."""

_OFFERS_PER_QUERY = 32
"""The tree answers with Python lists; asking for few offers at a time keeps them small."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Hold feasible pairs of one item, sorted by line, then offer; `cost` in km-equivalents per unit."""

    line: Int32
    offer: Int32
    distance_m: Float
    cost: Float

    def __len__(self) -> int:
        return len(self.line)

    def only(self, which: Bool | Int64) -> "Edges":
        """Return the chosen edges."""
        return Edges(self.line[which], self.offer[which], self.distance_m[which], self.cost[which])


def great_circle_m(lon: Float, lat: Float, other_lon: Float, other_lat: Float) -> Float:
    """Return the great-circle distances between points in degrees, by the haversine formula."""
    phi, other_phi = np.radians(lat), np.radians(other_lat)
    half_chord_squared = (
        np.sin((other_phi - phi) / 2) ** 2
        + np.cos(phi) * np.cos(other_phi) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    )
    distance: Float = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half_chord_squared, 1.0)))
    return distance


def feasible_edges(
    lines: Lines, offers: Offers, of_lines: Int64, of_offers: Int64, forbidden: Pairs
) -> tuple[Edges, Int8]:
    """Return the feasible edges among the chosen lines and offers of one item, and what stops each of those lines.

    Edges carry positions within `of_lines` and `of_offers`. What stops a line is the first test that no offer passes
    together with the tests before it; OUTBID where an offer passes them all. A forbidden pair counts as absent.
    """
    line, offer, distance_m = _within_radius(lines, offers, of_lines, of_offers)
    if len(forbidden.line) and len(line):
        width = len(offers.item)
        keys = of_lines[line] * width + of_offers[offer]
        allowed = ~np.isin(keys, forbidden.line.astype(np.int64) * width + forbidden.offer)
        line, offer, distance_m = line[allowed], offer[allowed], distance_m[allowed]

    reason = np.full(len(of_lines), Reason.NONE_NEARBY, np.int8)
    passed = np.ones(len(line), np.bool_)
    reason[line] = Reason.OUT_OF_STOCK
    for next_reason, test in _further_tests(lines, offers, of_lines[line], of_offers[offer]):
        passed &= test
        reason[line[passed]] = next_reason

    line, offer, distance_m = line[passed], offer[passed], distance_m[passed]
    order = np.lexsort((offer, line))
    line, offer, distance_m = line[order], offer[order], distance_m[order]
    return Edges(line, offer, distance_m, lines.effort[of_lines][line] * (distance_m / 1000)), reason


def may_serve(lines: Lines, offers: Offers, line: Int32, offer: Int32) -> Bool:
    """Return for each pair whether the offer may serve the line, by every test."""
    lon = np.where(offers.coarse[offer], lines.coarse_lon[line], lines.lon[line])
    lat = np.where(offers.coarse[offer], lines.coarse_lat[line], lines.lat[line])
    distance_m = great_circle_m(lon, lat, offers.lon[offer], offers.lat[offer])
    passed: Bool = (lines.item[line] == offers.item[offer]) & (distance_m <= offers.radius_m[offer])
    for _, test in _further_tests(lines, offers, line, offer):
        passed &= test
    return passed


def _further_tests(
    lines: Lines, offers: Offers, line: Int64 | Int32, offer: Int64 | Int32
) -> tuple[tuple[Reason, Bool], ...]:
    """Return the tests after the radius in their order, each with what stops a line whose pairs pass no later one."""
    least = np.where(lines.whole[line], lines.quantity[line], 1)
    return (
        (Reason.CONDITION, offers.available[offer] >= least),
        (Reason.EXPIRES, (lines.needs[line] & ~offers.has[offer]) == 0),
        (Reason.OUTBID, lines.needed_by[line] <= offers.expires_at[offer]),
    )


def _within_radius(lines: Lines, offers: Offers, of_lines: Int64, of_offers: Int64) -> tuple[Int32, Int32, Float]:
    found: list[tuple[Int32, Int32, Float]] = []
    coarse = offers.coarse[of_offers]
    for some, lon, lat in ((~coarse, lines.lon, lines.lat), (coarse, lines.coarse_lon, lines.coarse_lat)):
        position = np.flatnonzero(some).astype(np.int32)
        chosen = of_offers[position]
        line_lon, line_lat = lon[of_lines], lat[of_lines]
        offer_lon, offer_lat, radius_m = offers.lon[chosen], offers.lat[chosen], offers.radius_m[chosen]
        for line, offer in _nearly_within(line_lon, line_lat, offer_lon, offer_lat, radius_m):
            distance_m = great_circle_m(line_lon[line], line_lat[line], offer_lon[offer], offer_lat[offer])
            near = distance_m <= radius_m[offer]
            found.append((line[near], position[offer[near]], distance_m[near]))
    if not found:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    line, offer, distance_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return line, offer, distance_m


def _nearly_within(
    line_lon: Float, line_lat: Float, offer_lon: Float, offer_lat: Float, radius_m: Float
) -> Iterator[tuple[Int32, Int32]]:
    """Yield candidate pairs in blocks: all that are within the radius, and a few just outside."""
    tree = cKDTree(_unit_vectors(line_lon, line_lat))
    centres = _unit_vectors(offer_lon, offer_lat)
    angle = np.minimum(radius_m / EARTH_RADIUS_M, np.pi)
    chord = 2 * np.sin(angle / 2) * (1 + 1e-9) + 1e-9
    for start in range(0, len(centres), _OFFERS_PER_QUERY):
        block = slice(start, start + _OFFERS_PER_QUERY)
        near = tree.query_ball_point(centres[block], chord[block], return_sorted=False)
        counts = np.fromiter(map(len, near), np.int64, len(near))
        line = np.fromiter(chain.from_iterable(near), np.int32, int(counts.sum()))
        yield line, np.repeat(np.arange(start, start + len(near), dtype=np.int32), counts)


def _unit_vectors(lon: Float, lat: Float) -> Float:
    lam, phi = np.radians(lon), np.radians(lat)
    vectors: Float = np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
    return vectors
