"""Match as others would: greedily in one pass, or by a general solver that is handed every feasible edge."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from aid.matching.solve import Lines, Offers
from aid.matching.solve.edges import Edges, Reach
from aid.matching.solve.flow import Demand, cheapest_flow
from aid.matching.solve.problem import Int64, Pairs, chosen


class TooLarge(Exception):
    """Say that a peer would need more edges than it may have."""


def greedy_nearest(lines: Lines, offers: Offers, edges: Edges) -> float:
    """Return the objective when lines, as they stand, take what they can from the nearest feasible offers."""
    return _greedy(lines, offers, edges, np.arange(len(lines.item)))


def greedy_by_priority(lines: Lines, offers: Offers, edges: Edges) -> float:
    """Return the objective when the lines with the highest penalty per unit choose first."""
    return _greedy(lines, offers, edges, np.argsort(-lines.penalty, kind="stable"))


def flow_on_all_edges(lines: Lines, offers: Offers, edges: Edges) -> float:
    """Return the objective of OR-Tools' exact minimum-cost flow on every edge; households may be split."""
    demand = Demand.of(lines)
    return demand.cost(edges, cheapest_flow(edges, demand, offers.available)[0])


def highs_on_all_edges(lines: Lines, offers: Offers, edges: Edges) -> float:
    """Return the objective of the linear programme on every edge by HiGHS; households may be split."""
    ones, column = np.ones(len(edges)), np.arange(len(edges))
    of_line = coo_array((ones, (edges.line, column)), shape=(len(lines.item), len(edges)))
    of_offer = coo_array((ones, (edges.offer, column)), shape=(len(offers.item), len(edges)))
    # The stubs know only dense matrices.
    limits: Any = vstack((of_line, of_offer), format="csr")
    answer = linprog(
        edges.cost - lines.penalty[edges.line],
        A_ub=limits,
        b_ub=np.concatenate((lines.quantity, offers.available)),
        method="highs",
    )
    return float((lines.quantity * lines.penalty).sum() + answer.fun)


PEERS: dict[str, tuple[int, Callable[[Lines, Offers, Edges], float]]] = {
    "ortools_flow_on_all_edges": (6_000_000, flow_on_all_edges),
    "highs_lp_on_all_edges": (40_000, highs_on_all_edges),
    "greedy_nearest": (20_000_000, greedy_nearest),
    "greedy_by_priority": (20_000_000, greedy_by_priority),
}
"""How many edges of one item a peer may have, for time and memory, and what it does with them."""


def objective_of(peer: str, lines: Lines, offers: Offers) -> float:
    """Return what the peer's plan costs, item by item.

    Raises TooLarge: when an item has more edges than the peer may have.
    """
    most, match = PEERS[peer]
    return sum(match(*of_item, _all_edges(*of_item, most)) for of_item in _by_item(lines, offers))


def _by_item(lines: Lines, offers: Offers) -> Iterator[tuple[Lines, Offers]]:
    for item in np.unique(lines.item):
        yield chosen(lines, lines.item == item), chosen(offers, offers.item == item)


def _all_edges(lines: Lines, offers: Offers, most: int) -> Edges:
    edges = Reach(lines, offers, Pairs()).all_edges(most)
    if edges is None:
        raise TooLarge
    return edges


def _greedy(lines: Lines, offers: Offers, edges: Edges, order: Int64) -> float:
    edges = edges.only(np.lexsort((edges.distance_m, edges.line)))
    bounds = list(pairwise(np.searchsorted(edges.line, np.arange(len(lines.item) + 1)).tolist()))
    left, unmet = offers.available.tolist(), lines.quantity.tolist()
    effort = 0.0
    for line in order.tolist():
        start, end = bounds[line]
        for edge, offer in enumerate(edges.offer[start:end].tolist(), start):
            taken = min(unmet[line], left[offer])
            if not taken or (lines.whole[line] and taken < unmet[line]):
                continue
            left[offer] -= taken
            unmet[line] -= taken
            effort += taken * float(edges.cost[edge])
            if not unmet[line]:
                break
    return float((np.array(unmet) * lines.penalty).sum() + effort)
