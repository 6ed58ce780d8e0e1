"""What the sweep finds and does, and that it is never done twice at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from aid.actions.decline_match import decline_match
from aid.models import AidRequest, Match, Resource
from aid.tasks import match_again, match_aid_request, sweep
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.records.alone import alone
from incidents.models import Outage
from tests.factories import aid
from tests.factories import incidents as incident_factories
from tests.factories.access import organisation

pytestmark = pytest.mark.django_db


def test_a_sweep_expires_follows_up_starts_outages_and_matches(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    stale = aid.proposal(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now)
    Match.objects.filter(pk=stale.pk).update(respond_by=now)
    forgotten = aid.line(ngo, now=now, quantity=5).aid_request
    AidRequest.objects.filter(pk=forgotten.pk).update(review_at=now)
    planned = incident_factories.outage(ngo, now=now, started_at=now + timedelta(hours=1))
    Outage.objects.filter(pk=planned.pk).update(started_at=now)

    sweep()

    stale.refresh_from_db()
    forgotten.refresh_from_db()
    planned.refresh_from_db()
    assert (stale.status, forgotten.follow_up, planned.status) == ("expired", "reporter", "active")
    assert Match.objects.live().filter(line__aid_request=forgotten).exists()


def test_one_broken_counter_does_not_keep_everybody_waiting(
    ngo: Organisation, provider: Organisation, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    broken = aid.proposal(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now - timedelta(hours=1))
    Resource.objects.update(reserved=0)
    waiting = aid.line(ngo, now=now, quantity=5)
    sweep()
    broken.refresh_from_db()
    assert broken.status == "proposed"
    assert Match.objects.live().filter(line=waiting).exists()
    assert "sweep: a step failed (ConstraintViolated" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_second_sweep_at_the_same_time_does_nothing(now: datetime) -> None:
    aid.line(organisation("Warm Hands"), now=now)
    aid.resource(organisation("Left Bank Kitchen"), now=now)
    parameters = connection.get_connection_params()
    with psycopg.connect(
        host=parameters["host"], user=parameters["user"], dbname=parameters["dbname"], autocommit=True
    ) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('sweep', 0))")
        sweep()
        assert not Match.objects.exists()
    sweep()
    assert Match.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_alone_lets_go_when_the_work_fails(db: None) -> None:
    with suppress(ZeroDivisionError), alone("tests") as is_ours:
        assert is_ours
        raise ZeroDivisionError
    parameters = connection.get_connection_params()
    with psycopg.connect(host=parameters["host"], user=parameters["user"], dbname=parameters["dbname"]) as other:
        row = other.execute("SELECT pg_try_advisory_lock(hashtextextended('tests', 0))").fetchone()
        assert row == (True,)


def test_a_task_that_comes_twice_proposes_once(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    wanted = aid.line(ngo, now=now)
    aid.resource(provider, now=now)
    for _time in range(2):
        match_aid_request(str(wanted.aid_request_id))
    assert Match.objects.count() == 1


def test_what_a_refusal_frees_goes_to_the_next_in_need(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    few = aid.resource(provider, now=now, total=45)
    first, second = aid.line(ngo, now=now), aid.line(ngo, now=now)
    declined = aid.proposal(first, few, now=now)
    decline_match(match=declined, actor=SYSTEM, now=now)
    match_again(str(declined.pk))
    assert [match.line for match in Match.objects.live()] == [second]
