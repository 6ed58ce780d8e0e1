"""The messenger: hands the tasks of committed events to the broker, once each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg
from celery import current_app
from django.db import OperationalError as DatabaseAway
from django.db import connection, transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from coordination.outbox.handlers import tasks_for
from coordination.outbox.models import Event

logger = logging.getLogger(__name__)

BATCH = 100
# What a lost notification or an absent broker costs at most, and how long a stop waits.
WAIT_S = 2.0


def relay_batch() -> int:
    """Hand over the oldest events and say how many there were; relays side by side never take the same one.

    Raises kombu's OperationalError: when the broker is away; the events then stay for the next time.
    """
    with transaction.atomic():
        events = list(Event.objects.unrelayed().select_for_update(skip_locked=True)[:BATCH])
        for event in events:
            for task in tasks_for(event.type):
                current_app.send_task(task, args=[str(event.subject_id)])
        Event.objects.filter(pk__in=[event.pk for event in events]).update(relayed_at=Now())
    return len(events)


def run_relay(is_stopping: Callable[[], bool]) -> None:
    """Relay until told to stop, woken by each commit that wrote an event; outlive the broker and the database."""
    while not is_stopping():
        try:
            with _listening() as listener:
                while not is_stopping():
                    _drain(is_stopping)
                    next(listener.notifies(timeout=WAIT_S, stop_after=1), None)
        except (psycopg.OperationalError, DatabaseAway) as absence:
            logger.warning("relay: the database is away (%s)", type(absence).__name__)
            connection.close()
            time.sleep(1)


def _listening() -> psycopg.Connection:
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    listener = psycopg.connect(**parameters, autocommit=True)
    listener.execute("LISTEN outbox")
    return listener


def _drain(is_stopping: Callable[[], bool]) -> None:
    connection.close_if_unusable_or_obsolete()
    try:
        while relay_batch() == BATCH and not is_stopping():
            pass
    except OperationalError:
        logger.warning("relay: the broker is away; the events wait")
