"""Many at once for little: nobody is promised what is not there, and nobody waits for ever."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from aid.actions.accept_match import accept_match
from aid.actions.audit_quantities import audit_quantities
from aid.actions.cancel_match import cancel_match
from aid.actions.change_aid_request import change_aid_request
from aid.actions.close_aid_request import close_aid_request
from aid.actions.confirm_delivery import confirm_delivery
from aid.actions.decline_match import decline_match
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.expire_matches import expire_matches
from aid.actions.file_aid_request import NewLine
from aid.actions.merge_duplicate import NotAnOriginal, merge_duplicate
from aid.actions.pause_resource import pause_resource
from aid.actions.plan_delivery import plan_delivery
from aid.actions.plan_stay import NotEnoughPlaces, plan_stay
from aid.actions.reject_aid_request import reject_aid_request
from aid.actions.resume_resource import resume_resource
from aid.enums import StayStatus
from aid.models import AidRequest, Delivery, Match, Resource, Shelter, ShelterStay
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.records.errors import DomainError
from tests.conftest import eventually
from tests.factories import aid
from tests.faults.at_once import THREADS, at_once

pytestmark = pytest.mark.django_db(transaction=True)

PARTIES, ROOM = 50, 5


@pytest.fixture
def shelter(provider: Organisation, now: datetime) -> Shelter:
    """Give a shelter with room for five."""
    return aid.shelter(provider, now=now, total_places=ROOM)


def take_one_place(shelter: Shelter, now: datetime) -> bool:
    """Plan a stay of one person; say whether there was room."""
    try:
        plan_stay(shelter=shelter, party_size=1, actor=SYSTEM, now=now)
    except NotEnoughPlaces:
        return False
    return True


def expected_people() -> int:
    """Count the people for whom a place is held."""
    return ShelterStay.objects.filter(status=StayStatus.PLANNED).aggregate(people=Sum("party_size"))["people"] or 0


def test_fifty_parties_for_five_places_by_eight_threads_leave_exactly_five(shelter: Shelter, now: datetime) -> None:
    came_in = at_once(lambda _party: take_one_place(shelter, now), range(PARTIES))
    assert (sum(came_in), expected_people(), aid.held(aid.places_of(shelter))) == (ROOM, ROOM, (ROOM, 0))
    assert audit_quantities(actor=SYSTEM) == []


def test_without_the_lock_more_are_let_in_and_the_audit_sees_it(
    shelter: Shelter, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    came_in = at_once(lambda _party: take_one_place(shelter, now), range(PARTIES))
    assert sum(came_in) == expected_people() > ROOM
    (difference,) = audit_quantities(actor=SYSTEM)
    assert (difference.row_id, difference.counter, difference.counted) == (
        aid.places_of(shelter).pk,
        "reserved",
        expected_people(),
    )


def test_proposal_made_while_its_request_is_rejected_does_not_survive(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    line, water = aid.line(ngo, now=now), aid.resource(provider, now=now)

    def reject() -> AidRequest:
        try:
            return reject_aid_request(aid_request=line.aid_request, reason="Not in Kyiv.", actor=SYSTEM, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            match = aid.proposal(line, water, now=now)
            rejection = threads.submit(reject)
            eventually(somebody_waits)
        assert rejection.result().status == "rejected"
    match.refresh_from_db()
    assert (match.status, aid.held(water), aid.served(line)) == ("cancelled", (0, 0), (0, 0, 0))


def test_requests_merged_into_each_other_at_once_leave_one_open(ngo: Organisation, now: datetime) -> None:
    one, other = aid.aid_request(ngo, now=now), aid.aid_request(ngo, now=now)

    def merge_back() -> AidRequest:
        try:
            return merge_duplicate(aid_request=other, original=one, actor=SYSTEM, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            merge_duplicate(aid_request=one, original=other, actor=SYSTEM, now=now)
            merged_back = threads.submit(merge_back)
            eventually(somebody_waits)
        with pytest.raises(NotAnOriginal):
            merged_back.result()
    assert AidRequest.objects.open().get() == other


def somebody_waits() -> bool:
    """Tell whether another session waits for what this one has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


def test_storm_of_verbs_on_hot_rows_ends_without_deadlock_and_with_exact_counters(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    stock = [aid.resource(provider, now=now, total=60) for _number in range(3)]
    water, meals = aid.item(), aid.item("hot_meal")
    aid_requests = [aid.line(ngo, now=now, quantity=20).aid_request for _number in range(6)]
    for number, aid_request in enumerate(aid_requests):
        for position in range(3):
            aid.proposal(aid_request.lines.get(), stock[(number + position) % 3], now=now, quantity=5)
    matches = list(Match.objects.select_related("resource", "line__aid_request"))
    done: Counter[str] = Counter()
    counting = threading.Lock()

    def verbs(chance: random.Random) -> list[tuple[str, Callable[[], Any]]]:
        match, resource, aid_request = chance.choice(matches), chance.choice(stock), chance.choice(aid_requests)
        several = [row for row in matches if row.resource_id == match.resource_id]
        delivery = Delivery.objects.order_by("?").first()
        who: dict[str, Any] = {"actor": SYSTEM, "now": now}
        lines = [NewLine(water, chance.randint(10, 30)), NewLine(meals, 3)]
        return [
            ("accept", lambda: accept_match(match=match, **who)),
            ("accept", lambda: accept_match(match=match, **who)),
            ("decline", lambda: decline_match(match=match, **who)),
            ("cancel", lambda: cancel_match(match=match, reason="Storm.", **who)),
            ("plan", lambda: plan_delivery(matches=[match], **who)),
            ("plan several", lambda: plan_delivery(matches=several, **who)),
            ("dispatch", lambda: delivery and dispatch_delivery(delivery=delivery, **who)),
            ("confirm", lambda: delivery and confirm_delivery(delivery=delivery, **who)),
            ("pause", lambda: pause_resource(resource=resource, **who)),
            ("resume", lambda: resume_resource(resource=resource, **who)),
            ("change", lambda: change_aid_request(aid_request=aid_request, lines=lines, **who)),
            ("close", lambda: close_aid_request(aid_request=aid_request, **who)),
            ("expire", lambda: expire_matches(actor=SYSTEM, now=now + timedelta(days=1))),
        ]

    def weather(seed: int) -> None:
        chance = random.Random(seed)
        for _turn in range(12):
            choices = verbs(chance)
            # Ends are rare, so that there is something left to fight for.
            name, verb = chance.choices(choices, weights=[3, 3, 1, 1, 4, 1, 4, 4, 0.3, 0.5, 2, 0.3, 0.1])[0]
            try:
                verb()
            except DomainError:
                continue
            with counting:
                done[name] += 1

    at_once(weather, range(THREADS))
    assert audit_quantities(actor=SYSTEM) == []
    assert all(resource.free >= 0 for resource in Resource.objects.all())
    assert done["accept"] > 0
    assert done["dispatch"] > 0
