"""Which offer may serve which line: pairs within the radius by exact great-circle distance, then the other tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from aid.matching.solve.problem import Bool, Float, Int8, Int32, Int64, Lines, Offers, Pairs, Reason, chosen
from aid.matching.solve.tiles import EARTH_RADIUS_M, Ground, Tile, arc_km

_SHUFFLE = 2**17


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


def joined(parts: Sequence[Edges], offers: int) -> Edges:
    """Return the edges of all parts in their order, each once."""
    every = Edges(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Edges)))
    return every.only(np.unique(every.line.astype(np.int64) * offers + every.offer, return_index=True)[1])


class Reach:
    """Answer for the lines and offers of one item which pairs are feasible, and which of them are the cheapest.

    No answer holds more than it returns: the pairs themselves are looked at tile by tile.
    """

    def __init__(self, lines: Lines, offers: Offers, forbidden: Pairs) -> None:
        self.lines, self.offers = lines, offers
        self._least = np.where(lines.whole, lines.quantity, 1)
        self._forbidden = forbidden.line.astype(np.int64) * len(offers.item) + forbidden.offer
        self._has_forbidden = np.zeros(len(lines.item), np.bool_)
        self._has_forbidden[forbidden.line] = True
        grounds = ((False, lines.lon, lines.lat), (True, lines.coarse_lon, lines.coarse_lat))
        self._grounds = [
            Ground(lon, lat, offers, np.flatnonzero(offers.coarse == is_coarse))
            for is_coarse, lon, lat in grounds
            if (offers.coarse == is_coarse).any()
        ]

    def all_edges(self, most: float = np.inf) -> Edges | None:
        """Return every feasible edge, or None when there are more than `most`."""
        found, total = [_NO_EDGES], 0
        for line, offer in self._nearby(np.ones(len(self.lines.item), np.bool_)):
            edges = self._feasible(line, offer)
            total += len(edges)
            if total > most:
                return None
            found.append(edges)
        return joined(found, len(self.offers.item))

    def cheapest(self, price: Float, value: Float, count: int, is_drawn: bool = True) -> tuple[Edges, Float]:
        """Return edges that cost less than the line's value with the price on top, and what a unit costs at least.

        All such edges of a line, or `count` of them where there are more: drawn, the cheap ones rather, for lines that
        all take the very cheapest want the same few offers; or simply the cheapest. The least cost of a unit, price
        included, is that of all feasible edges and no more than the value.
        """
        found, least = [_NO_EDGES], value.copy()
        # Each line reads this from elsewhere, so that equal lines draw different offers.
        draws = np.random.default_rng(0).random(len(price) + _SHUFFLE) if is_drawn else None
        for ground in self._grounds:
            for tile in ground.tiles(ground.order, self.lines.effort, price, value):
                edges = self._wanted(tile, price, value, least, count, draws)
                total = edges.cost + price[edges.offer]
                np.minimum.at(least, edges.line, total)
                found.append(edges.only(total < value[edges.line]))
        return joined(found, len(self.offers.item)), least

    def reasons(self, of_lines: Bool) -> Int8:
        """Return what stops each of the chosen lines: the first test that no offer passes with those before it.

        OUTBID where an offer passes them all; lines that are not chosen have NONE_NEARBY.
        """
        reason = np.full(len(of_lines), Reason.NONE_NEARBY, np.int8)
        for line, offer in self._nearby(of_lines):
            near = self._is_open(line, offer, self._distance_m(line, offer))
            line, offer = line[near], offer[near]
            np.maximum.at(reason, line, np.int8(Reason.OUT_OF_STOCK))
            passed = np.ones(len(line), np.bool_)
            for next_reason, test in _further_tests(self.lines, self.offers, line, offer):
                passed &= test
                np.maximum.at(reason, line[passed], np.int8(next_reason))
        return reason

    def _nearby(self, of_lines: Bool) -> Iterator[tuple[Int64, Int64]]:
        effort = self.lines.effort
        nothing, anything = np.zeros(len(self.offers.item)), np.full(len(effort), np.inf)
        for ground in self._grounds:
            for tile in ground.tiles(ground.order[of_lines[ground.order]], effort, nothing, anything):
                row, column = np.nonzero(tile.chord_km <= tile.reach_km)
                yield tile.line[row], tile.offer[column]

    def _wanted(self, tile: Tile, price: Float, value: Float, least: Float, count: int, draws: Float | None) -> Edges:
        """Return edges of the tile that seem to cost less than the value, and lower `least` for those left out."""
        effort, rival = self.lines.effort[tile.line][:, None], value[tile.line][:, None]
        wanted = (tile.chord_km * effort + price[tile.offer] < rival) & (tile.chord_km <= tile.reach_km)
        rows = np.flatnonzero(wanted.any(axis=1))
        if not len(rows):
            return _NO_EDGES
        line, total = tile.line[rows], arc_km(tile.chord_km[rows]) * effort[rows] + price[tile.offer]
        wanted = wanted[rows] & (total < rival[rows]) & self._passes(line, tile.offer)
        crowded = np.flatnonzero(np.count_nonzero(wanted, axis=1) > count)
        if len(crowded):
            total, some = np.where(wanted[crowded], total[crowded], np.inf), line[crowded]
            least[some] = np.minimum(least[some], total.min(axis=1))
            if draws is not None:
                drawn = np.lib.stride_tricks.sliding_window_view(draws, len(tile.offer))[some % _SHUFFLE]
                total = np.where(wanted[crowded], (total - value[some][:, None]) * drawn, np.inf)
            kept = np.argpartition(total, count - 1, axis=1)[:, :count]
            wanted[crowded] = False
            wanted[crowded[:, None], kept] = True
        row, column = np.nonzero(wanted)
        return self._feasible(line[row], tile.offer[column])

    def _passes(self, line: Int64, offer: Int64) -> Bool:
        """Return the matrix of the tests after the radius."""
        lines, offers = self.lines, self.offers
        passes: Bool = offers.available[offer] >= self._least[line][:, None]
        kinds, kind = np.unique(lines.needs[line], return_inverse=True)
        if kinds.any():
            passes &= ((kinds[:, None] & ~offers.has[offer]) == 0)[kind]
        if lines.needed_by[line].max() > offers.expires_at[offer].min():
            passes &= lines.needed_by[line][:, None] <= offers.expires_at[offer]
        some = np.flatnonzero(self._has_forbidden[line])
        passes[some] &= ~np.isin(line[some][:, None] * len(offers.item) + offer, self._forbidden)
        return passes

    def _feasible(self, line: Int64, offer: Int64) -> Edges:
        distance_m = self._distance_m(line, offer)
        passed = self._is_open(line, offer, distance_m)
        for _, test in _further_tests(self.lines, self.offers, line, offer):
            passed &= test
        line, offer, distance_m = line[passed], offer[passed], distance_m[passed]
        cost = self.lines.effort[line] * (distance_m / 1000)
        return Edges(line.astype(np.int32), offer.astype(np.int32), distance_m, cost)

    def _is_open(self, line: Int64, offer: Int64, distance_m: Float) -> Bool:
        is_open: Bool = distance_m <= self.offers.radius_m[offer]
        some = np.flatnonzero(self._has_forbidden[line])
        is_open[some] &= ~np.isin(line[some] * len(self.offers.item) + offer[some], self._forbidden)
        return is_open

    def _distance_m(self, line: Int64, offer: Int64) -> Float:
        return _distance_m(self.lines, self.offers, line, offer)


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
    reach = Reach(chosen(lines, of_lines), chosen(offers, of_offers), forbidden.among(of_lines, of_offers))
    edges = reach.all_edges() or _NO_EDGES
    is_stopped = np.ones(len(of_lines), np.bool_)
    is_stopped[edges.line] = False
    return edges, np.where(is_stopped, reach.reasons(is_stopped), np.int8(Reason.OUTBID))


def may_serve(lines: Lines, offers: Offers, line: Int32, offer: Int32) -> Bool:
    """Return for each pair whether the offer may serve the line, by every test."""
    near = _distance_m(lines, offers, line, offer) <= offers.radius_m[offer]
    passed: Bool = (lines.item[line] == offers.item[offer]) & near
    for _, test in _further_tests(lines, offers, line, offer):
        passed &= test
    return passed


_NO_EDGES = Edges(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), np.empty(0))


def _distance_m(lines: Lines, offers: Offers, line: Int64 | Int32, offer: Int64 | Int32) -> Float:
    """Return the distances as the offers measure them: coarse ones know only the line's coarse place."""
    lon = np.where(offers.coarse[offer], lines.coarse_lon[line], lines.lon[line])
    lat = np.where(offers.coarse[offer], lines.coarse_lat[line], lines.lat[line])
    return great_circle_m(lon, lat, offers.lon[offer], offers.lat[offer])


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
