"""The founding story, told through the doors with a real relay and a real worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aid.actions.audit_quantities import audit_quantities
from coordination.access.actors import SYSTEM
from coordination.access.models import User
from coordination.geo.cells import HOME_RESOLUTION, cell_of
from coordination.records.clock import database_now
from tests.conftest import Processes, eventually
from tests.doors.graphql import Caller as GraphCaller
from tests.doors.rest import Caller, caller, results
from tests.factories.access import cell as make_cell
from tests.factories.access import member, organisation
from tests.factories.aid import item
from tests.factories.places import POZNIAKY, kyiv

PODIL = (30.516, 50.465)
STRUCK = {
    "Holosiiv": (30.508, 50.397),
    "Podil": PODIL,
    "Sviatoshyn": (30.357, 50.457),
    "Pozniaky": (POZNIAKY.x, POZNIAKY.y),
}


def done(answer: Any, status: int) -> dict[str, Any]:
    """Read what a call answered, once it is what was expected."""
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


def place(lon_lat: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(lon_lat)}


@pytest.mark.django_db(transaction=True)
def test_a_family_in_a_struck_house_gets_its_water(processes: Processes) -> None:
    processes.start_relay()
    processes.start_worker()
    kyiv()
    water = item("drinking_water")
    city, charity, kitchen = make_cell(), organisation("Warm Hands", is_trusted=True), organisation("Left Bank Kitchen")
    duty_officer = caller(member(city, username="duty"))
    caseworker_actor, driver_actor = member(charity, username="caseworker"), member(kitchen, username="driver")
    caseworker, driver = caller(caseworker_actor), caller(driver_actor)
    now = database_now()
    hour_ago = (now - timedelta(hours=1)).isoformat()

    # The night is reported, its sites are added in four districts, and the city confirms it.
    incident = done(
        caseworker.post(
            "incidents", {"title": "Missiles over Kyiv", "hazard": "missile_strike", "occurred_at": hour_ago}
        ),
        201,
    )
    sites = [
        done(
            duty_officer.post(
                "impact-sites",
                {
                    "incident": incident["ref"],
                    "location": place(where),
                    "kind": "direct_hit" if district == "Pozniaky" else "debris",
                    "object_kind": "civilian",
                    "struck_at": hour_ago,
                },
            ),
            201,
        )
        for district, where in STRUCK.items()
    ]
    assert len({site["id"] for site in sites}) == 4
    done(duty_officer.post(f"incidents/{incident['id']}/verify"), 200)

    # The house in Pozniaky is looked at.
    building = done(
        duty_officer.post(
            "buildings",
            {
                "incident": incident["ref"],
                "impact_site": sites[-1]["id"],
                "location": place(STRUCK["Pozniaky"]),
                "address": "a block of flats",
                "use": "residential",
            },
        ),
        201,
    )
    done(
        duty_officer.post(
            "assessments",
            {
                "building": building["id"],
                "scale": "ems98",
                "value": "4",
                "method": "ground_rapid",
                "assessed_at": database_now().isoformat(),
                "habitability": "unsafe",
            },
        ),
        201,
    )
    graded = done(duty_officer.get(f"buildings/{building['id']}"), 200)
    assert (graded["grade"], graded["habitability"]) == (3, "unsafe")

    # The kitchen has water; a family asks for some.
    stock = done(
        driver.post("resources", {"item": "drinking_water", "total": 100, "location": place((30.616, 50.456))}), 201
    )
    asked = {
        "incident": incident["ref"],
        "lines": [{"item": "drinking_water", "quantity": 45}],
        "location": place(STRUCK["Pozniaky"]),
        "people": 3,
        "urgency": 2,
        "contact": {"name": "Nameless Family", "phone": "+380 00 000 00 00"},
    }
    filed = done(caseworker.post("aid-requests", asked, Idempotency_Key="night-1"), 201)
    assert filed["status"] == "verified"
    again = caseworker.post("aid-requests", asked, Idempotency_Key="night-1")
    assert (again.status_code, again.json()["id"], again["Idempotent-Replayed"]) == (201, filed["id"], "true")

    # The worker proposes; the driver sees where, coarsely, and what, and accepts.
    (proposal,) = eventually(lambda: results(driver.get("matches", {"status": "proposed"})))
    assert (proposal["quantity"], proposal["resource"]) == (45, stock["id"])
    assert proposal["distance_m"] is None
    seen = done(driver.get(f"aid-requests/{filed['id']}"), 200)
    assert (seen["location"], seen["members"], seen["reported_by"]) == (None, None, None)
    assert seen["public_cell"]["id"] == cell_of(POZNIAKY, HOME_RESOLUTION)
    assert "Nameless" not in str(seen)
    done(driver.post(f"matches/{proposal['id']}/accept"), 200)

    # It is loaded, driven and handed over, and the request is closed.
    journey = done(driver.post("deliveries", {"matches": [proposal["ref"]]}), 201)
    done(driver.post(f"deliveries/{journey['id']}/dispatch"), 200)
    assert done(caseworker.get(f"aid-requests/{filed['id']}"), 200)["coverage"] == "dispatched"
    done(driver.post(f"deliveries/{journey['id']}/deliver"), 200)
    closed = done(caseworker.post(f"aid-requests/{filed['id']}/close"), 200)
    assert (closed["status"], closed["coverage"]) == ("closed", "delivered")
    left = done(driver.get(f"resources/{stock['id']}"), 200)
    assert (left["total"], left["reserved"], left["consumed"]) == (100, 0, 45)
    assert audit_quantities(actor=SYSTEM) == []

    # GraphQL and the admin show the same rows.
    answer = GraphCaller(_token_of(caseworker)).ask(
        "{ aidRequests(first: 5) { nodes { ref status coverage lines { nodes { item { code } delivered } } } } }"
    )
    assert answer["aidRequests"]["nodes"] == [
        {
            "ref": filed["ref"],
            "status": "CLOSED",
            "coverage": "DELIVERED",
            "lines": {"nodes": [{"item": {"code": water.code}, "delivered": 45}]},
        }
    ]
    volunteer = Client()
    volunteer.force_login(User.objects.get(pk=caseworker_actor.user_id))
    page = volunteer.get(reverse("admin:aid_aidrequest_changelist")).content.decode()
    assert filed["ref"] in page
    assert "Nameless" not in page

    # The story can be told again from the events that each party may hear.
    told = [event["type"] for event in results(caseworker.get("events", {"limit": 100}))]
    assert {
        "aid.aid_request.filed.v1",
        "aid.match.proposed.v1",
        "aid.match.accepted.v1",
        "aid.delivery.dispatched.v1",
        "aid.delivery.delivered.v1",
        "aid.aid_request.closed.v1",
    } <= set(told)
    assert "Nameless" not in str(results(caseworker.get("events", {"limit": 100})))


def _token_of(somebody: Caller) -> str:
    return somebody._headers["Authorization"].removeprefix("Bearer ")


@pytest.mark.django_db(transaction=True)
def test_what_nobody_can_serve_now_is_served_by_the_sweep_when_somebody_can(processes: Processes) -> None:
    processes.start_relay()
    processes.start_worker()
    processes.start_scheduler(SWEEP_EVERY_S="1")
    item("drinking_water")
    charity, kitchen = organisation("Warm Hands", is_trusted=True), organisation("Left Bank Kitchen")
    caseworker, driver = caller(member(charity)), caller(member(kitchen))
    body = {
        "lines": [{"item": "drinking_water", "quantity": 45}],
        "location": place(PODIL),
        "people": 3,
        "urgency": 3,
    }
    filed = done(caseworker.post("aid-requests", body, Idempotency_Key="waits-1"), 201)
    assert done(caseworker.get(f"aid-requests/{filed['id']}"), 200)["coverage"] == "none"
    done(driver.post("resources", {"item": "drinking_water", "total": 100, "location": place(PODIL)}), 201)
    eventually(lambda: done(caseworker.get(f"aid-requests/{filed['id']}"), 200)["coverage"] == "reserved")
