"""Who gets how much when everything may be split: an exact min-cost flow over one item, and what offers are worth."""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from aid.matching.solve.edges import Edges
from aid.matching.solve.problem import Bool, Float, Int64, Settings

_LARGEST_SUM = 2**62


@dataclass(frozen=True, eq=False)
class Demand:
    """Hold what the lines of one item ask for; `penalty` and `effort` per unit, in km-equivalents and per km."""

    quantity: Int64
    penalty: Float
    effort: Float
    whole: Bool


def cheapest_flow(edges: Edges, demand: Demand, capacity: Int64, settings: Settings) -> tuple[Int64, Float]:
    """Return the cheapest quantity on each edge, and the price of one more unit at each offer in km-equivalents.

    Exact but for the rounding of costs to 64-bit integers: below a metre for 100,000 lines of one item. A large problem
    is solved by column generation: the flow runs on some edges, its prices show which others would improve it, and it
    ends when they prove that all of those together would improve it by no more than `stop_at_gap`.
    Raises ValueError: when the quantities of the item do not fit 64 bits together.
    """
    if not len(edges):
        return np.zeros(0, np.int64), np.zeros(len(capacity))
    scale = _cost_scale(demand, len(capacity))
    cost = np.rint(edges.cost * scale).astype(np.int64)
    unmet_cost = np.rint(demand.penalty * scale).astype(np.int64)
    capacity = usable_capacity(edges, demand.quantity, capacity)

    if len(edges) <= settings.all_edges_up_to:
        active = np.ones(len(edges), np.bool_)
    else:
        active = _best_of_each_line(edges, cost, np.ones(len(edges), np.bool_), settings.first_nearest)
        active |= _used_by_greed(edges, demand, capacity, settings.first_nearest)
    while True:
        chosen = np.flatnonzero(active)
        some = edges.only(chosen)
        flow = _min_cost_flow(some, cost[chosen], demand.quantity, unmet_cost, capacity)
        value, price = _prices(some, cost[chosen], flow, demand.quantity, unmet_cost, len(capacity))
        reduced = cost + price[edges.offer] - value[edges.line]
        wanted = ~active & (reduced < 0)
        missed = np.zeros(len(value))
        np.maximum.at(missed, edges.line[wanted], -reduced[wanted].astype(np.float64))
        reached = float(
            (demand.quantity * value.astype(np.float64)).sum() - (capacity * price.astype(np.float64)).sum()
        )
        if float((demand.quantity * missed).sum()) <= settings.stop_at_gap * reached:
            break
        active |= _best_of_each_line(edges, reduced, wanted, settings.edges_per_round)
    all_flow = np.zeros(len(edges), np.int64)
    all_flow[chosen] = flow
    return all_flow, price / scale


def usable_capacity(edges: Edges, quantity: Int64, capacity: Int64) -> Int64:
    """Return what each offer could give away at most: no more than all its lines together ask for."""
    asked = np.zeros(len(capacity))
    np.add.at(asked, edges.offer, quantity[edges.line].astype(np.float64))
    # Floats overestimate nothing that matters: below 2^53 they are exact, above it the capacity is the smaller one.
    return np.where(asked < capacity, asked, capacity).astype(np.int64)


def _cost_scale(demand: Demand, offers: int) -> float:
    """Return integer cost units per km-equivalent: as many as 64 bits allow, for finer costs take no longer."""
    nodes = len(demand.quantity) + offers + 2
    dearest = float(demand.penalty.max())
    # Cost scaling multiplies costs by the number of nodes, and potentials may add up along a path through all of them.
    return 2**61 / (nodes * nodes * dearest) if dearest > 0 else 1.0


def _best_of_each_line(edges: Edges, cost: Int64, among: Bool, count: int) -> Bool:
    """Mark the `count` cheapest edges of each line among the given ones; ties go to the lower offer."""
    chosen = np.flatnonzero(among)
    order = chosen[np.lexsort((cost[chosen], edges.line[chosen]))]
    line = edges.line[order]
    starts = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    best = np.zeros(len(edges), np.bool_)
    best[order[rank < count]] = True
    return best


def _used_by_greed(edges: Edges, demand: Demand, capacity: Int64, tried: int) -> Bool:
    """Mark the edges tried when the dearest lines first take what is left nearby, past the crowded offers."""
    left = capacity.copy()
    ends = np.searchsorted(edges.line, np.arange(len(demand.quantity) + 1))
    used = np.zeros(len(edges), np.bool_)
    for line in np.argsort(-demand.penalty, kind="stable").tolist():
        of_line = np.arange(ends[line], ends[line + 1])
        of_line = of_line[left[edges.offer[of_line]] > 0]
        if len(of_line) > tried:
            of_line = of_line[np.argpartition(edges.cost[of_line], tried)[:tried]]
        of_line = of_line[np.argsort(edges.cost[of_line], kind="stable")]
        waiting = int(demand.quantity[line])
        for edge in of_line.tolist():
            used[edge] = True
            taken = min(waiting, int(left[edges.offer[edge]]))
            left[edges.offer[edge]] -= taken
            waiting -= taken
            if not waiting:
                break
    return used


def _min_cost_flow(edges: Edges, cost: Int64, quantity: Int64, unmet_cost: Int64, capacity: Int64) -> Int64:
    lines, offers = len(quantity), len(capacity)
    if sum(map(int, quantity)) + sum(map(int, capacity)) > _LARGEST_SUM:
        raise ValueError("lines.quantity: the quantities of one item add up to more than 2^62")
    line_nodes = np.arange(lines, dtype=np.int32)
    offer_nodes = np.arange(lines, lines + offers, dtype=np.int32)
    sink = lines + offers
    network = SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        edges.line, edges.offer + np.int32(lines), np.minimum(quantity[edges.line], capacity[edges.offer]), cost
    )
    network.add_arcs_with_capacity_and_unit_cost(line_nodes, np.full(lines, sink, np.int32), quantity, unmet_cost)
    network.add_arcs_with_capacity_and_unit_cost(
        offer_nodes, np.full(offers, sink, np.int32), capacity, np.zeros(offers, np.int64)
    )
    network.set_nodes_supplies(line_nodes, quantity)
    network.set_node_supply(sink, -int(quantity.sum()))
    status = network.solve()
    if status != network.OPTIMAL:
        raise RuntimeError(f"the flow ended with {status.name}")
    flow: Int64 = network.flows(arcs)
    return flow


def _prices(
    edges: Edges, cost: Int64, flow: Int64, quantity: Int64, unmet_cost: Int64, offers: int
) -> tuple[Int64, Int64]:
    """Return the value of a unit to each line and the price of a unit at each offer: the lowest optimal duals.

    They are longest paths in the residual network, found by Bellman-Ford over all edges at once; it ends because an
    optimal flow leaves no cycle that gains.
    """
    served = np.zeros(len(quantity), np.int64)
    np.add.at(served, edges.line, flow)
    used = np.flatnonzero(flow)
    value = np.where(served < quantity, unmet_cost, 0)
    price = np.zeros(offers, np.int64)
    while True:
        before = price.copy()
        np.maximum.at(value, edges.line[used], cost[used] + price[edges.offer[used]])
        np.maximum.at(price, edges.offer, value[edges.line] - cost)
        if np.array_equal(before, price):
            return value, price
