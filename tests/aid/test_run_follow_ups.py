"""The follow-up queue: nobody is forgotten by a clock, and nobody urgent is dropped by one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aid.actions.run_follow_ups import FollowUps, run_follow_ups
from aid.models import AidRequest
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import NotAllowed
from tests.factories import aid

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOBODY = FollowUps(reporter=0, cell=0, expired=0)


def state(aid_request: AidRequest) -> tuple[str, str]:
    return AidRequest.objects.values_list("status", "follow_up").get(pk=aid_request.pk)


def test_urgent_request_goes_to_the_reporter_then_to_the_cell_and_never_expires(
    ngo: Organisation, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now, urgency=2)
    assert run_follow_ups(actor=SYSTEM, now=now + 47 * HOUR) == NOBODY
    assert run_follow_ups(actor=SYSTEM, now=now + 48 * HOUR) == FollowUps(reporter=1, cell=0, expired=0)
    assert state(filed) == ("submitted", "reporter")
    assert run_follow_ups(actor=SYSTEM, now=now + 95 * HOUR) == NOBODY
    assert run_follow_ups(actor=SYSTEM, now=now + 96 * HOUR) == FollowUps(reporter=0, cell=1, expired=0)
    assert state(filed) == ("submitted", "cell")
    assert run_follow_ups(actor=SYSTEM, now=now + 365 * DAY) == NOBODY
    assert state(filed) == ("submitted", "cell")
    due = Event.objects.filter(type="aid.aid_request.review_due.v1").order_by("sequence")
    assert [event.data["follow_up"] for event in due] == ["reporter", "cell"]


def test_routine_request_expires_at_last_and_frees_what_it_held(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    line = aid.line(ngo, now=now, urgency=4)
    water = aid.resource(provider, now=now)
    aid.acceptance(line, water, now=now)
    assert run_follow_ups(actor=SYSTEM, now=now + 14 * DAY).reporter == 1
    assert run_follow_ups(actor=SYSTEM, now=now + 28 * DAY).cell == 1
    assert run_follow_ups(actor=SYSTEM, now=now + 56 * DAY - HOUR) == NOBODY
    assert aid.held(water) == (45, 0)
    assert run_follow_ups(actor=SYSTEM, now=now + 56 * DAY).expired == 1
    ended = AidRequest.objects.get()
    assert (ended.status, ended.follow_up, ended.closed_at) == ("expired", "none", now + 56 * DAY)
    assert (aid.held(water), aid.served(line)) == ((0, 0), (0, 0, 0))
    assert aid.told(ended)[-1] == "aid_request.expired"


def test_request_is_asked_about_before_it_expires_however_long_the_clock_stood_still(
    ngo: Organisation, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now, urgency=4)
    late = now + 365 * DAY
    steps = []
    for _step in range(3):
        run_follow_ups(actor=SYSTEM, now=late)
        steps.append(state(filed))
    assert steps == [("submitted", "reporter"), ("submitted", "cell"), ("expired", "none")]


def test_drafts_and_ended_requests_are_left_alone(ngo: Organisation, now: datetime) -> None:
    aid.aid_request(ngo, now=now, is_draft=True)
    AidRequest.objects.filter(pk=aid.aid_request(ngo, now=now).pk).update(status="closed")
    assert run_follow_ups(actor=SYSTEM, now=now + 365 * DAY) == NOBODY


def test_reporter_may_not_move_the_queue(ngo_actor: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        run_follow_ups(actor=ngo_actor, now=now)
