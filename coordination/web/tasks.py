"""What workers do for the doors."""

from __future__ import annotations

from celery import shared_task

from coordination.records.clock import database_now
from coordination.web.idempotency import forget_answers


@shared_task
def forget_old_answers() -> None:
    """Delete the answers of writes that are kept no longer."""
    forget_answers(now=database_now())
