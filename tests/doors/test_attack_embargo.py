"""Attacks on the embargo: everything that the public may ask is asked before a strike and while it is under embargo.

The two transcripts must be the same to the byte: then nothing whatever can be found by comparing them. The control
lifts the embargo, after which they must differ.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from aid.actions.count_needs import count_needs
from aid.models import AidRequest
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Organisation
from coordination.areas.models import Area
from incidents.actions.verify_incident import verify_incident
from incidents.enums import ObjectKind
from incidents.models import Incident
from tests.doors import graphql
from tests.doors.rest import PUBLIC_CALLER, Caller, caller, codes
from tests.factories import aid, incidents
from tests.factories.access import organisation
from tests.factories.places import POZNIAKY, darnytskyi, kyiv

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
PATHS = (
    "incidents", "casualty-reports", "impact-sites", "buildings", "assessments", "outages", "access-constraints",
    "resources", "shelters", "stays", "aid-requests", "matches", "match-runs", "deliveries", "events", "needs", "areas",
    "organisations", "items",
)  # fmt: skip
NARROWED = (
    ("incidents", {"near": "30.634,50.398", "radius_m": "20000", "ordering": "distance"}),
    ("incidents", {"bbox": "30.2,50.2,30.9,50.6"}),
    ("incidents", {"bbox": "30.2,50.2,30.9,50.6", "format": "geojson"}),
    ("incidents", {"area": "UA80"}),
    ("incidents", {"hazard": "missile_strike"}),
    ("incidents", {"verification": "verified"}),
    ("incidents", {"status": "active"}),
    ("incidents", {"updated_since": "2026-01-01T00:00:00Z"}),
    ("incidents", {"limit": "1"}),
    ("outages", {"area": "UA80"}),
    ("outages", {"service": "electricity"}),
    ("outages", {"status": "active"}),
    ("outages", {"updated_since": "2026-01-01T00:00:00Z"}),
    ("casualty-reports", {"updated_since": "2026-01-01T00:00:00Z"}),
    ("events", {"type": "incidents.incident.verified.v1"}),
)
LISTS = """{
  incidents(where: {q: "hit"}) { totalCount pageInfo { hasNextPage } nodes { ref updatedAt parent { ref }
    children { totalCount } outages { totalCount } casualtyReports { totalCount nodes { injured } }
    impactSites { totalCount } buildings { totalCount } areas { nodes { nameEn } } aidRequests { totalCount } } }
  outages { totalCount nodes { service updatedAt incident { ref } } }
  casualtyReports { totalCount } impactSites { totalCount } buildings { totalCount } needs { totalCount }
}"""


def outsiders() -> list[Caller]:
    """Give the public, and a system of a member whose key may read everything but incidents."""
    scopes = [scope for scope in Scope.values if scope != Scope.INCIDENTS_READ]
    client = ApiClient.objects.create(organisation=organisation("Counter"), name="till", scopes=scopes)
    return [PUBLIC_CALLER, Caller(issue_key(client=client, scopes=scopes))]


def transcript(who: Caller, named: list[Any]) -> list[Any]:
    """Write down every answer that could tell of a strike, and all that is said of rows whose names were betrayed."""
    said: list[Any] = []
    for path, query in [*((path, {}) for path in PATHS), *NARROWED]:
        answer = who.get(path, query)
        body = answer.json()
        body.pop("next", None)
        said.append((path, query, answer.status_code, answer.headers.get("ETag"), body))
    for row in named:
        said += [_without_its_name(who.get(f"{path}/{name}"), name) for path in PATHS for name in _names(row)]
        for path in ("incidents", "outages", "casualty-reports", "impact-sites", "buildings", "aid-requests"):
            for field in ("parent", "incident"):
                said.append(_without_its_name(who.get(path, {field: str(row.pk)}), str(row.pk)))
        node = graphql.Caller(who.token).ask(
            "query ($id: ID!) { node(id: $id) { __typename } }", {"id": graphql.ids(row)[0]}
        )
        said.append(node)
    said.append(graphql.Caller(who.token).ask(LISTS))
    return said


def _names(row: Any) -> list[str]:
    return [str(row.pk), *([row.ref] if hasattr(row, "ref") else [])]


def _without_its_name(answer: Any, name: str) -> tuple[int, str]:
    return answer.status_code, answer.content.decode().replace(name, "-")


@pytest.fixture
def public_life(ngo: Organisation, now: datetime) -> Incident:
    """Have a wave that is public, with an outage and figures of its own; give the wave."""
    darnytskyi(kyiv())
    aid.item()
    organisation("State service", is_trusted=True)
    wave = incidents.public_incident(ngo, now=now, title="Hits on Kyiv")
    incidents.outage(ngo, now=now, incident=wave)
    incidents.casualties(wave, organisation("Rescue", is_trusted=True), now=now)
    return wave


def strike(wave: Incident, ngo: Organisation, provider: Organisation, now: datetime) -> list[Any]:
    """Strike in the wave: everything that happens then, none of it to be told; give the rows."""
    hit = incidents.confirmed_incident(ngo, now=now, parent=wave, title="Direct hit on a substation")
    site = incidents.impact_site(hit, ngo, now=now, object_kind=ObjectKind.ENERGY)
    building = incidents.building(hit, ngo, now=now, impact_site=site)
    rows = [
        hit,
        site,
        building,
        incidents.assessment(building, ngo, now=now),
        incidents.casualties(hit, Organisation.objects.get(name="State service"), now=now),
        incidents.outage(ngo, now=now, incident=hit, areas=list(Area.objects.all())),
        incidents.outage(provider, now=now, started_at=now - 30 * HOUR, areas=list(Area.objects.all())),
        incidents.access_constraint(ngo, now=now),
        aid.acceptance(aid.line(ngo, now=now, building=building), aid.resource(provider, now=now), now=now),
    ]
    return [*rows, AidRequest.objects.get()]


def test_strike_under_embargo_changes_no_answer(
    public_life: Incident, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    everybody = outsiders()
    before = [transcript(who, []) for who in everybody]
    rows = strike(public_life, ngo, provider, now)
    count_needs(actor=SYSTEM, now=now)
    for who, told_before in zip(everybody, before, strict=True):
        for old, new in zip(told_before, transcript(who, []), strict=True):
            assert old == new
    lifted = Incident.objects.get(pk=rows[0].pk)
    Incident.objects.filter(pk=lifted.pk).update(public_from=now - HOUR)
    changed = [
        old[0]
        for old, new in zip(before[0], transcript(PUBLIC_CALLER, []), strict=True)
        if old != new and isinstance(old, tuple)
    ]
    assert {"incidents", "outages", "casualty-reports"} <= set(changed)


def test_row_under_embargo_cannot_be_told_from_one_that_is_not_there(
    public_life: Incident, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    hidden = strike(public_life, ngo, provider, now)[:-3]
    for row in hidden:
        nowhere = type(row)(id="00000000-0000-4000-8000-000000000000")
        if hasattr(row, "ref"):
            nowhere.ref = "INC-00000000"
        assert transcript(PUBLIC_CALLER, [row]) == transcript(PUBLIC_CALLER, [nowhere]), type(row)


def test_wave_that_is_told_does_not_move_when_a_child_is_hidden(
    public_life: Incident, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    before = PUBLIC_CALLER.get(f"incidents/{public_life.ref}")
    strike(public_life, ngo, provider, now)
    after = PUBLIC_CALLER.get(f"incidents/{public_life.ref}")
    assert (before.content, before.headers["ETag"]) == (after.content, after.headers["ETag"])
    tagged = PUBLIC_CALLER.get(f"incidents/{public_life.ref}", If_None_Match=before.headers["ETag"])
    assert tagged.status_code == 304


def test_child_that_is_told_names_no_wave_that_is_not(ngo: Organisation, now: datetime) -> None:
    wave = incidents.confirmed_incident(ngo, now=now)
    child = incidents.incident(ngo, now=now, parent=wave)
    verify_incident(incident=child, actor=SYSTEM, now=now, public_from=now - HOUR)
    assert PUBLIC_CALLER.get(f"incidents/{child.ref}").json()["parent"] is None
    assert PUBLIC_CALLER.get("incidents", {"parent": str(wave.pk)}).json()["results"] == []
    asked = "{ incidents { nodes { parent { ref } } } }"
    assert graphql.nodes(graphql.PUBLIC_CALLER.ask(asked)) == [{"parent": None}]


def test_back_dating_shortens_nothing(ngo: Organisation, now: datetime) -> None:
    hit = incidents.confirmed_incident(ngo, now=now, occurred_at=now - 1_000 * HOUR)
    incidents.impact_site(hit, ngo, now=now, struck_at=now - 1_000 * HOUR)
    hit.refresh_from_db()
    assert hit.public_from == now + 12 * HOUR


def test_nobody_but_the_cell_says_when_the_public_is_told(
    ngo: Organisation, ngo_actor: Actor, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    hit = incidents.confirmed_incident(ngo, now=now)
    wanted = {"verification": "official", "public_from": (now - HOUR).isoformat()}
    for actor in (ngo_actor, provider_actor):
        assert caller(actor).post(f"incidents/{hit.ref}/verify", wanted).status_code == 403
    refused = caller(ngo_actor).post("incidents", {"title": "x", "public_from": wanted["public_from"]})
    assert codes(refused)["#/public_from"] == "unknown_field"
    assert PUBLIC_CALLER.get(f"incidents/{hit.ref}").status_code == 404
    answer = caller(cell_actor).post(f"incidents/{hit.ref}/verify", {**wanted, "title": "Strike on the left bank"})
    assert answer.status_code == 200, answer.content
    assert PUBLIC_CALLER.get(f"incidents/{hit.ref}").json()["title"] == "Strike on the left bank"


def test_member_cannot_hide_what_is_public(
    public_life: Incident, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    place = {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]}
    site = {"incident": public_life.ref, "location": place, "kind": "debris", "struck_at": now.isoformat()}
    assert caller(provider_actor).post("impact-sites", site).status_code == 403
    assert PUBLIC_CALLER.get(f"incidents/{public_life.ref}").status_code == 200


def test_pages_of_the_admin_are_for_those_who_sign_in(
    public_life: Incident, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    hit = strike(public_life, ngo, provider, now)[0]
    for page in (
        "",
        "incidents/incident/",
        f"incidents/incident/{hit.pk}/change/",
        f"incidents/incident/{hit.pk}/history/",
    ):
        answer = Client().get(f"/admin/{page}")
        assert answer.status_code == 302
        assert b"substation" not in answer.content
