"""What the public was told may be kept until there could be something new, and that tells nothing by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.records.clock import database_now
from coordination.web import rest
from incidents.models import Incident, Outage
from tests.doors import graphql
from tests.doors.rest import PUBLIC_CALLER, caller, results
from tests.factories import incidents
from tests.factories.access import member

pytestmark = pytest.mark.django_db

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def fresh_s(answer: Any) -> int:
    """Read for how many seconds an answer may be kept."""
    public, _comma, age = answer.headers["Cache-Control"].partition(", max-age=")
    assert public == "public"
    return int(age)


def test_public_answer_is_kept_until_the_minute_ends(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for second, kept in ((0, 59), (30.5, 29), (59.9, 0)):
        moment = now.replace(second=0, microsecond=0) + second * SECOND
        monkeypatch.setattr(rest, "database_now", lambda moment=moment: moment)
        for path in ("incidents", "needs", "outages"):
            answer = PUBLIC_CALLER.get(path)
            assert fresh_s(answer) == kept
            assert {"Authorization", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


def test_embargo_that_ends_within_the_minute_changes_no_header_and_ends_with_it(
    ngo: Organisation,
) -> None:
    before = PUBLIC_CALLER.get("incidents")
    strike = incidents.confirmed_incident(ngo, now=database_now())
    minute = database_now().replace(second=0, microsecond=0)
    # Over already, in this very minute, unless the minute has just begun.
    Incident.objects.filter(pk=strike.pk).update(public_from=minute + SECOND / 1000)
    during = PUBLIC_CALLER.get("incidents")
    if database_now().replace(second=0, microsecond=0) == minute:
        assert results(during) == []
        assert (during.headers["ETag"], during.content) == (before.headers["ETag"], before.content)
    Incident.objects.filter(pk=strike.pk).update(public_from=minute)
    assert [row["ref"] for row in results(PUBLIC_CALLER.get("incidents"))] == [strike.ref]


def test_clock_is_read_before_the_rows() -> None:
    with CaptureQueriesContext(connection) as queries:
        PUBLIC_CALLER.get("incidents")
    statements = [query["sql"] for query in queries]
    assert "clock_timestamp" in statements[0]
    assert any("incidents_incident" in statement for statement in statements[1:])


def test_nobody_keeps_what_somebody_was_told(ngo_actor: Actor, cell: Organisation) -> None:
    for someone in (caller(ngo_actor), caller(member(cell))):
        for path in ("incidents", "aid-requests", "needs", "events"):
            assert someone.get(path).headers["Cache-Control"] == "private, no-store"
    assert PUBLIC_CALLER.get("incidents/INC-00000000").headers["Cache-Control"] == "no-store"
    answer = graphql.PUBLIC_CALLER.send({"query": "{ incidents { totalCount } }"})
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_what_time_brings_to_light_is_found_by_those_who_keep_a_copy(ngo: Organisation, now: datetime) -> None:
    strike = incidents.confirmed_incident(ngo, now=now)
    linked, alone = incidents.outage(ngo, now=now, incident=strike), incidents.outage(ngo, now=now)
    Incident.objects.update(public_from=now - 2 * MINUTE)
    Incident.objects.update(coarse_updated_at=now - 12 * HOUR)
    Outage.objects.update(created_at=now - 12 * HOUR - 2 * MINUTE, coarse_updated_at=now - 12 * HOUR)
    for minutes, found in ((3, 1), (0, 0)):
        since = {"updated_since": (now - minutes * MINUTE).isoformat()}
        assert len(results(PUBLIC_CALLER.get("incidents", since))) == found
        shown = {row["id"] for row in results(PUBLIC_CALLER.get("outages", since))}
        assert shown == ({str(linked.pk), str(alone.pk)} if found else set())
