"""Attacks by those who hold something: a narrow key, an old role, half of a match."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from aid.actions.accept_match import accept_match
from aid.actions.file_aid_request import NewLine
from aid.actions.plan_delivery import plan_delivery
from aid.actions.verify_aid_request import verify_aid_request
from aid.models import AidRequest, Delivery, Resource, ShelterStay
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Membership, Organisation, User
from coordination.geo.cells import HOME_RESOLUTION, cell_centre, cell_of
from tests.doors import graphql
from tests.doors.rest import Caller, caller, codes, results
from tests.factories import aid, incidents
from tests.factories.access import organisation
from tests.factories.places import POZNIAKY

pytestmark = pytest.mark.django_db

PLACE = {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]}
AID_LISTS = ("aid-requests", "resources", "shelters", "stays", "matches", "match-runs", "deliveries")
INCIDENT_LISTS = (
    "incidents", "casualty-reports", "impact-sites", "buildings", "assessments", "outages", "access-constraints",
)  # fmt: skip


def token(of: Organisation, *scopes: str) -> str:
    """Issue the key of a system that is allowed no more than these scopes."""
    client = ApiClient.objects.create(organisation=of, name="-".join(scopes) or "nothing", scopes=scopes)
    return issue_key(client=client, scopes=scopes)


@pytest.fixture
def story(ngo: Organisation, provider: Organisation, now: datetime) -> AidRequest:
    """Have a confirmed incident in its embargo, a need in it and what serves the need; give the need."""
    incident = incidents.confirmed_incident(ngo, now=now)
    building = incidents.building(incident, ngo, now=now)
    accepted = aid.acceptance(aid.line(ngo, now=now, building=building), aid.resource(provider, now=now), now=now)
    plan_delivery(matches=[accepted], actor=SYSTEM, now=now)
    return accepted.line.aid_request


# Keys that may do less than their owner


@pytest.mark.parametrize("of", ["ngo", "provider", "cell"])
def test_key_without_the_scope_to_read_reads_nothing(of: str, story: AidRequest, request: Any) -> None:
    owner = request.getfixturevalue(of)
    without_aid = token(owner, Scope.INCIDENTS_READ, Scope.AID_WRITE, Scope.MATCH_WRITE)
    without_incidents = token(owner, Scope.AID_READ, Scope.INCIDENTS_WRITE)
    for path in AID_LISTS:
        assert results(Caller(without_aid).get(path)) == [], path
    for path in INCIDENT_LISTS:
        assert results(Caller(without_incidents).get(path)) == [], path
    assert Caller(without_aid).get(f"aid-requests/{story.ref}").status_code == 404
    assert Caller(without_aid).post(f"aid-requests/{story.ref}/renew", Idempotency_Key="1").status_code == 404
    counted = "{ aidRequests { totalCount } matches { totalCount } resources { totalCount } }"
    nothing = {"totalCount": 0}
    answer = graphql.Caller(without_aid).ask(counted)
    assert answer == {"aidRequests": nothing, "matches": nothing, "resources": nothing}


@pytest.mark.parametrize("of", ["ngo", "cell"])
def test_key_hears_only_of_what_it_may_read(of: str, story: AidRequest, request: Any) -> None:
    owner = request.getfixturevalue(of)
    heard = {
        scope: {row["type"].partition(".")[0] for row in results(Caller(token(owner, scope)).get("events"))}
        for scope in (Scope.AID_READ, Scope.INCIDENTS_READ, Scope.AID_WRITE)
    }
    assert heard == {Scope.AID_READ: {"aid"}, Scope.INCIDENTS_READ: {"incidents"}, Scope.AID_WRITE: set()}


def test_key_of_the_cell_measures_no_distance_to_what_it_reads_coarsely(
    ngo: Organisation, cell: Organisation, now: datetime
) -> None:
    incidents.public_incident(ngo, now=now)
    near = {"near": f"{POZNIAKY.x},{POZNIAKY.y}", "radius_m": "50"}
    assert results(Caller(token(cell, Scope.AID_READ)).get("incidents", near)) == []
    assert len(results(Caller(token(cell, Scope.INCIDENTS_READ)).get("incidents", near))) == 1


def test_key_that_may_only_write_files_and_repeats_but_reads_nothing_back(ngo: Organisation) -> None:
    aid.item()
    kiosk = Caller(token(ngo, Scope.AID_WRITE))
    body = {"location": PLACE, "people": 3, "urgency": 2, "lines": [{"item": "drinking_water", "quantity": 45}]}
    first, again = (kiosk.post("aid-requests", body, Idempotency_Key="night-1") for _time in range(2))
    filed = AidRequest.objects.get()
    for answer in (first, again):
        assert (answer.status_code, answer.content) == (201, b"")
        assert answer.headers["Location"].endswith(str(filed.pk))
    assert kiosk.get(f"aid-requests/{filed.pk}").status_code == 404


def test_key_without_the_scope_for_personal_data_reads_no_contact(ngo: Organisation, story: AidRequest) -> None:
    key = token(ngo, Scope.AID_READ, Scope.AID_WRITE, Scope.MATCH_WRITE)
    answer = Caller(key).post(f"aid-requests/{story.ref}/read-contact", {"purpose": "call back"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    values = {"aidRequest": story.ref, "purpose": "call back"}
    refused = graphql.Caller(key).change("readContact", "... on Contact { phone }", values)
    assert refused is not None
    assert refused["code"] == "not_allowed"


# Answers that were kept


def test_kept_answer_shows_no_more_than_its_caller_may_read_now(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, now: datetime
) -> None:
    aid.item()
    body = {"location": PLACE, "people": 3, "urgency": 2, "lines": [{"item": "drinking_water", "quantity": 45}]}
    someone = caller(ngo_actor)
    first = someone.post("aid-requests", body, Idempotency_Key="night-1")
    assert first.json()["location"] == PLACE
    filed = AidRequest.objects.get()
    aid.proposal(filed.lines.get(), aid.resource(provider, now=now), now=now)
    Membership.objects.filter(organisation=ngo).delete()
    Membership.objects.create(user=User.objects.get(pk=ngo_actor.user_id), organisation=provider, role="coordinator")
    again = someone.post("aid-requests", body, Idempotency_Key="night-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert (again.json()["disclosure"], again.json()["location"], again.json()["reported_by"]) == ("coarse", None, None)


# Halves of a match


@pytest.fixture
def two_providers(ngo: Organisation, provider: Organisation, now: datetime) -> AidRequest:
    """Have a need for water and insulin: one provider is asked for water, another for insulin."""
    water, insulin = aid.item(), aid.item("insulin")
    other = organisation("Right Bank Pharmacy")
    filed = aid.aid_request(ngo, now=now, lines=[NewLine(water, 45), NewLine(insulin, 2)])
    verify_aid_request(aid_request=filed, actor=SYSTEM, now=now)
    aid.proposal(filed.lines.get(item=water), aid.resource(provider, now=now, item=water), now=now, quantity=40)
    aid.proposal(filed.lines.get(item=insulin), aid.resource(other, now=now, item=insulin), now=now)
    return filed


def test_provider_learns_nothing_of_what_others_are_asked_for(
    two_providers: AidRequest, provider_actor: Actor, ngo_actor: Actor
) -> None:
    path = f"aid-requests/{two_providers.ref}"
    assert len(caller(ngo_actor).get(path).json()["lines"]) == 2
    (line,) = caller(provider_actor).get(path).json()["lines"]
    assert (line["item"], line["quantity"]) == (str(aid.item().pk), 45)
    query = "{ aidRequests { nodes { lines { totalCount nodes { item { code } } } } } }"
    (asked,) = graphql.nodes(graphql.caller(provider_actor).ask(query))
    assert asked == {"lines": {"totalCount": 1, "nodes": [{"item": {"code": "drinking_water"}}]}}


def test_provider_learns_not_how_far_others_serve_a_need(
    two_providers: AidRequest, provider_actor: Actor, ngo_actor: Actor
) -> None:
    path, counters = f"aid-requests/{two_providers.ref}", ("reserved", "dispatched", "delivered")
    assert {line["reserved"] for line in caller(ngo_actor).get(path).json()["lines"]} == {40, 2}
    shown = caller(provider_actor).get(path).json()
    assert shown["coverage"] is None
    assert {name: shown["lines"][0][name] for name in counters} == dict.fromkeys(counters)
    query = "{ aidRequests { nodes { coverage lines { nodes { reserved dispatched delivered unmet } } } } }"
    (asked,) = graphql.nodes(graphql.caller(provider_actor).ask(query))
    assert asked == {"coverage": None, "lines": {"nodes": [dict.fromkeys([*counters, "unmet"])]}}


def test_delivery_names_to_each_only_their_own_matches(
    provider: Organisation, ngo: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    offered = aid.resource(provider, now=now)
    ours = aid.acceptance(aid.line(ngo, now=now), offered, now=now)
    theirs = aid.acceptance(aid.line(organisation("Neighbours"), now=now), offered, now=now)
    plan_delivery(matches=[ours, theirs], actor=SYSTEM, now=now)
    delivery = Delivery.objects.get()
    for actor, own in ((ngo_actor, {str(ours.pk)}), (provider_actor, {str(ours.pk), str(theirs.pk)})):
        someone = caller(actor)
        (event,) = results(someone.get("events", {"type": "aid.delivery.planned.v1"}))
        assert event["subject"] == str(delivery.pk)
        assert {key for key in (str(ours.pk), str(theirs.pk)) if key in str(event)} <= own
        assert set(someone.get(f"deliveries/{delivery.pk}").json()["matches"]) == own


def test_place_of_a_closed_shelter_is_told_once_the_match_is_accepted(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now, is_public=False)
    beds = aid.places_of(shelter)
    offered = aid.proposal(aid.line(ngo, now=now, quantity=3, of=beds.item), beds, now=now)
    assert caller(ngo_actor).get(f"shelters/{shelter.ref}").status_code == 404
    accept_match(match=offered, actor=SYSTEM, now=now)
    assert caller(ngo_actor).get(f"shelters/{shelter.ref}").json()["address"] == shelter.address


def test_suggestions_find_no_more_of_a_hidden_offer_than_its_cell(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, now: datetime
) -> None:
    lon, lat = cell_centre(cell_of(aid.DARNYTSIA, HOME_RESOLUTION))
    homes = [Point(lon + step * 0.012, lat + step * 0.009, srid=4326) for step in range(-4, 5)]
    asked = [aid.line(ngo, now=now, location=home).aid_request for home in homes]
    aid.resource(ngo, now=now, location=Point(lon, lat, srid=4326), name="Our own, to compare with")
    hidden = aid.resource(provider, now=now, service_radius_m=2_000)
    told = []
    for east in (-0.03, 0.03):
        Resource.objects.filter(pk=hidden.pk).update(location=Point(lon + east, lat, srid=4326))
        found = [results(caller(ngo_actor).get(f"aid-requests/{each.pk}/suggestions")) for each in asked]
        assert {row["resource"] is None for rows in found for row in rows} == {True, False}
        told.append(found)
    assert told[0] == told[1]


# Acting without right


def test_nobody_acts_for_another_side(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    shelter = aid.shelter(provider, now=now, is_public=True)
    beds = aid.places_of(shelter)
    aid.acceptance(aid.line(ngo, now=now, quantity=3, of=beds.item), beds, now=now)
    stay = ShelterStay.objects.get()
    offered = aid.resource(provider, now=now)
    proposed = aid.proposal(aid.line(ngo, now=now), offered, now=now)
    accepted = aid.acceptance(aid.line(ngo, now=now), offered, now=now)
    delivery = plan_delivery(matches=[accepted], actor=SYSTEM, now=now)
    filed = aid.aid_request(ngo, now=now)
    requester, giver = caller(ngo_actor), caller(provider_actor)
    attempts: list[tuple[Caller, str, Any]] = [
        (requester, f"matches/{proposed.ref}/accept", None),
        (requester, f"matches/{proposed.ref}/decline", {}),
        (requester, f"resources/{offered.pk}/withdraw", None),
        (requester, f"deliveries/{delivery.pk}/dispatch", None),
        (requester, "deliveries", {"matches": [proposed.ref]}),
        (requester, f"shelters/{shelter.ref}/check-in", {"stay": str(stay.pk)}),
        (requester, f"stays/{stay.pk}/check-in", None),
        (requester, f"shelters/{shelter.ref}/close", None),
        (requester, "stays", {"shelter": shelter.ref, "party_size": 2}),
        (requester, f"aid-requests/{filed.ref}/verify", None),
        (giver, f"aid-requests/{proposed.line.aid_request.ref}/cancel", {"reason": "x"}),
        (giver, f"aid-requests/{proposed.line.aid_request.ref}/read-contact", {"purpose": "x"}),
    ]
    for who, path, body in attempts:
        answer = who.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
    changed = giver.patch(f"aid-requests/{proposed.line.aid_request.ref}", {"people": 1})
    assert (changed.status_code, changed.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("field", ["status", "verified_at", "ref", "id", "public_cell", "created_at", "disclosure"])
def test_state_is_not_set_by_a_body(field: str, ngo_actor: Actor) -> None:
    aid.item()
    body = {"location": PLACE, "people": 3, "urgency": 2, "lines": [{"item": "drinking_water", "quantity": 45}]}
    answer = caller(ngo_actor).post("aid-requests", {**body, field: "verified"})
    assert (answer.status_code, codes(answer)) == (400, {f"#/{field}": "unknown_field"})
    assert not AidRequest.objects.exists()


def test_role_that_ended_leaves_what_the_public_may_do(
    ngo: Organisation, ngo_actor: Actor, story: AidRequest, now: datetime
) -> None:
    someone = caller(ngo_actor)
    assert someone.get(f"aid-requests/{story.ref}").status_code == 200
    Membership.objects.filter(organisation=ngo).update(until=now)
    for path in (*AID_LISTS, *INCIDENT_LISTS, "events"):
        assert results(someone.get(path)) == [], path
    assert someone.post(f"aid-requests/{story.ref}/renew").status_code == 404
