"""Solve a small group with indivisible lines as an integer programme."""

import numpy as np

from aid.matching.solve.edges import Edges
from aid.matching.solve.flow import Demand
from aid.matching.solve.problem import Int64

_LARGEST_OBJECTIVE = 2.0**50
"""Beyond this the solver's sums come near the limits of 64 bits."""
_WORK_PER_EDGE = 2e-5
"""What it takes to state the programme, which the solver does not count."""


def cheapest_whole(
    edges: Edges, demand: Demand, capacity: Int64, start: Int64, work: float
) -> tuple[Int64, float, float]:
    """Return the quantity on each edge that saves the most against serving nobody, and a saving no plan exceeds.

    `start` is a feasible flow, returned when nothing better is found within the deterministic time `work`; what was
    used of that comes last.
    """
    # It brings pandas along: a second that every start of every process would wait for.
    from ortools.sat.python import cp_model

    quantity, whole = demand.quantity[edges.line], demand.whole[edges.line]
    saving = demand.penalty[edges.line] - edges.cost
    per_step = np.where(whole, quantity * saving, saving)
    lines = np.unique(edges.line)
    most = float((demand.quantity[lines] * demand.penalty[lines]).sum())
    scale = _LARGEST_OBJECTIVE / max(most, 1.0)
    # Rounded up, so that what the solver proves is never below what can be saved.
    coefficient = np.ceil(per_step * scale).astype(np.int64).tolist()

    model = cp_model.CpModel()
    steps = [
        model.new_bool_var("") if is_whole else model.new_int_var(0, int(units), "")
        for is_whole, units in zip(whole, np.minimum(quantity, capacity[edges.offer]), strict=True)
    ]
    for line in lines:
        of_line = np.flatnonzero(edges.line == line)
        limit = 1 if demand.whole[line] else int(demand.quantity[line])
        model.add(sum(steps[edge] for edge in of_line) <= limit)
    for offer in np.unique(edges.offer):
        at_offer = np.flatnonzero(edges.offer == offer)
        units = [int(quantity[edge]) if whole[edge] else 1 for edge in at_offer]
        model.add(sum(size * steps[edge] for size, edge in zip(units, at_offer, strict=True)) <= int(capacity[offer]))
    for step, value in zip(steps, np.where(whole, start > 0, start).tolist(), strict=True):
        model.add_hint(step, value)
    model.maximize(sum(factor * step for factor, step in zip(coefficient, steps, strict=True)))

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model)
    used = solver.deterministic_time + _WORK_PER_EDGE * len(edges)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, most, used
    found = np.array([solver.value(step) for step in steps], np.int64) * np.where(whole, quantity, 1)
    flow = found if (found * saving).sum() > (start * saving).sum() else start
    return flow, solver.best_objective_bound / scale, used
