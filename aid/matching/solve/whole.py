"""Keep indivisible lines whole: start from the flow, then move households until no simple move helps."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from aid.matching.solve.bound import ROUNDING, groups, least_per_unit, lower_bounds
from aid.matching.solve.edges import Edges
from aid.matching.solve.exact import cheapest_whole
from aid.matching.solve.flow import Demand, cheapest_flow
from aid.matching.solve.problem import Float, Int64, Settings

_OFFERS_KNOWN = 48
"""How many offers, the most promising first, a line considers in single moves; re-solving a size considers all."""
_OFFERS_TRIED = 8
"""How many offers, the most promising first, a waiting household tries to get into by moving others."""
_NOTHING = 1e-9
"""Relative improvement below which a move is not worth making."""


def kept_whole(
    edges: Edges, demand: Demand, capacity: Int64, flow: Int64, price: Float, settings: Settings
) -> tuple[Int64, float]:
    """Return a flow in which every whole line has one edge or none, and by how much the lower bound may be raised.

    Groups that are small enough are solved exactly; the raise holds when these are all the edges there are.
    """
    placement = _Placement(edges, demand, capacity, flow, price)
    placement.improve(settings)
    flow, raised = placement.flow, 0.0

    lines = len(demand.quantity)
    count, group = groups(edges, lines, len(capacity))
    least = least_per_unit(edges, demand.penalty, price)
    bounds = lower_bounds(demand.quantity, least, capacity, price, group, count)
    edge_group = group[edges.line]
    sizes = np.bincount(edge_group, minlength=count)
    has_whole = np.bincount(group[:lines], demand.whole, count) > 0
    unserved = np.bincount(group[:lines], demand.quantity * demand.penalty, count)
    gain = np.bincount(edge_group, flow * (demand.penalty[edges.line] - edges.cost), count)
    gap = unserved - gain - bounds
    small = np.flatnonzero(has_whole & (gap > _NOTHING * bounds) & (sizes > 0) & (sizes <= settings.exact_edges_up_to))
    work = settings.exact_work_in_all
    for one in small[np.argsort(-gap[small], kind="stable")]:
        if work <= 0:
            break
        some = np.flatnonzero(edge_group == one)
        flow[some], most, used = cheapest_whole(
            edges.only(some), demand, capacity, flow[some], min(work, settings.exact_work)
        )
        raised += max(0.0, unserved[one] * (1 - ROUNDING) - most - bounds[one])
        work -= used
    return flow, raised


class _Placement:
    """Hold one assignment of an item's lines and the moves that improve it; every state in between is feasible."""

    def __init__(self, edges: Edges, demand: Demand, capacity: Int64, flow: Int64, price: Float) -> None:
        self.edges, self.demand = edges, demand
        self.offer, self.cost = edges.offer.tolist(), edges.cost.tolist()
        self.quantity, self.penalty = demand.quantity.tolist(), demand.penalty.tolist()
        starts = np.searchsorted(edges.line, np.arange(len(demand.quantity) + 1))
        order = np.lexsort((edges.cost + price[edges.offer], edges.line))
        self.choices = [order[start:end][:_OFFERS_KNOWN].tolist() for start, end in pairwise(starts)]

        kept = ~demand.whole[edges.line] | (flow == demand.quantity[edges.line])
        self.flow = np.where(kept, flow, 0)
        used = np.zeros(len(capacity), np.int64)
        np.add.at(used, edges.offer, self.flow)
        self.free: list[int] = (capacity - used).tolist()
        self.edge_of: dict[int, int] = {}
        self.lines_at: list[set[int]] = [set() for _ in self.free]
        for edge in np.flatnonzero((self.flow > 0) & demand.whole[edges.line]).tolist():
            self.edge_of[int(edges.line[edge])] = edge
            self.lines_at[self.offer[edge]].add(int(edges.line[edge]))

    def improve(self, settings: Settings) -> None:
        """Alternate single moves and exact re-solving of equal sizes until neither gains, or the rounds are used up."""
        total = self._gain()
        for _ in range(settings.repair_rounds):
            self._let_the_waiting_in()
            self._resolve_classes()
            before, total = total, self._gain()
            if total <= before * (1 + _NOTHING):
                return

    def _gain(self) -> float:
        return float((self.flow * (self.demand.penalty[self.edges.line] - self.edges.cost)).sum())

    def _place(self, line: int, edge: int) -> None:
        self.edge_of[line] = edge
        self.flow[edge] = self.quantity[line]
        self.free[self.offer[edge]] -= self.quantity[line]
        self.lines_at[self.offer[edge]].add(line)

    def _take_out(self, line: int) -> int:
        edge = self.edge_of.pop(line)
        self.flow[edge] = 0
        self.free[self.offer[edge]] += self.quantity[line]
        self.lines_at[self.offer[edge]].remove(line)
        return edge

    def _best_free(self, line: int, besides: int = -1) -> tuple[float, int]:
        """Return the least cost per unit at an offer with room for the line, and its edge; or the penalty and -1."""
        best, best_edge, quantity = self.penalty[line], -1, self.quantity[line]
        for edge in self.choices[line]:
            if self.cost[edge] < best and self.free[self.offer[edge]] >= quantity and self.offer[edge] != besides:
                best, best_edge = self.cost[edge], edge
        return best, best_edge

    def _let_the_waiting_in(self) -> None:
        waiting = [line for line in np.flatnonzero(self.demand.whole).tolist() if line not in self.edge_of]
        waiting.sort(key=lambda line: (-self.penalty[line], line))
        for line in waiting:
            for edge in self.choices[line][:_OFFERS_TRIED]:
                if self._push_in(line, edge):
                    break
            else:
                edge = self._best_free(line)[1]
                if edge >= 0:
                    self._place(line, edge)

    def _push_in(self, line: int, edge: int) -> bool:
        """Place the line at the edge's offer, moving others out of the way, if that gains; say whether it did."""
        offer = self.offer[edge]
        missing = self.quantity[line] - self.free[offer]
        moved = self._cheapest_to_move(offer, missing) if missing > 0 else []
        if moved is None:
            return False
        gain = self.quantity[line] * (self.penalty[line] - self.cost[edge])
        taken = [(other, self._take_out(other)) for other in moved]
        self._place(line, edge)
        for other, old in taken:
            cost, new = self._best_free(other)
            gain -= self.quantity[other] * (cost - self.cost[old])
            if new >= 0:
                self._place(other, new)
        if gain > _NOTHING * self.quantity[line] * self.penalty[line]:
            return True
        for other, _ in taken:
            if other in self.edge_of:
                self._take_out(other)
        self._take_out(line)
        for other, old in taken:
            self._place(other, old)
        return False

    def _cheapest_to_move(self, offer: int, missing: int) -> list[int] | None:
        """Return the lines at the offer whose leaving frees enough at the least loss by a greedy guess, or None."""
        losses = []
        for other in sorted(self.lines_at[offer]):
            loss = self.quantity[other] * (self._best_free(other, offer)[0] - self.cost[self.edge_of[other]])
            losses.append((loss, self.quantity[other], other))
        alone = min((entry for entry in losses if entry[1] >= missing), default=None)
        together: list[tuple[float, int, int]] = []
        for entry in sorted(losses, key=lambda entry: (entry[0] / entry[1], entry[2])):
            if sum(quantity for _, quantity, _ in together) >= missing:
                break
            together.append(entry)
        if sum(quantity for _, quantity, _ in together) < missing:
            return None
        if alone and alone[0] <= sum(loss for loss, _, _ in together):
            together = [alone]
        return [other for _, _, other in together]

    def _resolve_classes(self) -> None:
        """Re-solve all whole lines of one size, and then all divisible ones, exactly in the room the others leave."""
        whole, line = self.demand.whole, self.edges.line
        for size in np.unique(self.demand.quantity[whole])[::-1].tolist():
            self._resolve(np.flatnonzero(whole[line] & (self.demand.quantity[line] == size)), size)
        if not whole.all():
            self._resolve(np.flatnonzero(~whole[line]), 1)

    def _resolve(self, chosen: Int64, size: int) -> None:
        edges, line = self.edges.only(chosen), self.edges.line[chosen]
        free = np.array(self.free, np.int64)
        np.add.at(free, edges.offer, self.flow[chosen])
        units = np.zeros_like(self.demand.quantity)
        units[line] = self.demand.quantity[line] // size
        flow = cheapest_flow(edges, replace(self.demand, quantity=units), free // size)[0]
        for member in np.unique(line[self.demand.whole[line]]).tolist():
            if member in self.edge_of:
                self._take_out(member)
        self.flow[chosen] = flow * size
        np.subtract.at(free, edges.offer, self.flow[chosen])
        self.free = free.tolist()
        for edge in chosen[(flow > 0) & self.demand.whole[line]].tolist():
            self.edge_of[int(self.edges.line[edge])] = edge
            self.lines_at[self.offer[edge]].add(int(self.edges.line[edge]))
