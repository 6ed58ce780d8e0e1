"""Solve a large item without all of its edges: column generation.

The exact flow runs on a few edges of each line. What a unit costs there, and the price of each offer, then say of every
other edge whether it would help: it does when its cost and the price together are below what its line pays now. A look
at all pairs finds those, adds the best and proves how far from the optimum the flow can still be. When none is left, or
the proof is good enough, the flow is the answer to the whole.

The first edges decide how many rounds that takes. The nearest are a trap: in a city everybody's nearest offers are the
same few. So each line begins with edges drawn among those that are cheap at guessed prices (`prices`).
"""

from dataclasses import dataclass, replace

import numpy as np

from aid.matching.solve.bound import lower_bound
from aid.matching.solve.edges import Edges, Reach, joined
from aid.matching.solve.flow import Demand, cheapest_flow
from aid.matching.solve.prices import guessed_price
from aid.matching.solve.problem import Bool, Float, Int64, Settings

_HELD_PER_LINE = 6
"""With more edges per line than this, all but half as many that look best are let go: the flow takes time for each."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Hold the edges that turned out to matter, the flow on them, the price of each offer and what no plan beats."""

    edges: Edges
    flow: Int64
    price: Float
    bound: float


def generated(reach: Reach, settings: Settings, warm: Float | None = None) -> Columns:
    """Return a flow that costs at most `stop_at_gap` more than the bound, unless the rounds are used up before.

    `warm` are the prices of an earlier plan: where little has changed since, the cheapest edges at those are nearly all
    that is needed.
    """
    demand, capacity = Demand.of(reach.lines), reach.offers.available
    is_guess = warm is None
    price = guessed_price(reach.lines, reach.offers) if warm is None else warm
    edges, least = reach.cheapest(price, 2 * demand.penalty, settings.first_edges, is_drawn=is_guess)
    edges = edges.only(edges.cost <= demand.penalty[edges.line])
    bound = _bound(demand, least, capacity, price)
    rounds = settings.rounds
    while True:
        flow, value, price = cheapest_flow(edges, demand, capacity)
        more, least = reach.cheapest(price, value, settings.edges_per_round)
        bound = max(bound, _bound(demand, least, capacity, price))
        rounds -= 1
        if not rounds or not len(more) or demand.cost(edges, flow) - bound <= settings.stop_at_gap * bound:
            return Columns(edges, flow, price, bound)
        if len(edges) > _HELD_PER_LINE * len(value):
            edges = edges.only(_worth_holding(edges, flow, edges.cost + price[edges.offer] - value[edges.line]))
        edges = joined([edges, more], len(capacity))


def with_choices(reach: Reach, found: Columns, count: int) -> Columns:
    """Return the same flow with more edges for the whole lines: those that cost the least at the prices found."""
    value = np.where(reach.lines.whole, 2 * reach.lines.penalty, 0.0)
    more, _ = reach.cheapest(found.price, value, count, is_drawn=False)
    more = more.only(more.cost <= reach.lines.penalty[more.line])
    edges = joined([found.edges, more], len(found.price))
    flow = np.zeros(len(edges), np.int64)
    key, old = (each.line.astype(np.int64) * len(found.price) + each.offer for each in (edges, found.edges))
    flow[np.searchsorted(key, old)] = found.flow
    return replace(found, edges=edges, flow=flow)


def _bound(demand: Demand, least: Float, capacity: Int64, price: Float) -> float:
    # The flow's own values are rounded to its integers, some of them up.
    return lower_bound(demand.quantity, np.minimum(least, demand.penalty), capacity, price)


def _worth_holding(edges: Edges, flow: Int64, reduced: Float) -> Bool:
    """Mark the edges in use and those of each line that are nearest to being useful."""
    order = np.lexsort((reduced, edges.line))
    starts = np.searchsorted(edges.line, np.arange(edges.line[-1] + 2))
    rank = np.arange(len(order)) - starts[edges.line[order]]
    held = flow > 0
    held[order[rank < _HELD_PER_LINE // 2]] = True
    return held
