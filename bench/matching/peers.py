"""Match as simpler systems do: every offer greedily, in one pass."""

import numpy as np

from aid.matching.solve import Lines, Offers
from aid.matching.solve.edges import feasible_edges
from aid.matching.solve.problem import Float, Int64, Pairs


def greedy(lines: Lines, offers: Offers, order: Int64) -> float:
    """Return the objective when lines take what they can from the nearest feasible offers, in the given order."""
    left = offers.available.copy()
    unmet = lines.quantity.copy()
    effort = 0.0
    reach = _offers_by_distance(lines, offers)
    for line in order.tolist():
        near, kilometres = reach[line]
        for offer, distance_km in zip(near, kilometres, strict=True):
            taken = min(unmet[line], left[offer])
            if lines.whole[line] and taken < unmet[line]:
                continue
            left[offer] -= taken
            unmet[line] -= taken
            effort += taken * lines.effort[line] * distance_km
            if not unmet[line]:
                break
    return float((unmet * lines.penalty).sum() + effort)


def in_order_of_arrival(lines: Lines) -> Int64:
    """Return the lines as they stand."""
    return np.arange(len(lines.item))


def most_urgent_first(lines: Lines) -> Int64:
    """Return the lines by falling penalty per unit."""
    return np.argsort(-lines.penalty, kind="stable")


def _offers_by_distance(lines: Lines, offers: Offers) -> list[tuple[list[int], list[float]]]:
    reach: list[tuple[list[int], list[float]]] = [([], []) for _ in lines.item]
    for item in np.unique(lines.item):
        of_lines, of_offers = np.flatnonzero(lines.item == item), np.flatnonzero(offers.item == item)
        edges, _ = feasible_edges(lines, offers, of_lines, of_offers, Pairs())
        order = np.lexsort((edges.distance_m, edges.line))
        offer, kilometres = of_offers[edges.offer[order]], edges.distance_m[order] / 1000
        ends: Int64 = np.searchsorted(edges.line, np.arange(len(of_lines) + 1))
        for line, start, end in zip(of_lines.tolist(), ends[:-1], ends[1:], strict=True):
            reach[line] = (offer[start:end].tolist(), _floats(kilometres[start:end]))
    return reach


def _floats(values: Float) -> list[float]:
    return [float(value) for value in values]
