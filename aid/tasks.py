"""What workers do. A task makes things happen sooner; whatever it misses, the sweep finds.

Every task carries ids, reads the state anew and may run twice.
"""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from celery import shared_task
from django.db import DatabaseError

from aid.actions.anonymise_due import anonymise_due
from aid.actions.audit_quantities import audit_quantities
from aid.actions.count_needs import count_needs
from aid.actions.expire_matches import expire_matches
from aid.actions.match_waiting import match_waiting
from aid.actions.run_follow_ups import run_follow_ups
from aid.matching.candidates import Scope
from aid.models import Match
from coordination.access.actors import SYSTEM
from coordination.records.alone import alone
from coordination.records.clock import database_now
from coordination.records.errors import DomainError
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
    """Do whatever was not done: expire, follow up, match everything that waits. One sweep at a time.

    A step that fails is told and tried again by the next sweep; the others have their turn all the same.
    """
    match_everything = partial(match_waiting, scope=Scope())
    with alone("sweep") as is_ours:
        if not is_ours:
            return
        now = database_now()
        for step in (expire_matches, run_follow_ups, start_planned_outages, match_everything):
            try:
                step(actor=SYSTEM, now=now)
            except (DomainError, DatabaseError) as failure:
                logger.error("sweep: a step failed (%s: %s)", type(failure).__name__, failure)


@shared_task
def anonymise() -> None:
    """Forget who the people of long ended requests were, batch by batch."""
    while anonymise_due(actor=SYSTEM, now=database_now()):
        pass


@shared_task
def audit() -> None:
    """Prove that every counter equals the sum of what it counts; say so loudly where one does not."""
    for discrepancy in audit_quantities(actor=SYSTEM):
        logger.error("audit: %s", discrepancy)


@shared_task
def count_public_needs() -> None:
    """Count the needs of every slot that is due, also of those that were missed."""
    with alone("count-needs") as is_ours:
        if is_ours:
            count_needs(actor=SYSTEM, now=database_now())
