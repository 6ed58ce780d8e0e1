"""Measure one city: the solver, and the greedy ways beside it."""

import resource
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from aid.matching.solve import solve
from bench.matching.generate import City, make_city
from bench.matching.peers import greedy, in_order_of_arrival, most_urgent_first

T = TypeVar("T")


def measure(city: City) -> dict[str, object]:
    """Return objectives over the lower bound, seconds and peak memory for one city."""
    lines, offers = make_city(city)
    generated_mb = _peak_mb()
    plan, seconds, cpu_seconds = _timed(lambda: solve(lines, offers))
    peak_mb = _peak_mb()
    peers = {}
    for name, order in (("greedy_nearest", in_order_of_arrival), ("greedy_by_priority", most_urgent_first)):
        objective, peer_seconds, _ = _timed(partial(greedy, lines, offers, order(lines)))
        peers[name] = {
            "objective_over_bound": round(objective / plan.lower_bound, 4),
            "seconds": round(peer_seconds, 2),
        }
    return {
        "lines": city.lines,
        "offers": city.offers,
        "items": city.items,
        "whole": city.are_whole,
        "seed": city.seed,
        "objective": round(plan.objective, 3),
        "lower_bound": round(plan.lower_bound, 3),
        "objective_over_bound": round(plan.objective / plan.lower_bound, 6),
        "units_served_share": round(float(plan.quantity.sum() / lines.quantity.sum()), 4),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "lines_per_second": round(city.lines / seconds),
        "peak_mb": peak_mb,
        "peak_mb_before_solving": generated_mb,
        "peers": peers,
    }


def _timed(work: Callable[[], T]) -> tuple[T, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return answer, time.perf_counter() - wall, time.process_time() - cpu


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
