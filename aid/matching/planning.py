"""Compose reading, deciding and explaining into one decision; nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from aid.enums import Urgency
from aid.matching.candidates import Candidates, Scope, Weights, only_lines, read_candidates
from aid.matching.explain import distance_band_m, match_facts, unmet_facts
from aid.matching.solve import Plan, solve
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
    """Solve for the life-threatened alone, then for all others with what is left, and join the two plans.

    Objective and bound are the sums of the two; the price of an offer is the one its last lines set.
    """
    available = candidates.offers.available.copy()
    is_first = candidates.urgency == Urgency.LIFE_THREATENING
    unmet, reason = candidates.lines.quantity.copy(), np.zeros(len(is_first), np.int8)
    parts: list[tuple[Bool, Plan]] = []
    for chosen in (is_first, ~is_first):
        lines, offers, forbidden = only_lines(candidates, chosen, available.copy())
        plan = solve(lines, offers, forbidden=forbidden)
        np.subtract.at(available, plan.offer, plan.quantity)
        unmet[chosen], reason[chosen] = plan.unmet, plan.reason
        parts.append((chosen, plan))

    first, second = (plan for _, plan in parts)
    line = np.concatenate([np.flatnonzero(chosen)[plan.line] for chosen, plan in parts]).astype(np.int32)
    offer, quantity = np.concatenate((first.offer, second.offer)), np.concatenate((first.quantity, second.quantity))
    order = np.lexsort((offer, line))
    return Plan(
        line=line[order],
        offer=offer[order],
        quantity=quantity[order],
        distance_m=np.concatenate((first.distance_m, second.distance_m))[order],
        unmet=unmet,
        reason=reason,
        price=np.maximum(first.price, second.price),
        objective=first.objective + second.objective,
        lower_bound=first.lower_bound + second.lower_bound,
    )
