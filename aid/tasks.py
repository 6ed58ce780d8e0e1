"""What workers do. A task makes things happen sooner; whatever it misses, the sweep finds.

Every task carries ids, reads the state anew and may run twice.
"""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task

from aid.actions.audit_quantities import audit_quantities
from aid.actions.expire_matches import expire_matches
from aid.actions.match_waiting import match_waiting
from aid.actions.run_follow_ups import run_follow_ups
from aid.matching.candidates import Scope
from aid.models import Match
from coordination.access.actors import SYSTEM
from coordination.records.alone import alone
from coordination.records.clock import database_now
from incidents.actions.start_planned_outages import start_planned_outages

logger = logging.getLogger(__name__)


@shared_task
def match_aid_request(aid_request_id: str) -> None:
    """Match one request alone against what is free now."""
    match_waiting(scope=Scope(aid_request_ids=[UUID(aid_request_id)]), actor=SYSTEM, now=database_now())


@shared_task
def match_again(match_id: str) -> None:
    """Match the request of a match that came to nothing, and what else waits for the resource that is free again."""
    match = Match.objects.filter(pk=match_id).select_related("line", "resource").first()
    if match is not None:
        now = database_now()
        match_waiting(scope=Scope(aid_request_ids=[match.line.aid_request_id]), actor=SYSTEM, now=now)
        freed = Scope(item_ids=[match.resource.item_id], resource_ids=[match.resource_id])
        match_waiting(scope=freed, actor=SYSTEM, now=now)


@shared_task
def sweep() -> None:
    """Do whatever was not done: expire, follow up, match everything that waits. One sweep at a time."""
    with alone("sweep") as is_ours:
        if is_ours:
            now = database_now()
            expire_matches(actor=SYSTEM, now=now)
            run_follow_ups(actor=SYSTEM, now=now)
            start_planned_outages(actor=SYSTEM, now=now)
            match_waiting(scope=Scope(), actor=SYSTEM, now=now)


@shared_task
def audit() -> None:
    """Prove that every counter equals the sum of what it counts; say so loudly where one does not."""
    for discrepancy in audit_quantities(actor=SYSTEM):
        logger.error("audit: %s", discrepancy)
