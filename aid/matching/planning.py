"""Compose reading, deciding and explaining into one decision; nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from aid.enums import Urgency
from aid.matching.candidates import Candidates, Scope, Weights, only_lines, read_candidates
from aid.matching.explain import distance_band_m, match_facts, unmet_facts
from aid.matching.solve import Plan, Reason, solve
from aid.matching.solve.edges import may_serve
from aid.matching.solve.problem import Bool

ENGINE_VERSION = "flow-1"


@dataclass(frozen=True)
class Proposal:
    """Hold one match to be: this much of this resource for this line, and why."""

    line_id: UUID
    resource_id: UUID
    quantity: int
    distance_m: float
    distance_band_m: int
    reasons: dict[str, Any]


@dataclass(frozen=True)
class Waiting:
    """Hold one line that stays without some of what it asks for, and what would help."""

    line_id: UUID
    facts: dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """Hold what one run decided, and how far from the best it can be at most.

    `proposals` in the order of line ids, then resource ids; `waiting` in the order of line ids.
    """

    scope: Scope
    weights: Weights
    started_at: datetime
    proposals: tuple[Proposal, ...]
    waiting: tuple[Waiting, ...]
    lines: int
    resources: int
    objective: float
    lower_bound: float

    @property
    def gap(self) -> float:
        """Return how far the objective is above the bound, as a share of the bound; nobody waiting is no gap."""
        return self.objective / self.lower_bound - 1 if self.lower_bound else 0.0

    def counts(self) -> dict[str, Any]:
        """Return what was looked at and what came of it; unmet lines by reason."""
        return {
            "lines": self.lines,
            "resources": self.resources,
            "proposals": len(self.proposals),
            "units": sum(proposal.quantity for proposal in self.proposals),
            "waiting": dict(sorted(Counter(waiting.facts["reason"] for waiting in self.waiting).items())),
        }


def plan_for(scope: Scope, *, now: datetime) -> Decision:
    """Decide who gets what within a scope: the life-threatened first, everybody else from what they leave."""
    weights = Weights.of_deployment()
    candidates = read_candidates(scope, now=now, weights=weights)
    plan = solve_most_urgent_first(candidates)
    rows = zip(plan.line.tolist(), plan.offer.tolist(), plan.quantity.tolist(), plan.distance_m.tolist(), strict=True)
    facts = match_facts(candidates, plan)
    return Decision(
        scope=scope,
        weights=weights,
        started_at=now,
        proposals=tuple(
            Proposal(
                line_id=candidates.line_ids[line],
                resource_id=candidates.resource_ids[offer],
                quantity=quantity,
                distance_m=distance_m,
                distance_band_m=distance_band_m(candidates, line, offer),
                reasons=why,
            )
            for (line, offer, quantity, distance_m), why in zip(rows, facts, strict=True)
        ),
        waiting=tuple(
            Waiting(candidates.line_ids[line], why)
            for line, why in zip(np.flatnonzero(plan.unmet).tolist(), unmet_facts(candidates, plan.unmet), strict=True)
        ),
        lines=len(candidates.line_ids),
        resources=len(candidates.resource_ids),
        objective=plan.objective,
        lower_bound=plan.lower_bound,
    )


def still_standing(decision: Decision, *, now: datetime) -> list[Proposal]:
    """Return the proposals that may be booked now, read anew; what is stale or no longer fits is left out.

    Read under the locks of `lock_resources_and_lines`, the answer holds until they are let go.
    """
    scope = Scope(
        line_ids=sorted({proposal.line_id for proposal in decision.proposals}),
        resource_ids=sorted({proposal.resource_id for proposal in decision.proposals}),
    )
    fresh = read_candidates(scope, now=now, weights=decision.weights)
    line_at = {line_id: index for index, line_id in enumerate(fresh.line_ids)}
    offer_at = {resource_id: index for index, resource_id in enumerate(fresh.resource_ids)}
    known = [
        proposal for proposal in decision.proposals if proposal.line_id in line_at and proposal.resource_id in offer_at
    ]
    line = np.array([line_at[proposal.line_id] for proposal in known], np.int32)
    offer = np.array([offer_at[proposal.resource_id] for proposal in known], np.int32)
    closed = set(zip(fresh.forbidden.line.tolist(), fresh.forbidden.offer.tolist(), strict=True))
    unmet, free = fresh.lines.quantity.tolist(), fresh.offers.available.tolist()
    standing = []
    for proposal, of_line, of_offer, may in zip(
        known, line.tolist(), offer.tolist(), may_serve(fresh.lines, fresh.offers, line, offer).tolist(), strict=True
    ):
        is_complete = proposal.quantity == unmet[of_line] or not fresh.lines.whole[of_line]
        fits = proposal.quantity <= min(unmet[of_line], free[of_offer])
        if may and is_complete and fits and (of_line, of_offer) not in closed:
            unmet[of_line] -= proposal.quantity
            free[of_offer] -= proposal.quantity
            standing.append(proposal)
    return standing


def solve_most_urgent_first(candidates: Candidates) -> Plan:
    """Solve for the life-threatened alone, then for all others with what is left, and join the plans.

    Either time the offers of organisations that nobody has vetted get what the others leave: weighed against them, an
    invented offer that is moved about would find how far a home is from a depot that everybody knows.
    The bound is the objective less what each part could have saved; an offer's price is the highest of its parts.
    """
    lines, is_coarse = candidates.lines, candidates.offers.coarse
    available, unmet = candidates.offers.available.copy(), lines.quantity.copy()
    reason, price = np.zeros(len(unmet), np.int8), np.zeros(len(available))
    is_first = candidates.urgency == Urgency.LIFE_THREATENING
    parts: list[tuple[Bool, Plan]] = []
    for chosen in (is_first, ~is_first):
        for asked in (~is_coarse, is_coarse) if is_coarse.any() else (~is_coarse,):
            waiting = replace(candidates, lines=replace(lines, quantity=unmet))
            some, offers, forbidden = only_lines(waiting, chosen, np.where(asked, available, 0))
            plan = solve(some, offers, forbidden=forbidden)
            np.subtract.at(available, plan.offer, plan.quantity)
            unmet[chosen], reason[chosen] = plan.unmet, np.maximum(reason[chosen], plan.reason)
            price = np.maximum(price, np.where(asked, plan.price, 0))
            parts.append((chosen, plan))

    reason[unmet == 0] = Reason.SERVED
    line = np.concatenate([np.flatnonzero(chosen)[plan.line] for chosen, plan in parts]).astype(np.int32)
    offer, quantity, distance_m = (
        np.concatenate([getattr(plan, name) for _, plan in parts]) for name in ("offer", "quantity", "distance_m")
    )
    order = np.lexsort((offer, line))
    objective = float((unmet * lines.penalty).sum() + (quantity * lines.effort[line] * (distance_m / 1000)).sum())
    return Plan(
        line=line[order],
        offer=offer[order],
        quantity=quantity[order],
        distance_m=distance_m[order],
        unmet=unmet,
        reason=reason,
        price=price,
        objective=objective,
        lower_bound=objective - sum(plan.objective - plan.lower_bound for _, plan in parts),
    )
