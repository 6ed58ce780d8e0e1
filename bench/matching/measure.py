"""Measure one place: the solver, and the peers beside it, each in a process of its own."""

import resource
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context

import numpy as np

from aid.matching.solve import Lines, Offers, solve
from aid.matching.solve.problem import Float, chosen
from bench.matching.generate import Place, make_place
from bench.matching.peers import PEERS, TooLarge, objective_of

Figures = dict[str, object]


@dataclass(frozen=True)
class Outcome:
    """Hold what one process measured; what it held before it began is not in `grown_mb`."""

    objective: float
    lower_bound: float
    served: int
    cpu_seconds: float
    peak_mb: int
    grown_mb: int


def measure(place: Place, processes: int, peers: Sequence[str]) -> Figures:
    """Return objectives over the lower bound, seconds and peak memory, of the solver and of each of the peers that can.

    With several processes each solves its share of the items, as tasks do: seconds are then those of all together, and
    memory is the sum of their peaks.
    """
    wall = time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        shares = [pool.submit(_solved, place, share, processes) for share in range(processes)]
        outcomes = [share.result() for share in shares]
    wall = time.perf_counter() - wall
    objective = sum(outcome.objective for outcome in outcomes)
    bound = sum(outcome.lower_bound for outcome in outcomes)
    asked = int(make_place(place)[0].quantity.sum())
    cpu_seconds = sum(outcome.cpu_seconds for outcome in outcomes)
    return {
        **asdict(place),
        "processes": processes,
        "objective": round(objective, 3),
        "lower_bound": round(bound, 3),
        "objective_over_bound": round(objective / bound, 7),
        "units_served_share": round(sum(outcome.served for outcome in outcomes) / asked, 4),
        "wall_seconds_with_start": round(wall, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "lines_per_cpu_second": round(place.lines / cpu_seconds),
        "peak_mb": sum(outcome.peak_mb for outcome in outcomes),
        "grown_mb": sum(outcome.grown_mb for outcome in outcomes),
        "after_a_change": _after_a_change(place) if processes == 1 else {},
        "peers": {peer: _beside(place, peer, bound) for peer in peers},
    }


def _beside(place: Place, peer: str, bound: float) -> Figures:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        try:
            outcome = alone.submit(_matched, place, peer).result()
        except TooLarge:
            return {"skipped": f"an item has more than {PEERS[peer][0]:,} edges"}
    return {
        "objective_over_bound": round(outcome.objective / bound, 6),
        "cpu_seconds": round(outcome.cpu_seconds, 2),
        "peak_mb": outcome.peak_mb,
    }


def _after_a_change(place: Place) -> Figures:
    """Return what it takes to solve again when every thirtieth line has gone and as many offers have halved."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        cold, warm = alone.submit(_solved_again, place).result()
    return {
        name: {
            "objective_over_bound": round(outcome.objective / outcome.lower_bound, 7),
            "cpu_seconds": round(outcome.cpu_seconds, 2),
        }
        for name, outcome in (("cold", cold), ("warm", warm))
    }


def _solved_again(place: Place) -> tuple[Outcome, Outcome]:
    lines, offers = make_place(place)
    price = solve(lines, offers).price
    random = np.random.default_rng(place.seed)
    is_halved = random.random(place.offers) < 1 / 30
    lines = chosen(lines, random.random(place.lines) >= 1 / 30)
    offers = replace(offers, available=np.where(is_halved, offers.available // 2, offers.available))
    return _outcome(lines, offers), _outcome(lines, offers, price)


def _solved(place: Place, share: int, shares: int) -> Outcome:
    return _outcome(*_share(place, share, shares))


def _outcome(lines: Lines, offers: Offers, warm: Float | None = None) -> Outcome:
    before, cpu = _peak_mb(), time.process_time()
    plan = solve(lines, offers, warm=warm)
    cpu, peak = time.process_time() - cpu, _peak_mb()
    return Outcome(plan.objective, plan.lower_bound, int(plan.quantity.sum()), cpu, peak, peak - before)


def _matched(place: Place, peer: str) -> Outcome:
    lines, offers = make_place(place)
    before, cpu = _peak_mb(), time.process_time()
    objective = objective_of(peer, lines, offers)
    cpu, peak = time.process_time() - cpu, _peak_mb()
    return Outcome(objective, 0.0, 0, cpu, peak, peak - before)


def _share(place: Place, share: int, shares: int) -> tuple[Lines, Offers]:
    lines, offers = make_place(place)
    return chosen(lines, lines.item % np.int32(shares) == share), chosen(
        offers, offers.item % np.int32(shares) == share
    )


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
