"""Many at once for little: what is there is promised once; without the guard it is not, and this test sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from aid.actions import book_plan as booking
from aid.actions.accept_match import NotProposed, accept_match
from aid.actions.audit_quantities import audit_quantities
from aid.enums import MatchStatus
from aid.matching.candidates import Scope
from aid.matching.planning import Decision, Proposal, plan_for, still_standing
from aid.models import Match, RequestLine, Resource
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from tests.factories import aid
from tests.faults.at_once import THREADS, at_once

pytestmark = pytest.mark.django_db(transaction=True)

LINES, ROOM = 50, 5
CONSTRAINT = next(rule for rule in Resource._meta.constraints if rule.name == "resource_not_oversold")


@pytest.fixture
def decisions(ngo: Organisation, provider: Organisation, now: datetime) -> list[Decision]:
    """Give fifty decisions made at once, each for one unit of a resource that has five."""
    aid.resource(provider, now=now, total=ROOM, service_radius_m=15_000)
    lines = [aid.line(ngo, now=now, quantity=1) for _ in range(LINES)]
    made = [plan_for(Scope(line_ids=[line.pk]), now=now) for line in lines]
    assert all(len(decision.proposals) == 1 for decision in made)
    return made


@pytest.fixture(autouse=True)
def _slow_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave time between the check and the write, in which an unguarded booking is overtaken."""

    def check_slowly(decision: Decision, *, now: datetime) -> list[Proposal]:
        standing = still_standing(decision, now=now)
        time.sleep(0.02)
        return standing

    monkeypatch.setattr(booking, "still_standing", check_slowly)


def book_and_accept(decision: Decision, now: datetime) -> bool:
    """Book one decision and accept its match; say whether there was room."""
    run = booking.book_plan(decision=decision, actor=SYSTEM, now=now)
    for match in Match.objects.filter(run=run).select_related("resource"):
        accept_match(match=match, actor=SYSTEM, now=now)
    return bool(run.counts["booked"])


@contextmanager
def without_guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take away the locks and the constraint behind them."""

    def look_only(resource_ids: Any, line_ids: Any) -> Any:
        resources = Resource.objects.in_bulk(set(resource_ids))
        lines = RequestLine.objects.select_related("aid_request").in_bulk(set(line_ids))
        return resources, lines

    monkeypatch.setattr(booking, "lock_resources_and_lines", look_only)
    monkeypatch.setattr(booking, "lock_organisations", lambda _organisation_ids: None)
    with connection.schema_editor() as schema:
        schema.remove_constraint(Resource, CONSTRAINT)
    try:
        yield
    finally:
        Resource.objects.update(reserved=0)
        with connection.schema_editor() as schema:
            schema.add_constraint(Resource, CONSTRAINT)


def test_fifty_for_five_by_eight_threads_leaves_exactly_five(decisions: list[Decision], now: datetime) -> None:
    assert sum(at_once(lambda decision: book_and_accept(decision, now), decisions)) == ROOM
    assert Match.objects.filter(status=MatchStatus.ACCEPTED).count() == Match.objects.count() == ROOM
    assert Resource.objects.get().free == 0
    assert audit_quantities(actor=SYSTEM) == []


def test_fifty_for_five_without_the_guard_oversells(
    decisions: list[Decision], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with without_guard(monkeypatch):
        assert sum(at_once(lambda decision: book_and_accept(decision, now), decisions)) > ROOM
        assert Resource.objects.get().free < 0


def test_one_match_accepted_by_eight_threads_is_accepted_once(decisions: list[Decision], now: datetime) -> None:
    booking.book_plan(decision=decisions[0], actor=SYSTEM, now=now)
    match = Match.objects.select_related("resource").get()

    def accept(_attempt: int) -> bool:
        try:
            accept_match(match=match, actor=SYSTEM, now=now)
        except NotProposed:
            return False
        return True

    assert sum(at_once(accept, list(range(THREADS)))) == 1


def test_two_runs_over_the_same_hot_rows_neither_deadlock_nor_oversell(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    for total in (7, 11, 13):
        aid.resource(provider, now=now, total=total, service_radius_m=15_000)
    for quantity in range(1, 11):
        aid.line(ngo, now=now, quantity=quantity)
    same = plan_for(Scope(), now=now)
    backwards = Decision(**{**vars(same), "proposals": same.proposals[::-1]})
    runs = at_once(lambda decision: booking.book_plan(decision=decision, actor=SYSTEM, now=now), [same, backwards] * 4)
    assert sum(run.counts["booked"] for run in runs) == len(same.proposals)
    assert sum(Resource.objects.values_list("reserved", flat=True)) == 31
    assert audit_quantities(actor=SYSTEM) == []
    later = now + timedelta(days=1)
    assert plan_for(Scope(), now=later).proposals == ()
