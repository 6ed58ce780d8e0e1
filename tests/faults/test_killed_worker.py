"""A worker that dies in the middle of a flood of needs loses none of them."""

from __future__ import annotations

import signal

import pytest
from django.db.models import F

from aid.actions.audit_quantities import audit_quantities
from aid.actions.file_aid_request import NewLine
from aid.models import Match, RequestLine
from coordination.access.actors import SYSTEM
from coordination.records.clock import database_now
from tests.conftest import Processes, eventually
from tests.factories import aid
from tests.factories.access import organisation

NEEDS = 200


@pytest.mark.django_db(transaction=True)
def test_two_hundred_requests_survive_kill_9_of_the_worker(processes: Processes) -> None:
    now = database_now()
    charity, kitchen = organisation("Warm Hands", is_trusted=True), organisation("Left Bank Kitchen")
    water = aid.item()
    aid.resource(kitchen, now=now, total=NEEDS * 10)
    processes.start_relay()
    worker = processes.start_worker()
    for number in range(NEEDS):
        aid.aid_request(charity, now=database_now(), lines=[NewLine(water, 10)])
        if number == NEEDS // 2:
            eventually(lambda: Match.objects.exists())
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    at_the_kill = Match.objects.count()
    assert at_the_kill < NEEDS

    # The next worker and the sweep do what the dead one did not; the broker has not redelivered its task yet.
    processes.start_worker()
    processes.start_scheduler(SWEEP_EVERY_S="1")
    eventually(lambda: Match.objects.live().count() == NEEDS)
    assert RequestLine.objects.filter(reserved=F("quantity")).count() == NEEDS
    assert audit_quantities(actor=SYSTEM) == []
