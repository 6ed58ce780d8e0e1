"""What no plan can beat: a Lagrangian bound from the prices of the offers, at unrounded costs."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from aid.matching.solve.edges import Edges
from aid.matching.solve.problem import Float, Int32, Int64

ROUNDING = 1e-12
"""Relative slack for the rounding of sums, so that the bound stays below the optimum however it is added up."""


def least_per_unit(edges: Edges, penalty: Float, price: Float) -> Float:
    """Return what a unit of each line costs at least at these prices, when these are all its edges."""
    least = penalty.copy()
    np.minimum.at(least, edges.line, edges.cost + price[edges.offer])
    return least


def lower_bound(quantity: Int64, least: Float, capacity: Int64, price: Float) -> float:
    """Return a cost that no plan goes below, when no unit of a line costs less than `least` at these prices.

    Any prices of at least 0 give a bound: each unit pays the least, less the price of all that the offers can give. The
    prices of an optimal flow make it tight.
    """
    everything = np.zeros(len(quantity) + len(capacity), np.int32)
    return float(lower_bounds(quantity, least, capacity, price, everything, 1)[0])


def lower_bounds(quantity: Int64, least: Float, capacity: Int64, price: Float, group: Int32, count: int) -> Float:
    """Return the bound of each group; `group` is that of each line, then of each offer."""
    worth = np.bincount(group[: len(quantity)], quantity * least, count)
    paid = np.bincount(group[len(quantity) :], capacity * price, count)
    bounds: Float = np.maximum(worth - paid - ROUNDING * (worth + paid), 0.0)
    return bounds


def groups(edges: Edges, lines: int, offers: int) -> tuple[int, Int32]:
    """Return the number of groups that share no edge, and the group of each line, then of each offer."""
    graph = coo_array((np.ones(len(edges), np.int8), (edges.line, lines + edges.offer)), shape=(lines + offers,) * 2)
    count, labels = connected_components(graph, directed=False)
    return int(count), labels.astype(np.int32)
