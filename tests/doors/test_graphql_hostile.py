"""Hostile documents and bodies: refused at once, with a code, by a process that lives on."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from coordination.access.actors import Actor
from coordination.access.models import Organisation, User
from tests.doors.graphql import ADDRESS, PUBLIC_CALLER, caller
from tests.factories.access import member, user

pytestmark = pytest.mark.django_db


def fragment_bomb(doublings: int) -> str:
    """Write fragments of which each spreads the next one twice."""
    fragments = [f"fragment f{step} on Query {{ ...f{step + 1} ...f{step + 1} }}" for step in range(doublings)]
    return " ".join(["{ ...f0 }", *fragments, f"fragment f{doublings} on Query {{ __typename }}"])


def pages_in_pages(head: str, size: str) -> str:
    """Write three lists in each other."""
    sites, buildings = f"impactSites(first: {size})", f"buildings(first: {size})"
    inner = f"{sites} {{ nodes {{ {buildings} {{ nodes {{ id }} }} }} }}"
    return f"{head}{{ incidents(first: {size}) {{ nodes {{ {inner} }} }} }}"


HOSTILE: dict[str, tuple[str, str]] = {
    "fragment bomb": (fragment_bomb(15), "too_many_fields"),
    "fragment cycle": ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", "fragment_cycle"),
    "unused cycle": ("{ __typename } fragment a on Query { ...a }", "fragment_cycle"),
    "chain of fragments": (
        " ".join(
            ["{ ...f0 }"]
            + [f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(150)]
            + ["fragment f150 on Query { __typename }"]
        ),
        "query_too_deep",
    ),
    "aliases": ("{ " + " ".join(f"a{n}: __typename" for n in range(200)) + " }", "too_many_aliases"),
    "same field": ("{ " + "__typename " * 400 + "}", "too_many_fields"),
    "directives": ("{ " + "__typename @skip(if: false) " * 40 + "}", "too_many_directives"),
    "directives on one field": ("{ __typename " + "@skip(if: false) " * 100 + "}", "too_many_directives"),
    "depth": (
        "{ incidents { nodes { " + "parent { " * 25 + "id" + " }" * 25 + " } } }",
        "query_too_deep",
    ),
    "braces": ("{" * 3_000, "document_too_complex"),
    "lists": ("{ node(id: " + "[" * 3_000 + ") { id } }", "document_too_complex"),
    "tokens": ("{ " + "a " * 3_000 + "}", "document_too_complex"),
    "endless number": ("{ incidents(first: " + "9" * 5_000 + ") { nodes { id } } }", "number_too_long"),
    "length": ("#" * 60_000, "document_too_long"),
    "pages in pages": (pages_in_pages("", "100"), "query_too_expensive"),
    "pages by variable": (pages_in_pages("query ($n: Int = 100) ", "$n"), "query_too_expensive"),
    "introspection by a stranger": ("{ __schema { types { name } } }", "introspection_refused"),
    "introspection in a fragment": (
        '{ ...a } fragment a on Query { __type(name: "Query") { name } }',
        "introspection_refused",
    ),
    "unknown field": ("{ incidentz { id } }", "graphql_refused"),
    "not GraphQL": ("{ incidents", "graphql_refused"),
    "subscription": ("subscription { incidents { nodes { id } } }", "graphql_refused"),
    "nothing": ("", "malformed"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_is_refused_at_once(name: str) -> None:
    document, code = HOSTILE[name]
    took_s = []
    # What is loaded on first use is not the document's fault; neither is what runs beside, so its own time is counted.
    for _attempt in range(3):
        started = time.thread_time()
        answer = PUBLIC_CALLER.send({"query": document})
        took_s.append(time.thread_time() - started)
    assert answer.status_code == 400
    body = answer.json()  # type: ignore[attr-defined] # the test client's
    found = body["code"] if "code" in body else body["errors"][0]["extensions"]["code"]
    assert found == code
    assert min(took_s) < 0.2
    assert PUBLIC_CALLER.ask("{ __typename }") == {"__typename": "Query"}


def test_fragment_bomb_is_small() -> None:
    assert len(fragment_bomb(15)) < 1_000


def test_unknown_field_gets_no_suggestion() -> None:
    error = PUBLIC_CALLER.refusal("{ incidentz { nodes { id } } }")
    assert "incidents" not in error["message"]


BODIES: dict[str, tuple[bytes, int, str]] = {
    "not JSON": (b"{", 400, "json_malformed"),
    "no text": (b"\xff\xfe", 400, "json_encoding"),
    "doubled key": (b'{"query": "{ a }", "query": "{ b }"}', 400, "json_doubled_key"),
    "NaN": (b'{"query": "{ a }", "variables": {"x": NaN}}', 400, "json_not_finite"),
    "NUL": (b'{"query": "{ a }", "variables": {"x": "\\u0000"}}', 400, "json_nul"),
    "deep": (b'{"query": "{ a }", "variables": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, "json_too_deep"),
    "batch": (b'[{"query": "{ __typename }"}]', 400, "malformed"),
    "no query": (b'{"variables": {}}', 400, "malformed"),
    "variables as a list": (b'{"query": "{ __typename }", "variables": []}', 400, "malformed"),
    "too large": (b'{"query": "' + b"a" * 3_000_000 + b'"}', 413, "too_large"),
}


@pytest.mark.parametrize("name", BODIES)
def test_hostile_body_is_refused(name: str) -> None:
    body, status, code = BODIES[name]
    answer = PUBLIC_CALLER.send(body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)  # type: ignore[attr-defined] # the test client's


def test_reading_by_get_and_forms_are_refused(client: Client) -> None:
    assert client.get(ADDRESS, {"query": "{ __typename }"}).status_code == 405
    assert client.get(ADDRESS, headers={"Accept": "text/html"}).status_code == 405
    assert client.post(ADDRESS, {"query": "{ __typename }"}).status_code == 415


def test_session_needs_its_csrf_token(ngo: Organisation) -> None:
    actor = member(ngo)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=actor.user_id))
    body = json.dumps({"query": "{ __typename }"})
    refused = client.post(ADDRESS, body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused")
    client.cookies["csrftoken"] = "a" * 32
    sent = client.post(ADDRESS, body, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert sent.json() == {"data": {"__typename": "Query"}}


def test_bearer_and_public_need_no_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    sent = client.post(ADDRESS, json.dumps({"query": "{ __typename }"}), content_type="application/json")
    assert sent.json() == {"data": {"__typename": "Query"}}


def test_member_may_ask_for_the_schema(cell_actor: Actor) -> None:
    from graphql import get_introspection_query

    shown = caller(cell_actor).ask(get_introspection_query())
    assert shown["__schema"]["queryType"]["name"] == "Query"


def test_person_without_a_role_is_a_stranger_to_rows(db: None) -> None:
    person = user("nobody")
    client = Client()
    client.force_login(person)
    answer: Any = client.post(
        ADDRESS, json.dumps({"query": "{ aidRequests { totalCount } }"}), content_type="application/json"
    )
    assert answer.json() == {"data": {"aidRequests": {"totalCount": 0}}}


@pytest.mark.parametrize(
    "wrong", [{"title": 5}, {"hazard": "rain"}, {"areas": {}}, {"unheard_of": 1}, {"isExercise": "yes"}], ids=str
)
def test_variable_of_the_wrong_kind_is_the_callers_mistake(
    wrong: dict[str, Any], ngo_actor: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    told = {"title": "Debris", "hazard": "DEBRIS_FALL", "occurredAt": "2026-02-03T04:05:06Z", **wrong}
    query = "mutation ($input: ReportIncidentInput!) { reportIncident(input: $input) { __typename } }"
    error = caller(ngo_actor).refusal(query, {"input": told})
    assert error["extensions"] == {"code": "graphql_refused"}
    assert next(iter(wrong)) in error["message"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_unforeseen_error_tells_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr("coordination.web.graphql.rows.page", fail)
    error = PUBLIC_CALLER.refusal("{ incidents { nodes { id } } }")
    assert error["extensions"] == {"code": "internal"}
    assert "secret" not in json.dumps(error)
    assert "unforeseen error" in caplog.text


def test_absent_database_is_told_as_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def fail(*_arguments: object) -> None:
        raise OperationalError("connection to server at secret-host failed")

    monkeypatch.setattr("coordination.web.graphql.rows.page", fail)
    answer: Any = PUBLIC_CALLER.send({"query": "{ incidents { nodes { id } } }"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["errors"][0]["extensions"] == {"code": "unavailable"}
    assert "secret-host" not in answer.content.decode()
