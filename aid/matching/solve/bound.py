"""What no plan can beat: a Lagrangian bound from the prices of the offers, at unrounded costs."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from aid.matching.solve.edges import Edges
from aid.matching.solve.flow import Demand
from aid.matching.solve.problem import Float, Int32, Int64

ROUNDING = 1e-12
"""Relative slack for the rounding of sums, so that the bound stays below the optimum however it is added up."""


def groups(edges: Edges, lines: int, offers: int) -> tuple[int, Int32]:
    """Return the number of groups that share no edge, and the group of each line, then of each offer."""
    graph = coo_array((np.ones(len(edges), np.int8), (edges.line, lines + edges.offer)), shape=(lines + offers,) * 2)
    count, labels = connected_components(graph, directed=False)
    return int(count), labels.astype(np.int32)


def lower_bounds(edges: Edges, demand: Demand, capacity: Int64, price: Float, group: Int32, count: int) -> Float:
    """Return for each group a cost that no plan goes below.

    Any prices of at least 0 give a bound: each unit pays at least the cheaper of its penalty and its best edge with the
    price on top, less the price of all that the offers can give. The prices of an optimal flow make it tight.
    """
    lines = len(demand.quantity)
    value = demand.penalty.copy()
    np.minimum.at(value, edges.line, edges.cost + price[edges.offer])
    worth = demand.quantity * value
    paid = capacity * price
    bound = np.bincount(group[:lines], worth, count) - np.bincount(group[lines:], paid, count)
    slack = np.bincount(group[:lines], worth, count) + np.bincount(group[lines:], paid, count)
    bounds: Float = np.maximum(bound - ROUNDING * slack, 0.0)
    return bounds
