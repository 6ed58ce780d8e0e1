"""A mutation that is sent again happens once, and says the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from aid.models import AidRequest
from coordination.access.actors import Actor
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Organisation
from tests.doors.graphql import Caller, caller, machine
from tests.factories import aid

pytestmark = pytest.mark.django_db

POZNIAKY = {"type": "Point", "coordinates": [30.634, 50.398]}


def file(sender: Caller, key: str, people: int = 3, **headers: str) -> dict[str, Any] | None:
    """File a request with a clientMutationId."""
    need = {
        "lines": [{"item": "drinking_water", "quantity": 45}],
        "location": POZNIAKY,
        "people": people,
        "urgency": "URGENT",
        **({"clientMutationId": key} if key else {}),
    }
    return sender.change("fileAidRequest", "... on AidRequest { ref }", need, **headers)


def test_same_key_files_once(ngo: Organisation) -> None:
    aid.item()
    system = machine(ngo)
    first = file(system, "night-1")
    assert file(system, "night-1") == first
    assert AidRequest.objects.count() == 1
    assert file(system, "night-2") != first
    assert AidRequest.objects.count() == 2


def test_same_key_replays_a_refusal(ngo: Organisation) -> None:
    aid.item()
    system = machine(ngo)
    first = file(system, "night-1", people=0)
    assert first is not None
    assert (first["__typename"], first["field"]) == ("DomainProblem", "people")
    assert file(system, "night-1", people=0) == first


def test_same_key_with_other_values_is_refused(ngo: Organisation) -> None:
    aid.item()
    system = machine(ngo)
    file(system, "night-1")
    with pytest.raises(AssertionError, match="idempotency_key_reused"):
        file(system, "night-1", people=4)
    assert AidRequest.objects.count() == 1


def test_system_needs_a_key(ngo: Organisation) -> None:
    aid.item()
    refused = file(machine(ngo), "")
    assert refused is not None
    assert (refused["code"], refused["field"]) == ("idempotency_key_required", "clientMutationId")
    assert file(machine_again(ngo), "", idempotency_key="in-the-header") is not None
    assert AidRequest.objects.count() == 1


def machine_again(of: Organisation) -> Caller:
    """Give another token of the system that `machine` made."""
    return Caller(issue_key(client=ApiClient.objects.get(organisation=of), scopes=Scope.values))


def test_two_mutations_of_one_call_keep_their_own_answers(ngo: Organisation) -> None:
    aid.item()
    system = machine(ngo)
    query = """mutation ($a: FileAidRequestInput!, $b: FileAidRequestInput!) {
      a: fileAidRequest(input: $a) { ... on AidRequest { ref } }
      b: fileAidRequest(input: $b) { ... on AidRequest { ref } } }"""
    need = {"lines": [{"item": "drinking_water", "quantity": 5}], "location": POZNIAKY, "people": 1, "urgency": "SOON"}
    both = system.ask(query, {"a": need, "b": need}, idempotency_key="night-1")
    assert both["a"] != both["b"]
    assert system.ask(query, {"a": need, "b": need}, idempotency_key="night-1") == both
    assert AidRequest.objects.count() == 2


def test_key_that_cannot_be_kept_is_refused(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    for key in ("\\u0000", "x" * 256):
        query = f'''mutation {{ renewAidRequest(input: {{aidRequest: "{filed.ref}", clientMutationId: "{key}"}})
            {{ ... on DomainProblem {{ code field }} }} }}'''
        answer = caller(ngo_actor).ask(query)["renewAidRequest"]
        assert answer == {"code": "idempotency_key_unreadable", "field": "clientMutationId"}
