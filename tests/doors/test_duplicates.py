"""Possible duplicates through every door: each is warned of what he may compare, and nobody is blocked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aid.actions.file_aid_request import NewContact
from aid.models import AidRequest, PossibleDuplicate
from coordination.access.actors import Actor
from coordination.access.models import Organisation, User
from tests.doors import graphql, rest
from tests.factories import aid
from tests.factories.places import POZNIAKY

pytestmark = pytest.mark.django_db

CONTACT = NewContact(name="Олена", phone="+380441234567")
NEED = {
    "location": {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]},
    "people": 3,
    "urgency": 2,
    "lines": [{"item": "drinking_water", "quantity": 45}],
    "contact": {"phone": "(044) 123-45-67"},
}
PAGE_OF_FORM = {
    "urgency": "2",
    "channel": "hotline",
    "consent": "given",
    "people": "3",
    "vulnerable_people": "0",
    "members": "[]",
    "lat": str(POZNIAKY.y),
    "lon": str(POZNIAKY.x),
    "lines-TOTAL_FORMS": "1",
    "lines-INITIAL_FORMS": "0",
    "lines-0-quantity": "45",
    "contact_phone": "044 1234567",
}


@pytest.fixture
def pair(ngo: Organisation, provider: Organisation, now: datetime) -> tuple[AidRequest, AidRequest, AidRequest]:
    """Give two requests of one organisation and one of another, all with the same phone."""
    first, second, of_others = (aid.aid_request(each, now=now, contact=CONTACT) for each in (ngo, ngo, provider))
    return first, second, of_others


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def admin_page(name: str, *arguments: Any) -> str:
    return reverse(f"admin:aid_aidrequest_{name}", args=arguments)


def test_rest_shows_them_to_who_may_compare_them(
    pair: tuple[AidRequest, ...], ngo_actor: Actor, cell_actor: Actor, provider_actor: Actor
) -> None:
    first, second, of_others = pair
    path = f"aid-requests/{first.ref}/possible-duplicates"

    def told(actor: Actor) -> dict[str, list[str]]:
        return {row["ref"]: row["reasons"] for row in rest.results(rest.caller(actor).get(path))}

    assert told(ngo_actor) == {second.ref: ["phone"]}
    assert told(cell_actor) == {second.ref: ["phone"], of_others.ref: ["phone"]}
    assert rest.caller(provider_actor).get(path).status_code == 404


def test_rest_warns_who_files_of_what_he_may_see_and_takes_it(
    pair: tuple[AidRequest, ...], provider_actor: Actor
) -> None:
    answer = rest.caller(provider_actor).post("aid-requests", NEED)
    assert answer.status_code == 201, answer.content
    assert answer.json()["possible_duplicates"] == [{"ref": pair[2].ref, "reasons": ["phone"]}]


def test_rest_merges_undoes_and_dismisses(pair: tuple[AidRequest, ...], ngo_actor: Actor) -> None:
    first, second, of_others = pair
    reporter = rest.caller(ngo_actor)
    merged = reporter.post(f"aid-requests/{second.ref}/merge-duplicate", {"original": first.ref}).json()
    assert (merged["status"], merged["duplicate_of"]) == ("duplicate", str(first.pk))
    assert merged["possible_duplicates"] == []
    assert reporter.post(f"aid-requests/{second.ref}/undo-merge").json()["status"] == "submitted"
    late = reporter.post(f"aid-requests/{second.ref}/undo-merge")
    assert (late.status_code, late.json()["code"]) == (409, "not_merged")
    hidden = reporter.post(f"aid-requests/{second.ref}/merge-duplicate", {"original": of_others.ref})
    assert (hidden.status_code, rest.codes(hidden)) == (400, {"#/original": "does_not_exist"})
    dismissed = reporter.post(f"aid-requests/{second.ref}/dismiss-possible-duplicate", {"other": first.ref})
    assert dismissed.json()["possible_duplicates"] == []


def test_graphql_shows_merges_undoes_and_dismisses(
    pair: tuple[AidRequest, ...], ngo_actor: Actor, cell_actor: Actor
) -> None:
    first, second, of_others = pair
    reporter = graphql.caller(ngo_actor)
    query = "{ aidRequests { nodes { ref possibleDuplicates { reasons aidRequest { ref } } } } }"

    def told(caller: graphql.Caller) -> dict[str, set[str]]:
        rows = graphql.nodes(caller.ask(query))
        return {row["ref"]: {each["aidRequest"]["ref"] for each in row["possibleDuplicates"]} for row in rows}

    everybody = {first.ref, second.ref, of_others.ref}
    assert told(reporter) == {first.ref: {second.ref}, second.ref: {first.ref}}
    assert told(graphql.caller(cell_actor)) == {ref: everybody - {ref} for ref in everybody}
    shape = "... on AidRequest { status duplicateOf { ref } possibleDuplicates { reasons } }"
    merging = {"aidRequest": second.ref, "original": first.ref}
    merged = reporter.change("mergeDuplicate", shape, merging)
    assert merged == {
        "__typename": "AidRequest",
        "status": "DUPLICATE",
        "duplicateOf": {"ref": first.ref},
        "possibleDuplicates": [],
    }
    undone = reporter.change("undoMerge", shape, {"aidRequest": second.ref})
    assert undone is not None
    assert (undone["status"], undone["possibleDuplicates"]) == ("SUBMITTED", [{"reasons": ["PHONE"]}])
    dismissed = reporter.change("dismissPossibleDuplicate", shape, {"aidRequest": second.ref, "other": first.ref})
    assert dismissed is not None
    assert dismissed["possibleDuplicates"] == []


def test_graphql_asks_once_for_all_rows(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    reporter = graphql.caller(ngo_actor)
    query = "{ aidRequests { nodes { possibleDuplicates { reasons aidRequest { ref } } } } }"
    reporter.ask(query)
    costs = []
    for _time in range(2):
        for _number in range(2):
            aid.aid_request(ngo, now=now, contact=CONTACT)
        with CaptureQueriesContext(connection) as counted:
            reporter.ask(query)
        costs.append(len(counted))
    assert costs[0] == costs[1]


def test_admin_warns_on_saving_and_leads_to_what_may_be_seen(
    pair: tuple[AidRequest, ...], ngo: Organisation, ngo_actor: Actor
) -> None:
    first, second, of_others = pair
    form = {**PAGE_OF_FORM, "reported_by": str(ngo.pk), "lines-0-item": str(aid.item().pk)}
    answer = signed_in(ngo_actor).post(admin_page("add"), form, follow=True)
    shown = answer.content.decode()
    assert AidRequest.objects.count() == 4, shown
    assert "This may be the same as" in shown
    warning = shown.split("This may be the same as")[1].split("</li>")[0]
    assert all(address in warning for address in (admin_page("change", first.pk), admin_page("change", second.pk)))
    assert of_others.ref not in shown


def test_admin_merges_into_the_earliest_and_undoes(pair: tuple[AidRequest, ...], ngo_actor: Actor) -> None:
    first, second, of_others = pair
    client = signed_in(ngo_actor)
    shown = client.get(admin_page("change", first.pk)).content.decode()
    assert (second.ref in shown, "same phone" in shown, of_others.ref in shown) == (True, True, False)
    chosen = {"action": "merge_duplicates", "_selected_action": [str(each.pk) for each in pair]}
    assert client.post(admin_page("changelist"), chosen).status_code == 302
    assert list(AidRequest.objects.filter(duplicate_of=first)) == [second]
    assert client.post(admin_page("verb", second.pk, "undo-merge")).status_code == 302
    second.refresh_from_db()
    assert second.status == "submitted"


def test_admin_dismisses_the_selected(pair: tuple[AidRequest, ...], cell_actor: Actor) -> None:
    chosen = {"action": "dismiss_duplicates", "_selected_action": [str(each.pk) for each in pair[:2]]}
    assert signed_in(cell_actor).post(admin_page("changelist"), chosen).status_code == 302
    dismissed = PossibleDuplicate.objects.filter(dismissed_at__isnull=False)
    assert [(each.earlier, each.later) for each in dismissed] == [pair[:2]]
