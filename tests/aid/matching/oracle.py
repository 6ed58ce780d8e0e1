"""Answer small matching problems the slow and obvious way, to judge the solver by."""

from itertools import product
from math import asin, cos, radians, sin, sqrt

import numpy as np
from scipy.optimize import linprog

from aid.matching.solve import Lines, Offers, Reason


def distance_m(lines: Lines, offers: Offers, line: int, offer: int) -> float:
    """Return the haversine distance, from the line's coarse place to a coarse offer."""
    coarse = offers.coarse[offer]
    lon, line_lat = (lines.coarse_lon, lines.coarse_lat) if coarse else (lines.lon, lines.lat)
    lat, other_lat = radians(line_lat[line]), radians(offers.lat[offer])
    turn = radians(offers.lon[offer] - lon[line])
    return (
        2 * 6_371_008.8 * asin(sqrt(sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin(turn / 2) ** 2))
    )


def tests_passed(lines: Lines, offers: Offers, line: int, offer: int) -> int:
    """Return how many of the four tests the pair passes before it fails one."""
    least = lines.quantity[line] if lines.whole[line] else 1
    outcomes = (
        lines.item[line] == offers.item[offer] and distance_m(lines, offers, line, offer) <= offers.radius_m[offer],
        offers.available[offer] >= least,
        int(lines.needs[line]) & ~int(offers.has[offer]) == 0,
        lines.needed_by[line] <= offers.expires_at[offer],
    )
    return outcomes.index(False) if False in outcomes else len(outcomes)


def reason_of(lines: Lines, offers: Offers, line: int, unmet: int) -> Reason:
    """Return what the page prescribes as the reason."""
    if unmet == 0:
        return Reason.SERVED
    most = max((tests_passed(lines, offers, line, offer) for offer in range(len(offers.item))), default=0)
    return [Reason.NONE_NEARBY, Reason.OUT_OF_STOCK, Reason.CONDITION, Reason.EXPIRES, Reason.OUTBID][most]


def cost_per_unit(lines: Lines, offers: Offers, line: int, offer: int) -> float:
    """Return the effort of one unit on this edge; infinite where it may not go."""
    if lines.quantity[line] == 0 or tests_passed(lines, offers, line, offer) < 4:
        return np.inf
    return lines.effort[line] * distance_m(lines, offers, line, offer) / 1000


def linear_optimum(lines: Lines, offers: Offers) -> float:
    """Return the least objective when every line may be split, by linear programming over all pairs."""
    pairs = list(product(range(len(lines.item)), range(len(offers.item))))
    costs = {pair: cost_per_unit(lines, offers, *pair) for pair in pairs}
    pairs = [pair for pair in pairs if costs[pair] < np.inf]
    unserved = float((lines.quantity * lines.penalty).sum())
    if not pairs:
        return unserved
    of_line = np.array([[pair[0] == line for pair in pairs] for line in range(len(lines.item))], float)
    of_offer = np.array([[pair[1] == offer for pair in pairs] for offer in range(len(offers.item))], float)
    answer = linprog(
        [costs[pair] - lines.penalty[pair[0]] for pair in pairs],
        A_ub=np.vstack((of_line, of_offer)),
        b_ub=np.concatenate((lines.quantity, offers.available)),
    )
    return unserved + float(answer.fun or 0.0)


def optimum(lines: Lines, offers: Offers) -> float:
    """Return the least objective in whole units, by trying every split of every line over what the others leave."""
    best = {tuple(offers.available.tolist()): 0.0}
    for line, quantity in enumerate(lines.quantity.tolist()):
        costs = [cost_per_unit(lines, offers, line, offer) for offer in range(len(offers.item))]
        penalty = float(lines.penalty[line])
        after: dict[tuple[int, ...], float] = {}
        for left, spent in best.items():
            for split in splits(quantity, left, is_whole=bool(lines.whole[line])):
                if any(units and cost == np.inf for units, cost in zip(split, costs, strict=True)):
                    continue
                total = spent + (quantity - sum(split)) * penalty
                total += sum(units * cost for units, cost in zip(split, costs, strict=True) if units)
                rest = tuple(have - units for have, units in zip(left, split, strict=True))
                after[rest] = min(total, after.get(rest, np.inf))
        best = after
    return min(best.values())


def splits(quantity: int, left: tuple[int, ...], *, is_whole: bool) -> list[tuple[int, ...]]:
    """Return every way to take at most this quantity from what is left; all of it from one place when it is whole."""
    nothing = (0,) * len(left)
    if is_whole:
        alone = [(*nothing[:at], quantity, *nothing[at + 1 :]) for at, have in enumerate(left) if have >= quantity]
        return [nothing, *alone]
    return [split for split in product(*(range(min(quantity, have) + 1) for have in left)) if sum(split) <= quantity]
