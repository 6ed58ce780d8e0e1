"""Who reads what through REST; each test first makes what could leak."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from aid.actions.check_in import check_in
from aid.actions.plan_delivery import plan_delivery
from aid.actions.plan_stay import plan_stay
from aid.models import MatchRun
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import Organisation, User
from tests.doors.rest import PREFIX, PUBLIC_CALLER, Caller, caller, results
from tests.factories import aid, incidents
from tests.factories.access import member, organisation, user
from tests.factories.places import POZNIAKY

pytestmark = pytest.mark.django_db

HIDDEN_LISTS = (
    "incidents", "casualty-reports", "impact-sites", "buildings", "assessments", "outages", "access-constraints",
    "resources", "shelters", "stays", "aid-requests", "matches", "match-runs", "deliveries", "events",
)  # fmt: skip


@pytest.fixture
def night(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    """Have one row of everything, none of it public."""
    incident = incidents.incident(ngo, now=now)
    incidents.casualties(incident, ngo, now=now)
    site = incidents.impact_site(incident, ngo, now=now)
    building = incidents.building(incident, ngo, now=now, impact_site=site)
    incidents.assessment(building, ngo, now=now)
    incidents.outage(ngo, now=now, incident=incident)
    incidents.access_constraint(ngo, now=now)
    plan_stay(shelter=aid.shelter(provider, now=now), party_size=3, actor=SYSTEM, now=now)
    line = aid.line(ngo, now=now, building=building)
    accepted = aid.acceptance(line, aid.resource(provider, now=now), now=now)
    plan_delivery(matches=[accepted], actor=SYSTEM, now=now)
    MatchRun.objects.create(started_at=now, engine_version="1")


def test_stranger_and_public_find_nothing_and_the_cell_everything(night: None, cell_actor: Actor) -> None:
    stranger = caller(member(organisation("Somebody Else")))
    hidden = {path: results(caller(cell_actor).get(path)) for path in HIDDEN_LISTS}
    assert [path for path, rows in hidden.items() if not rows] == []
    # Where it is not safe to go is told to all who take part.
    open_to_members = {"access-constraints"}
    for path in HIDDEN_LISTS:
        assert results(PUBLIC_CALLER.get(path)) == [], path
        assert path in open_to_members or results(stranger.get(path)) == [], path
        for row in hidden[path]:
            assert PUBLIC_CALLER.get(f"{path}/{row['id']}").status_code == 404, path
            assert path in open_to_members or stranger.get(f"{path}/{row['id']}").status_code == 404, path


def test_public_reads_a_confirmed_incident_on_its_cell_alone(ngo: Organisation, now: datetime) -> None:
    shown = incidents.public_incident(ngo, now=now, description="Balcony of the third floor", client_ref="DSNS-7")
    row = PUBLIC_CALLER.get(f"incidents/{shown.ref}").json()
    hidden = ("location", "footprint", "description", "reported_by", "client_ref")
    assert {name: row[name] for name in hidden} == dict.fromkeys(hidden)
    assert (row["disclosure"], row["public_cell"]["id"]) == ("coarse", shown.public_cell)
    assert row["public_cell"]["centre"]["coordinates"] != [POZNIAKY.x, POZNIAKY.y]


def test_provider_of_a_live_match_reads_the_request_without_its_place(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    building = incidents.building(incidents.incident(ngo, now=now), ngo, now=now)
    line = aid.line(ngo, now=now, building=building, members=[{"age": 71}], client_ref="case-12")
    aid.proposal(line, aid.resource(provider, now=now), now=now)
    (row,) = results(caller(provider_actor).get("aid-requests"))
    hidden = (
        "location", "building", "area", "reported_by", "channel", "members", "age_bands", "vulnerabilities",
        "vulnerable_people", "consent", "status_reason", "review_at", "follow_up", "client_ref", "created_at",
        # Visible, but of a row that is not.
        "incident",
    )  # fmt: skip
    assert {name: row[name] for name in hidden} == dict.fromkeys(hidden)
    assert (row["people"], row["urgency"], row["lines"][0]["quantity"]) == (3, 2, 45)
    assert row["public_cell"]["id"] == line.aid_request.public_cell
    assert caller(provider_actor).get(f"buildings/{building.pk}").status_code == 404


def test_filter_on_what_is_not_disclosed_finds_nothing(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    line = aid.line(ngo, now=now, client_ref="case-12", channel="hotline")
    aid.proposal(line, aid.resource(provider, now=now), now=now)
    someone = caller(provider_actor)
    near = {"near": f"{POZNIAKY.x},{POZNIAKY.y}", "radius_m": "10"}
    for query in ({"client_ref": "case-12"}, {"channel": "hotline"}, {"reported_by": str(ngo.pk)}, near):
        assert results(someone.get("aid-requests", query)) == []
    assert len(results(someone.get("aid-requests", {"urgency": "2"}))) == 1


def test_filter_by_a_hidden_related_row_finds_nothing(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    incident = incidents.incident(ngo, now=now)
    line = aid.line(ngo, now=now, incident=incident)
    aid.proposal(line, aid.resource(provider, now=now), now=now)
    query = {"incident": str(incident.pk)}
    assert results(caller(provider_actor).get("aid-requests", query)) == []
    assert len(results(caller(cell_actor).get("aid-requests", query))) == 1


def test_how_full_a_public_shelter_is_the_public_does_not_read(provider: Organisation, now: datetime) -> None:
    shelter = aid.shelter(provider, now=now, is_public=True)
    stay = plan_stay(shelter=shelter, party_size=3, actor=SYSTEM, now=now)
    check_in(stay=stay, actor=SYSTEM, now=now)
    row = PUBLIC_CALLER.get(f"shelters/{shelter.ref}").json()
    assert (row["places"], row["total_places"], row["free_places"]) == (None, None, None)
    assert results(PUBLIC_CALLER.get("stays")) == results(PUBLIC_CALLER.get("resources")) == []


def test_suggestion_of_a_hidden_resource_names_nobody(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    resource = aid.resource(provider, now=now, name="Depot at Sribnokilska 3")
    line = aid.line(ngo, now=now)
    path = f"aid-requests/{line.aid_request.ref}/suggestions"
    (coarse,), (exact,) = results(caller(ngo_actor).get(path)), results(caller(cell_actor).get(path))
    assert (exact["resource"], exact["free"], exact["is_enough"]) == (str(resource.pk), 100, True)
    assert (coarse["resource"], coarse["free"], coarse["distance_m"]) == (None, None, None)
    assert coarse["distance_band_m"] == 10_000
    assert "100" not in " ".join(coarse["why"])
    assert caller(provider_actor).get(path).status_code == 404
    aid.proposal(line, resource, now=now)
    assert caller(provider_actor).get(path).status_code == 403


def test_key_narrows_what_its_owner_may_do(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    owner = User.objects.get(pk=ngo_actor.user_id)
    narrow = Caller(issue_key(user=owner, scopes=[Scope.AID_READ]))
    assert narrow.get(f"aid-requests/{filed.pk}").status_code == 200
    assert narrow.post(f"aid-requests/{filed.pk}/renew").status_code == 403


def test_session_needs_a_csrf_token_and_a_bearer_token_none(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(pk=ngo_actor.user_id))
    address = f"{PREFIX}aid-requests/{filed.pk}/renew"
    refused = browser.post(address, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused")
    token = browser.get("/docs/").content.decode().partition('data-csrf="')[2].partition('"')[0]
    assert browser.post(address, content_type="application/json", headers={"X-CSRFToken": token}).status_code == 200
    key = issue_key(user=User.objects.get(pk=ngo_actor.user_id), scopes=Scope.values)
    form = browser.post(address, {"reason": "x"}, headers={"X-CSRFToken": token})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    bearer = {"Authorization": f"Bearer {key}"}
    assert browser.post(address, content_type="application/json", headers=bearer).status_code == 200


def test_who_belongs_nowhere_reads_what_the_public_reads(ngo: Organisation, now: datetime) -> None:
    incidents.incident(ngo, now=now)
    shown = incidents.public_incident(ngo, now=now)
    nobody = Caller(issue_key(user=user("visitor"), scopes=Scope.values))
    assert [row["ref"] for row in results(nobody.get("incidents"))] == [shown.ref]
    assert nobody.post("incidents", {}).status_code == 400
