"""Look at all pairs of lines and offers without holding them: a tile of neighbouring lines at a time.

What cannot reach the tile, or is too dear for all of it, falls away by one look at its centre; the rest is a matrix
that stays in the processor's cache. This is faster than a tree, whose every answer is a Python list, and its memory
does not grow with the number of pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from aid.matching.solve.problem import Float, Int64, Offers

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the Earth. Source: IUGG; Moritz, Geodetic Reference System 1980, J. Geodesy 74 (2000)."""

_LINES_PER_TILE = 256
_LARGEST_MATRIX = 2**17
_BLUR = 1e-12
"""Slack of chords of the unit sphere, six micrometres: what is kept is measured again exactly."""


@dataclass(frozen=True, eq=False)
class Tile:
    """Hold some lines, the offers that may reach them, and the matrix of kilometres between: chords, so never more."""

    line: Int64
    offer: Int64
    reach_km: Float
    chord_km: Float


class Ground:
    """Hold where the lines and some of the offers are, as points in space, and which lines are neighbours."""

    def __init__(self, line_lon: Float, line_lat: Float, offers: Offers, offer: Int64) -> None:
        self.line_point = _points_km(line_lon, line_lat)
        self.order = along_a_curve(line_lon, line_lat)
        self.offer = offer
        self.offer_point = _points_km(offers.lon[offer], offers.lat[offer])
        angle = np.minimum(offers.radius_m[offer] / EARTH_RADIUS_M, np.pi)
        self.reach_km = (2 * np.sin(angle / 2) + _BLUR) * (EARTH_RADIUS_M / 1000)

    def tiles(self, of_lines: Int64, effort: Float, price: Float, value: Float) -> Iterator[Tile]:
        """Yield the chosen lines with all offers that may reach them at a cost, price included, below their value."""
        slack = _BLUR * EARTH_RADIUS_M / 1000
        for start in range(0, len(of_lines), _LINES_PER_TILE):
            line = of_lines[start : start + _LINES_PER_TILE]
            point = self.line_point[line]
            centre = point.mean(axis=0)
            width = np.sqrt(((point - centre) ** 2).sum(axis=1).max()) + slack
            away = np.sqrt(((self.offer_point - centre) ** 2).sum(axis=1)) - width
            least = effort[line].min() * np.maximum(away, 0) + price[self.offer]
            near = np.flatnonzero((away <= self.reach_km) & (least <= value[line].max()))
            if not len(near):
                continue
            rows = max(1, _LARGEST_MATRIX // len(near))
            for first in range(0, len(line), rows):
                part = slice(first, first + rows)
                yield Tile(
                    line[part], self.offer[near], self.reach_km[near], cdist(point[part], self.offer_point[near])
                )


def arc_km(chord_km: Float) -> Float:
    """Return the great-circle distances over these chords."""
    diameter_km = EARTH_RADIUS_M / 500
    return diameter_km * np.arcsin(np.minimum(chord_km / diameter_km, 1.0))


def along_a_curve(lon: Float, lat: Float) -> Int64:
    """Return the order of the points along a Z-order curve over their box: neighbours there are neighbours here."""
    code = np.zeros(len(lon), np.int64)
    for shift, degrees in ((0, lon), (1, lat)):
        low, high = degrees.min(initial=180), degrees.max(initial=-180)
        bits = ((degrees - low) * (65_535 / max(high - low, 1e-9))).astype(np.int64)
        for gap, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
            bits = (bits | bits << gap) & mask
        code |= bits << shift
    return np.argsort(code, kind="stable")


def _points_km(lon: Float, lat: Float) -> Float:
    lam, phi = np.radians(lon), np.radians(lat)
    towards: Float = np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
    return towards * (EARTH_RADIUS_M / 1000)
