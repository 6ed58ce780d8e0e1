"""Match what waits in a scope: decide, then book."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.book_plan import book_plan
from aid.matching.candidates import Scope
from aid.matching.planning import plan_for
from aid.models import MatchRun
from coordination.records.actors import Actor
from coordination.records.errors import require


def match_waiting(*, scope: Scope, actor: Actor, now: datetime) -> MatchRun | None:
    """Propose the best for every verified line in the scope that still waits.

    Gives the run, or None when there is nothing to propose: a sweep that finds nothing new leaves no trace. Deciding
    may take long and happens outside the transaction; booking checks everything again in its own.
    Raises NotAllowed: unless the actor is the cell or the system.
    """
    require(policies.may_match(actor))
    decision = plan_for(scope, now=now)
    return book_plan(decision=decision, actor=actor, now=now) if decision.proposals else None
