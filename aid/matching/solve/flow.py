"""Who gets how much when everything may be split: an exact min-cost flow over one item, and what offers are worth."""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from aid.matching.solve.edges import Edges
from aid.matching.solve.problem import Bool, Float, Int64, Lines

_LARGEST_SUM = 2**62


@dataclass(frozen=True, eq=False)
class Demand:
    """Hold what the lines of one item ask for; `penalty` per unit, in km-equivalents."""

    quantity: Int64
    penalty: Float
    whole: Bool

    @classmethod
    def of(cls, lines: Lines) -> "Demand":
        """Return what these lines ask for."""
        return cls(lines.quantity, lines.penalty, lines.whole)

    def cost(self, edges: Edges, flow: Int64) -> float:
        """Return what a flow costs, with the penalties of what it leaves unmet."""
        unmet = self.quantity.copy()
        np.subtract.at(unmet, edges.line, flow)
        return float((unmet * self.penalty).sum() + (flow * edges.cost).sum())


def cheapest_flow(edges: Edges, demand: Demand, capacity: Int64) -> tuple[Int64, Float, Float]:
    """Return the cheapest quantity on each edge, what a unit costs each line, and the price of one more at each offer.

    Exact but for the rounding of costs to 64-bit integers: below a metre for 100,000 lines of one item. What a unit
    costs is in km-equivalents, price included, and the penalty where something stays unmet.
    Raises ValueError: when the quantities of the item do not fit 64 bits together.
    """
    if not len(edges):
        return np.zeros(0, np.int64), demand.penalty, np.zeros(len(capacity))
    scale = _cost_scale(demand, len(capacity))
    cost = np.rint(edges.cost * scale).astype(np.int64)
    unmet_cost = np.rint(demand.penalty * scale).astype(np.int64)
    capacity = usable_capacity(edges, demand.quantity, capacity)
    flow = _min_cost_flow(edges, cost, demand.quantity, unmet_cost, capacity)
    value, price = _prices(edges, cost, flow, demand.quantity, unmet_cost, len(capacity))
    return flow, value / scale, price / scale


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
