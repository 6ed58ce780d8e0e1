"""Guess what a unit is worth at each offer, before anything is solved: good enough to begin with, and soon had.

A sample of the lines, each asking for its neighbours too, spreads what it wants over its edges: much over the cheap
ones, less over the dear ones, by a temperature in kilometres. Where more is wanted than there is, the price rises,
elsewhere it falls (Sinkhorn's iteration, with unmet demand); then the temperature falls, and with it the indecision.
"""

from dataclasses import replace

import numpy as np

from aid.matching.solve.edges import Edges, Reach
from aid.matching.solve.problem import Float, Int64, Lines, Offers, Pairs, chosen
from aid.matching.solve.tiles import along_a_curve

_SAMPLED_PAIRS = 300_000
_TEMPERATURES_KM = (300.0, 100.0, 30.0, 10.0, 3.0)
_STEPS_EACH = 10
_LEAST_EFFORT = 1e-6
"""Share of the penalty that a kilometre costs at least here, so that lines without any effort decide too."""


def guessed_price(lines: Lines, offers: Offers) -> Float:
    """Return a price for each offer of one item, in km-equivalents per unit."""
    sample = _sample(lines, max(1, _SAMPLED_PAIRS // len(offers.item)))
    edges = Reach(sample, offers, Pairs()).all_edges()
    price = np.zeros(len(offers.item))
    if edges is None or not len(edges := edges.only(edges.cost < sample.penalty[edges.line])):
        return price
    starts = np.flatnonzero(np.r_[True, edges.line[1:] != edges.line[:-1]])
    for temperature_km in _TEMPERATURES_KM:
        for _ in range(_STEPS_EACH):
            price = _adjusted(price, edges, starts, sample, offers.available, temperature_km)
    return price


def _sample(lines: Lines, count: int) -> Lines:
    """Return about so many lines from all over the map, with the quantities of their neighbours."""
    order = along_a_curve(lines.lon, lines.lat)
    each = -(-len(order) // count)
    starts = np.arange(0, len(order), each)
    drawn = np.minimum(starts + np.random.default_rng(0).integers(0, each, len(starts)), len(order) - 1)
    return replace(
        chosen(lines, order[drawn]),
        quantity=np.add.reduceat(lines.quantity[order], starts),
        whole=np.zeros(len(starts), np.bool_),
    )


def _adjusted(
    price: Float, edges: Edges, starts: Int64, lines: Lines, available: Int64, temperature_km: float
) -> Float:
    effort = np.maximum(lines.effort, _LEAST_EFFORT * lines.penalty)[edges.line] * temperature_km
    appeal = (lines.penalty[edges.line] - edges.cost - price[edges.offer]) / effort
    each = np.diff(np.r_[starts, len(edges)])
    # The highest appeal is taken off everywhere, waiting unmet at 0 included, so that nothing overflows.
    most = np.maximum(np.maximum.reduceat(appeal, starts), 0.0)
    appeal = np.exp(appeal - np.repeat(most, each))
    everywhere = np.add.reduceat(appeal, starts) + np.exp(-most)
    wanted = appeal * np.repeat(lines.quantity[edges.line[starts]] / everywhere, each)
    load = np.bincount(edges.offer, wanted, len(price))
    softness = np.bincount(edges.offer, wanted / effort, len(price))
    adjusted = price / 2
    some = np.flatnonzero((load > 0) & (softness > 0))
    adjusted[some] = price[some] + load[some] / softness[some] * np.log(load[some] / available[some])
    return np.maximum(adjusted, 0.0)
