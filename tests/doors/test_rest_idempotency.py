"""Writes that are sent more than once happen once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from aid.models import AidRequest
from coordination.access.actors import Actor
from coordination.access.enums import Role
from coordination.access.models import Membership, Organisation
from coordination.web.idempotency import forget_answers, lock_number
from coordination.web.models import IdempotencyRecord
from tests.doors.rest import caller, machine
from tests.factories import aid
from tests.factories.access import member
from tests.factories.places import POZNIAKY

pytestmark = pytest.mark.django_db

PLACE = {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]}


@pytest.fixture
def body(db: None) -> dict[str, Any]:
    """Give a request for water, which is in the catalogue."""
    aid.item()
    return {
        "location": PLACE, "people": 3, "urgency": 2, "lines": [{"item": "drinking_water", "quantity": 45}],
    }  # fmt: skip


def test_same_key_and_body_give_the_first_answer_again(ngo_actor: Actor, body: dict[str, Any]) -> None:
    someone = caller(ngo_actor)
    first, again = (someone.post("aid-requests", body, Idempotency_Key="night-1") for _time in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), again.headers["Location"]) == (first.json(), first.headers["Location"])
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert AidRequest.objects.count() == 1


def test_same_key_with_another_body_is_refused(ngo_actor: Actor, body: dict[str, Any]) -> None:
    someone = caller(ngo_actor)
    someone.post("aid-requests", body, Idempotency_Key="night-1")
    answer = someone.post("aid-requests", {**body, "people": 4}, Idempotency_Key="night-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_key_of_another_client_is_another_key(ngo: Organisation, ngo_actor: Actor, body: dict[str, Any]) -> None:
    colleague = member(ngo, Role.CASEWORKER)
    refs = {
        someone.post("aid-requests", body, Idempotency_Key="night-1").json()["ref"]
        for someone in (caller(ngo_actor), caller(colleague), machine(ngo, "intake"), machine(ngo, "hotline"))
    }
    assert len(refs) == 4


def test_refusal_of_the_action_is_kept_and_one_of_permission_is_not(
    ngo: Organisation, ngo_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now)
    cell, reporter = caller(cell_actor), caller(ngo_actor)
    cell.post(f"aid-requests/{filed.pk}/verify")
    late = [cell.post(f"aid-requests/{filed.pk}/verify", Idempotency_Key="late") for _time in range(2)]
    assert [answer.status_code for answer in late] == [409, 409]
    assert late[0].json() == late[1].json()
    assert late[1].headers["Idempotent-Replayed"] == "true"
    assert late[1].headers["Content-Type"] == "application/problem+json"
    forbidden = [reporter.post(f"aid-requests/{filed.pk}/verify", Idempotency_Key="may") for _time in range(2)]
    assert [answer.status_code for answer in forbidden] == [403, 403]
    assert "Idempotent-Replayed" not in forbidden[1].headers


def test_kept_answer_is_not_shown_to_who_may_no_longer_see_it(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, body: dict[str, Any]
) -> None:
    someone = caller(ngo_actor)
    assert someone.post("aid-requests", body, Idempotency_Key="night-1").status_code == 201
    Membership.objects.filter(user=ngo_actor.user_id).update(organisation=provider)
    assert someone.post("aid-requests", body, Idempotency_Key="night-1").status_code == 404


def test_key_is_free_again_after_two_days(ngo_actor: Actor, body: dict[str, Any], now: datetime) -> None:
    someone = caller(ngo_actor)
    someone.post("aid-requests", body, Idempotency_Key="night-1")
    IdempotencyRecord.objects.update(created_at=now - timedelta(hours=49))
    answer = someone.post("aid-requests", body, Idempotency_Key="night-1")
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)


def test_system_must_send_a_key_with_what_must_not_happen_twice(ngo: Organisation, body: dict[str, Any]) -> None:
    system = machine(ngo, "intake")
    answer = system.post("aid-requests", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert system.post("aid-requests", body, Idempotency_Key="1").status_code == 201
    offer = {"item": "drinking_water", "total": 10, "location": PLACE}
    assert system.post("resources", offer).status_code == 201


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_key_that_cannot_be_kept_is_refused(ngo_actor: Actor, body: dict[str, Any], key: str) -> None:
    answer = caller(ngo_actor).post("aid-requests", body, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "idempotency_key_unreadable")


@pytest.fixture
def another_connection(db: None) -> Iterator[psycopg.Connection]:
    """Give a second connection to the test's database."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters) as other:
        yield other


def test_key_in_flight_is_a_conflict_at_once(
    ngo_actor: Actor, body: dict[str, Any], another_connection: psycopg.Connection
) -> None:
    number = lock_number(f"user:{ngo_actor.user_id}", "night-1")
    another_connection.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    someone = caller(ngo_actor)
    answer = someone.post("aid-requests", body, Idempotency_Key="night-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")
    assert answer.headers["Retry-After"] == "1"
    another_connection.rollback()
    assert someone.post("aid-requests", body, Idempotency_Key="night-1").status_code == 201


def test_answers_are_forgotten_after_48_hours(ngo_actor: Actor, body: dict[str, Any], now: datetime) -> None:
    someone = caller(ngo_actor)
    for key in ("old", "young"):
        someone.post("aid-requests", body, Idempotency_Key=key)
    IdempotencyRecord.objects.filter(key="old").update(created_at=now - timedelta(hours=49))
    assert forget_answers(now=now) == 1
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["young"]
