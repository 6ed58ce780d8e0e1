"""Decide who gets what from where: plain Python on arrays; no Django, no database, no clock."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from aid.matching.solve.bound import least_per_unit, lower_bound
from aid.matching.solve.columns import Columns, generated, with_choices
from aid.matching.solve.edges import Reach
from aid.matching.solve.flow import Demand, cheapest_flow
from aid.matching.solve.problem import (
    Float,
    Int64,
    Lines,
    Offers,
    Pairs,
    Plan,
    Reason,
    Settings,
    checked_lines,
    checked_offers,
    checked_pairs,
    checked_prices,
    checked_settings,
    chosen,
)
from aid.matching.solve.whole import kept_whole

__all__ = ["Lines", "Offers", "Pairs", "Plan", "Reason", "Settings", "solve"]

_NO_ROWS: tuple[Int64, Int64, Int64, Float] = (
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0),
)


def solve(
    lines: Lines,
    offers: Offers,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    forbidden: Pairs = Pairs(),  # noqa: B008 - frozen
    warm: Float | None = None,
) -> Plan:
    """Return the plan with the least sum of penalties for unmet units and effort for served ones.

    Exact for goods, and within `stop_at_gap` where an item is large; indivisible lines are served whole from one offer
    or not at all, near the optimum. A forbidden pair is never planned. `warm` has the price of each offer from an
    earlier plan, 0 where it is not known: large items that changed little are then solved in half the time. The plan
    is as good without. Deterministic for equal input.
    Raises ValueError: when an input is malformed; the message begins with the field's name.
    """
    lines, offers, settings = checked_lines(lines), checked_offers(offers), checked_settings(settings)
    forbidden = checked_pairs(forbidden, len(lines.item), len(offers.item))
    warm = None if warm is None else checked_prices("warm", warm, len(offers.item))

    unmet = lines.quantity.copy()
    reason = np.full(len(lines.item), Reason.NONE_NEARBY, np.int8)
    price = np.zeros(len(offers.item))
    bound = 0.0
    rows = [_NO_ROWS]
    for of_lines, of_offers in _by_item(lines, offers):
        reach = Reach(chosen(lines, of_lines), chosen(offers, of_offers), forbidden.among(of_lines, of_offers))
        part = _solved(reach, settings, None if warm is None else warm[of_offers])
        edges, used = part.edges, np.flatnonzero(part.flow)
        rows.append((of_lines[edges.line[used]], of_offers[edges.offer[used]], part.flow[used], edges.distance_m[used]))
        price[of_offers] = part.price
        bound += part.bound
        is_stopped = np.ones(len(of_lines), np.bool_)
        is_stopped[edges.line] = False
        reason[of_lines] = np.where(is_stopped, reach.reasons(is_stopped), np.int8(Reason.OUTBID))

    line, offer, quantity, distance_m = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((offer, line))
    line, offer, quantity, distance_m = line[order], offer[order], quantity[order], distance_m[order]
    np.subtract.at(unmet, line, quantity)
    reason[unmet == 0] = Reason.SERVED
    objective = float((unmet * lines.penalty).sum() + (quantity * lines.effort[line] * (distance_m / 1000)).sum())
    return Plan(
        line=line.astype(np.int32),
        offer=offer.astype(np.int32),
        quantity=quantity,
        distance_m=distance_m,
        unmet=unmet,
        reason=reason,
        price=price,
        objective=objective,
        lower_bound=min(bound, objective),
    )


def _solved(reach: Reach, settings: Settings, warm: Float | None) -> Columns:
    """Return the plan of one item: from all of its edges at once when they are few."""
    demand, capacity = Demand.of(reach.lines), reach.offers.available
    edges = reach.all_edges(settings.all_edges_up_to)
    if edges is None:
        found = generated(reach, settings, warm)
    else:
        edges = edges.only(edges.cost <= demand.penalty[edges.line])
        flow, _, price = cheapest_flow(edges, demand, capacity)
        least = least_per_unit(edges, demand.penalty, price)
        found = Columns(edges, flow, price, lower_bound(demand.quantity, least, capacity, price))
    if not demand.whole.any():
        return found
    if edges is None:
        found = with_choices(reach, found, settings.choices_if_whole)
    flow, raised = kept_whole(found.edges, demand, capacity, found.flow, found.price, settings)
    return replace(found, flow=flow, bound=found.bound if edges is None else found.bound + raised)


def _by_item(lines: Lines, offers: Offers) -> Iterator[tuple[Int64, Int64]]:
    """Yield the indexes of the lines that ask for something and of the offers, item by item."""
    line_order = np.argsort(lines.item, kind="stable")
    line_order = line_order[lines.quantity[line_order] > 0]
    offer_order = np.argsort(offers.item, kind="stable")
    sorted_lines, sorted_offers = lines.item[line_order], offers.item[offer_order]
    for item in np.unique(sorted_lines):
        line_start, line_end = np.searchsorted(sorted_lines, [item, item + np.int64(1)])
        offer_start, offer_end = np.searchsorted(sorted_offers, [item, item + np.int64(1)])
        yield line_order[line_start:line_end], offer_order[offer_start:offer_end]
