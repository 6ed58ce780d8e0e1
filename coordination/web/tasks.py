"""What workers do for the doors."""

from __future__ import annotations

from celery import shared_task
from oauth2_provider.models import clear_expired

from coordination.access.sessions import forget_ended
from coordination.records.clock import database_now
from coordination.web.idempotency import forget_answers


@shared_task
def forget_old_answers() -> None:
    """Delete the answers of writes that are kept no longer."""
    forget_answers(now=database_now())


@shared_task
def forget_sign_ins() -> None:
    """Delete the sessions that are over, counted wrong passwords and what the web processes told each other."""
    forget_ended()


@shared_task
def forget_old_tokens() -> None:
    """Delete the OAuth2 access tokens that have ended."""
    clear_expired()
