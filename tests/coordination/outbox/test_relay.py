"""The relay: each event's tasks reach the broker, whatever goes wrong in between."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

import pytest
from celery import current_app

from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.outbox.publishing import publish
from coordination.outbox.relay import relay_batch
from tests.conftest import Processes, eventually
from tests.factories.access import organisation

pytestmark = pytest.mark.django_db
# One task wants to hear of it; no worker runs here to take it.
HEARD = "aid.aid_request.verified.v1"


@pytest.fixture(autouse=True)
def empty_queue() -> None:
    """Begin with nothing in the queue."""
    current_app.control.purge()


def waiting() -> list[str]:
    """Read the ids that wait in the queue, and leave it empty."""
    ids = []
    with current_app.connection_for_read() as broker, broker.SimpleQueue("celery") as queue, suppress(queue.Empty):
        while True:
            message = queue.get_nowait()
            ids.append(message.payload[0][0])
            message.ack()
    return ids


def test_an_event_reaches_the_broker_once_with_its_subject_alone(ngo: Organisation, now: datetime) -> None:
    publish(HEARD, subject=ngo, now=now, data={"ref": "REQ-1"})
    publish("tests.nobody.listens.v1", subject=ngo, now=now)
    assert relay_batch() == 2
    assert relay_batch() == 0
    assert waiting() == [str(ngo.pk)]


def test_the_audience_is_a_set_of_organisations(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    event = publish("tests.told.v1", subject=ngo, now=now, audience=[provider.pk, None, ngo.pk, ngo.pk])
    assert event.audience == sorted([provider.pk, ngo.pk])
    assert isinstance(event.id, UUID)


@pytest.mark.django_db(transaction=True)
def test_two_relay_processes_hand_over_everything_soon(processes: Processes, now: datetime) -> None:
    subject = organisation()
    processes.start_relay()
    processes.start_relay()
    for _ in range(50):
        publish(HEARD, subject=subject, now=now)
    eventually(lambda: not Event.objects.unrelayed().exists())
    assert waiting() == [str(subject.pk)] * 50


@pytest.mark.django_db(transaction=True)
def test_events_wait_while_the_broker_is_away(processes: Processes, now: datetime) -> None:
    subject = organisation()
    publish(HEARD, subject=subject, now=now)
    processes.start_relay(BROKER_URL="redis://127.0.0.1:1/0")
    eventually(lambda: "the broker is away" in processes.log_of("relay"))
    assert Event.objects.unrelayed().count() == 1
    processes.stop()
    processes.start_relay()
    eventually(lambda: not Event.objects.unrelayed().exists())
    assert waiting() == [str(subject.pk)]
