"""Writes through REST: what callers send, what comes of it, and what they are told where nothing does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from aid.models import AidRequest, Contact, Resource, ShelterStay
from coordination.access.actors import Actor
from coordination.access.enums import Role
from coordination.access.models import AccessRecord, Organisation
from coordination.areas.models import Area
from tests.doors.rest import PUBLIC_CALLER, Caller, caller, codes
from tests.factories import aid, incidents
from tests.factories.access import member
from tests.factories.places import POZNIAKY

pytestmark = pytest.mark.django_db

LINE = {"item": "drinking_water", "quantity": 45}
PLACE = {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]}


def need(**fields: Any) -> dict[str, Any]:
    """Give the body of a request for water."""
    return {
        "location": PLACE,
        "people": 3,
        "urgency": 2,
        "lines": [{"item": "drinking_water", "quantity": 45}],
        **fields,
    }


@pytest.fixture
def water(db: None) -> None:
    """Have water in the catalogue."""
    aid.item()


def test_story_from_report_to_delivery_is_told_by_addresses(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    district = Area.objects.create(katottg="UA80000000000210193", level=5, name_uk="Дарницький район")
    aid.item()
    ngo_caller, cell_caller, provider_caller = caller(ngo_actor), caller(cell_actor), caller(provider_actor)

    def done(answer: Any, status: int = 200) -> dict[str, Any]:
        assert answer.status_code == status, answer.content
        told: dict[str, Any] = answer.json()
        return told

    report = {"title": "Missile barrage", "hazard": "missile_strike", "occurred_at": now.isoformat(), "location": PLACE}
    incident = done(ngo_caller.post("incidents", {**report, "areas": [str(district.pk)]}), 201)
    assert (incident["status"], incident["areas"]) == ("reported", [str(district.pk)])
    assert done(cell_caller.post(f"incidents/{incident['ref']}/verify"))["status"] == "active"
    site = {"incident": incident["ref"], "location": PLACE, "kind": "direct_hit", "struck_at": now.isoformat()}
    site = done(ngo_caller.post("impact-sites", site), 201)
    building = {"incident": incident["id"], "impact_site": site["id"], "location": PLACE, "use": "residential"}
    building = done(ngo_caller.post("buildings", building), 201)
    assessment = {"building": building["id"], "scale": "ems98", "value": "4", "method": "ground_rapid"}
    done(ngo_caller.post("assessments", {**assessment, "assessed_at": now.isoformat()}), 201)
    assert done(ngo_caller.get(f"buildings/{building['id']}"))["grade"] == 3

    supply = {"item": "drinking_water", "total": 100, "location": PLACE}
    supply = done(provider_caller.post("resources", supply), 201)
    assert done(provider_caller.patch(f"resources/{supply['id']}", {"total": 90}))["free"] == 90
    filed = ngo_caller.post("aid-requests", need(building=building["id"]))
    request = done(filed, 201)
    assert filed.headers["Location"].endswith(f"/api/v1/aid-requests/{request['id']}")
    assert (request["incident"], request["coverage"]) == (incident["id"], "none")
    assert done(cell_caller.post(f"aid-requests/{request['id']}/verify"))["status"] == "verified"

    line = AidRequest.objects.get(ref=request["ref"]).lines.get()
    aid.proposal(line, Resource.objects.get(pk=str(supply["id"])), now=now)
    match = provider_caller.get("matches").json()["results"][0]
    assert (match["aid_request"], match["quantity"], match["distance_m"]) == (request["id"], 45, None)
    assert match["why"]
    assert done(provider_caller.post(f"matches/{match['ref']}/accept"))["status"] == "accepted"
    delivery = done(provider_caller.post("deliveries", {"matches": [match["id"]]}), 201)
    assert done(provider_caller.post(f"deliveries/{delivery['id']}/dispatch"))["status"] == "dispatched"
    assert done(ngo_caller.get(f"aid-requests/{request['id']}"))["coverage"] == "dispatched"
    arrived = {"quantities": {match["id"]: 40}}
    assert done(provider_caller.post(f"deliveries/{delivery['id']}/deliver", arrived))["status"] == "delivered"
    assert done(ngo_caller.get(f"aid-requests/{request['ref']}"))["lines"][0]["delivered"] == 40
    assert done(ngo_caller.post(f"aid-requests/{request['id']}/close"))["status"] == "closed"


def test_shelter_lives_through_its_verbs(provider: Organisation, provider_actor: Actor) -> None:
    aid.place_item("collective_centre")
    operator = caller(provider_actor)
    body = {"name": "School 20, Podil", "kind": "collective_centre", "location": PLACE, "total_places": 20}
    shelter = operator.post("shelters", {**body, "is_public": True, "amenities": ["heat", "power"]}).json()
    stay = operator.post("stays", {"shelter": shelter["ref"], "party_size": 4}).json()
    assert operator.post(f"shelters/{shelter['id']}/check-in", {"stay": stay["id"]}).json()["free_places"] == 16
    assert operator.post(f"stays/{stay['id']}/check-out").json()["status"] == "checked_out"
    assert operator.patch(f"shelters/{shelter['id']}", {"total_places": 30}).json()["free_places"] == 30
    for verb, status in (("pause", "standby"), ("reopen", "open"), ("close", "closed")):
        assert operator.post(f"shelters/{shelter['id']}/{verb}").json()["status"] == status
    public = PUBLIC_CALLER.get(f"shelters/{shelter['ref']}").json()
    assert (public["location"], public["total_places"], public["free_places"]) == (PLACE, None, None)


def test_stay_of_another_shelter_does_not_check_in_here(
    provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    here, there = (aid.shelter(provider, now=now, name=name) for name in ("here", "there"))
    operator = caller(provider_actor)
    stay = operator.post("stays", {"shelter": str(there.pk), "party_size": 4}).json()
    answer = operator.post(f"shelters/{here.pk}/check-in", {"stay": stay["id"]})
    assert (answer.status_code, codes(answer)) == (400, {"#/stay": "does_not_exist"})
    assert ShelterStay.objects.get().status == "planned"


def test_contact_is_sealed_and_read_for_a_purpose(ngo_actor: Actor, provider_actor: Actor, water: None) -> None:
    reporter = caller(ngo_actor)
    contact = {"name": "Олена Коваль", "phone": "+380441234567"}
    filed = reporter.post("aid-requests", need(contact=contact))
    request = filed.json()
    assert "Коваль" not in filed.content.decode()
    assert reporter.post(f"aid-requests/{request['id']}/read-contact", {}).status_code == 400
    answer = reporter.post(f"aid-requests/{request['id']}/read-contact", {"purpose": "to agree on a time"})
    assert answer.json() == {**contact, "address": "", "notes": ""}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert AccessRecord.objects.get().subject_ids == [Contact.objects.get().pk]
    assert (
        caller(provider_actor).post(f"aid-requests/{request['id']}/read-contact", {"purpose": "x"}).status_code == 404
    )


def test_hidden_row_is_absent_for_every_verb(
    ngo: Organisation, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    hidden = aid.aid_request(ngo, now=now)
    verbs = ("verify", "submit", "renew", "close")
    for verb in ("", *(f"/{verb}" for verb in verbs)):
        stranger = caller(provider_actor)
        answer = (
            stranger.post(f"aid-requests/{hidden.pk}{verb}") if verb else stranger.get(f"aid-requests/{hidden.ref}")
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert caller(cell_actor).post(f"aid-requests/{hidden.pk}/verify").status_code == 200


def test_hidden_related_row_cannot_be_told_from_an_absent_one(
    ngo: Organisation, provider_actor: Actor, now: datetime, water: None
) -> None:
    hidden = incidents.incident(ngo, now=now)
    for named in (str(hidden.pk), hidden.ref, "9f0e5a55-5f3b-4c57-9f3c-3e2f36b2a9a1"):
        answer = caller(provider_actor).post("aid-requests", need(incident=named))
        assert (answer.status_code, codes(answer)) == (400, {"#/incident": "does_not_exist"})
    assert not AidRequest.objects.exists()


def test_public_is_asked_to_sign_in_and_others_are_refused(
    ngo: Organisation, ngo_actor: Actor, now: datetime, water: None
) -> None:
    filed = aid.aid_request(ngo, now=now)
    viewer = caller(member(ngo, Role.VIEWER))
    for who, path, body, status in (
        (PUBLIC_CALLER, "aid-requests", need(), 401),
        (viewer, "aid-requests", need(), 403),
        (caller(ngo_actor), f"aid-requests/{filed.pk}/verify", None, 403),
        (Caller("aid_000000000000_wrong"), "aid-requests", need(), 401),
    ):
        answer = who.post(path, body)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert AidRequest.objects.get().status == "submitted"


def test_verb_that_comes_too_late_is_a_conflict(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    cell = caller(cell_actor)
    assert cell.post(f"aid-requests/{filed.pk}/verify").status_code == 200
    answer = cell.post(f"aid-requests/{filed.pk}/verify")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_awaiting_verification")


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"peopel": 3}, {"#/peopel": "unknown_field"}),
        ({"people": "many"}, {"#/people": "invalid"}),
        ({"people": 0}, {"#/people": "min_value"}),
        ({"people": 99999999999}, {"#/people": "max_value"}),
        ({"urgency": 7}, {"#/urgency": "invalid_choice"}),
        ({"urgency": None}, {"#/urgency": "null"}),
        ({"lines": []}, {"#/lines": "empty"}),
        ({"lines": [{"item": "drinking_water"}]}, {"#/lines/0/quantity": "required"}),
        ({"lines": [{"item": "gold", "quantity": 1}]}, {"#/lines/0/item": "does_not_exist"}),
        (
            {"lines": [{"item": "drinking_water", "quantity": 1, "colour": "blue"}]},
            {"#/lines/0/colour": "unknown_field"},
        ),
        ({"lines": [LINE, LINE]}, {"#/lines/1/item": "repeated"}),
        ({"members": [{"age": 3, "name": "Марко"}]}, {"#/members/0/name": "unknown_field"}),
        ({"members": [{"age": 30}, {"age": 130}]}, {"#/members/1/age": "max_value"}),
        ({"needed_by": "soon"}, {"#/needed_by": "invalid"}),
        ({"needed_by": "0001-01-01T00:00:00+14:00"}, {"#/needed_by": "overflow"}),
        ({"reported_by": "9f0e5a55-5f3b-4c57-9f3c-3e2f36b2a9a1"}, {"#/reported_by": "does_not_exist"}),
        ({"contact": {"e-mail": "x"}}, {"#/contact/e-mail": "unknown_field"}),
    ],
)
def test_wrong_value_is_named(ngo_actor: Actor, water: None, fields: dict[str, Any], refused: dict[str, str]) -> None:
    answer = caller(ngo_actor).post("aid-requests", need(**fields))
    assert answer.status_code == 400, answer.content
    assert codes(answer) == refused
    assert not AidRequest.objects.exists()


def test_problem_is_told_in_the_language_of_the_caller(ngo_actor: Actor, water: None) -> None:
    answer = caller(ngo_actor).post("aid-requests", need(people=0), Accept_Language="en")
    told = answer.json()
    assert answer.headers["Content-Language"] == "en"
    assert set(told) == {"type", "title", "status", "detail", "instance", "code", "errors"}
    assert (told["title"], told["status"], told["instance"]) == (
        "The request is not valid",
        400,
        "/api/v1/aid-requests",
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "json_malformed"),
        (b'{"people": NaN}', "json_not_finite"),
        (b'{"people": 1e999}', "json_number_too_large"),
        (b'{"people": ' + b"9" * 5000 + b"}", "json_number_too_large"),
        (b'{"people": 1, "people": 2}', "json_doubled_key"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"client_ref": "a\\u0000b"}', "json_nul"),
        (b'{"client_ref": "\\ud800"}', "json_surrogate"),
        ('{"client_ref": "є"}'.encode("cp1251"), "json_encoding"),
        (b"[1, 2]", "invalid"),
        (b'"text"', "invalid"),
    ],
)
def test_body_that_cannot_be_relied_on_is_refused(ngo_actor: Actor, content: bytes, code: str) -> None:
    answer = caller(ngo_actor).post("aid-requests", content)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_too_large_a_body_is_refused(ngo_actor: Actor) -> None:
    answer = caller(ngo_actor).post("aid-requests", b'{"client_ref": "' + b"x" * 2_700_000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_stale_precondition_stops_the_verb(
    ngo: Organisation, ngo_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now)
    reporter = caller(ngo_actor)
    read = reporter.get(f"aid-requests/{filed.pk}").headers["ETag"]
    caller(cell_actor).post(f"aid-requests/{filed.pk}/verify")
    late = reporter.post(f"aid-requests/{filed.pk}/close", If_Match=read)
    assert (late.status_code, late.json()["code"]) == (412, "changed_in_the_meantime")
    read = reporter.get(f"aid-requests/{filed.pk}").headers["ETag"]
    assert reporter.post(f"aid-requests/{filed.pk}/close", If_Match=read).status_code == 200


def test_method_that_an_address_does_not_know_is_refused(ngo_actor: Actor) -> None:
    answer = caller(ngo_actor).post("items", {"code": "gold"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_request_is_corrected_by_what_is_named_alone(ngo_actor: Actor, water: None) -> None:
    reporter = caller(ngo_actor)
    filed = reporter.post("aid-requests", need(needed_by="2099-01-01T00:00:00Z")).json()
    changed = reporter.patch(f"aid-requests/{filed['ref']}", {"people": 5, "lines": [{**LINE, "quantity": 75}]}).json()
    assert (changed["people"], changed["lines"][0]["quantity"]) == (5, 75)
    assert (changed["needed_by"], changed["location"]) == (filed["needed_by"], filed["location"])
    incomplete = reporter.patch(f"aid-requests/{filed['ref']}", {"lines": [{"item": "drinking_water"}]})
    assert (incomplete.status_code, codes(incomplete)) == (400, {"#/lines/0/quantity": "required"})
