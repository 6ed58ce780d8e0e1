"""Lists and details through REST: what is there, in pages, at a constant price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from aid.actions.plan_delivery import plan_delivery
from aid.actions.plan_stay import plan_stay
from aid.models import AidRequest, MatchRun
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.outbox.models import Event
from coordination.records.models import BaseModel
from tests.doors.rest import PREFIX, PUBLIC_CALLER, caller, codes, results
from tests.factories import aid, incidents
from tests.factories.access import organisation
from tests.factories.places import POZNIAKY

pytestmark = pytest.mark.django_db

Make = Callable[[int, Organisation, datetime], object]


def make_match(number: int, ngo: Organisation, now: datetime) -> BaseModel:
    """Make a proposal, with all that it stands on."""
    supply = aid.resource(organisation(f"Provider {number}"), now=now)
    return aid.proposal(aid.line(ngo, now=now), supply, now=now)


def make_delivery(number: int, ngo: Organisation, now: datetime) -> BaseModel:
    """Make a delivery of one match."""
    supply = aid.resource(organisation(f"Provider {number}"), now=now)
    accepted = aid.acceptance(aid.line(ngo, now=now), supply, now=now)
    return plan_delivery(matches=[accepted], actor=SYSTEM, now=now)


def make_building(number: int, ngo: Organisation, now: datetime) -> BaseModel:
    """Make a building that was assessed."""
    made = incidents.building(incidents.incident(ngo, now=now), ngo, now=now)
    incidents.assessment(made, ngo, now=now)
    return made


def make_area(number: int) -> Area:
    """Make an area."""
    return Area.objects.create(pcode=f"UA80{number}", level=1, name_uk=f"Район {number}")


# Each list with how to make one more row, and how many statements a page of it costs the cell, and an organisation:
# three say who calls and when, one reads the page, others what hangs on all of its rows.
LISTS: dict[str, tuple[Make, int, int]] = {
    "areas": (lambda number, ngo, now: make_area(number), 4, 4),
    "organisations": (
        lambda number, ngo, now: organisation(f"Organisation {number}").areas.set([make_area(number)]),
        5,
        5,
    ),
    "events": (lambda number, ngo, now: incidents.incident(ngo, now=now), 5, 4),
    "incidents": (lambda number, ngo, now: incidents.incident(ngo, now=now, areas=[make_area(number)]), 6, 5),
    "casualty-reports": (
        lambda number, ngo, now: incidents.casualties(incidents.incident(ngo, now=now), ngo, now=now),
        5,
        5,
    ),
    "impact-sites": (
        lambda number, ngo, now: incidents.impact_site(incidents.incident(ngo, now=now), ngo, now=now),
        5,
        5,
    ),
    "buildings": (make_building, 5, 5),
    "assessments": (make_building, 5, 5),
    "outages": (lambda number, ngo, now: incidents.outage(ngo, now=now, areas=[make_area(number)]), 6, 5),
    "access-constraints": (lambda number, ngo, now: incidents.access_constraint(ngo, now=now), 4, 4),
    "items": (lambda number, ngo, now: aid.item(f"item_{number}"), 4, 4),
    "resources": (lambda number, ngo, now: aid.resource(ngo, now=now), 5, 4),
    "shelters": (lambda number, ngo, now: aid.shelter(ngo, now=now), 5, 5),
    "stays": (
        lambda number, ngo, now: plan_stay(shelter=aid.shelter(ngo, now=now), party_size=2, actor=SYSTEM, now=now),
        5,
        5,
    ),
    "aid-requests": (lambda number, ngo, now: aid.aid_request(ngo, now=now), 6, 8),
    "matches": (make_match, 5, 9),
    "match-runs": (lambda number, ngo, now: MatchRun.objects.create(started_at=now, engine_version="1"), 5, 3),
    "deliveries": (make_delivery, 6, 6),
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("who", ["the cell", "an organisation"])
def test_list_costs_the_same_statements_for_one_row_and_for_three(
    path: str,
    who: str,
    ngo: Organisation,
    ngo_actor: Actor,
    cell_actor: Actor,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make, for_cell, for_ngo = LISTS[path]
    actor, statements = (cell_actor, for_cell) if who == "the cell" else (ngo_actor, for_ngo)
    someone = caller(actor)
    counts = []
    for numbers in ((1,), (2, 3)):
        for number in numbers:
            make(number, ngo, now)
        someone.get(path)
        with django_assert_num_queries(statements):
            counts.append(len(results(someone.get(path))))
    assert counts[1] - counts[0] == (0 if (path, who) == ("match-runs", "an organisation") else 2)


def test_pages_walked_to_the_end_give_every_row_once(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    made = {str(aid.aid_request(ngo, now=now).pk) for _number in range(5)}
    # Rows that were written together: only the id parts them.
    AidRequest.objects.update(created_at=now)
    someone, seen, path = caller(ngo_actor), [], "aid-requests?limit=2"
    while path:
        answer = someone.get(path)
        seen += [row["id"] for row in results(answer)]
        following = answer.json()["next"]
        assert answer.headers.get("Link") == (f'<{following}>; rel="next"' if following else None)
        path = following and following.partition(PREFIX)[2]
    assert sorted(seen) == sorted(made)
    assert seen == sorted(made, key=UUID, reverse=True)


def test_cursor_of_another_list_or_altered_is_refused(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    for _number in range(2):
        aid.aid_request(ngo, now=now)
    someone = caller(ngo_actor)
    cursor = parse_qs(urlsplit(someone.get("aid-requests?limit=1").json()["next"]).query)["cursor"][0]
    assert someone.get("aid-requests", {"cursor": cursor}).status_code == 200
    for path, altered in (("resources", cursor), ("aid-requests", f"A{cursor[1:]}"), ("aid-requests", "не курсор")):
        answer = someone.get(path, {"cursor": altered})
        assert (answer.status_code, codes(answer)) == (400, {"?cursor": "cursor_unknown"})


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ({"limit": "501"}, {"?limit": "limit_out_of_range"}),
        ({"limit": "0"}, {"?limit": "limit_out_of_range"}),
        ({"limit": "²"}, {"?limit": "limit_out_of_range"}),
        ({"statuz": "open"}, {"?statuz": "unknown_parameter"}),
        ({"status": "ajar"}, {"?status": "invalid_choice"}),
        ({"is_step_free": "maybe"}, {"?is_step_free": "invalid"}),
        ({"operator": "nobody"}, {"?operator": "invalid"}),
        ({"near": "50.45,30.52"}, {"?near": "geometry_swapped"}),
        ({"near": "nan,50.4"}, {"?near": "numbers_unreadable"}),
        ({"near": "30.5"}, {"?near": "numbers_unreadable"}),
        ({"near": "30.5,50.4", "radius_m": "-1"}, {"?radius_m": "radius_out_of_range"}),
        ({"near": "30.5,50.4", "ordering": "phone"}, {"?ordering": "ordering_unknown"}),
        ({"ordering": "distance"}, {"?ordering": "near_missing"}),
        ({"radius_m": "500"}, {"?radius_m": "near_missing"}),
        ({"bbox": "31,50,30,51"}, {"?bbox": "bbox_out_of_range"}),
        ({"bbox": "1e308,50,1e308,51"}, {"?bbox": "bbox_out_of_range"}),
        ({"area": "UA0000000000"}, {"?area": "does_not_exist"}),
        ({"updated_since": "yesterday"}, {"?updated_since": "moment_unreadable"}),
        ({"updated_since": "2026-01-31T22:15:00"}, {"?updated_since": "moment_unreadable"}),
        ({"updated_since": "0001-01-01T00:00:00+14:00"}, {"?updated_since": "moment_unreadable"}),
    ],
)
def test_parameter_that_cannot_be_read_is_refused(db: None, query: dict[str, str], refused: dict[str, str]) -> None:
    answer = PUBLIC_CALLER.get("shelters", query)
    assert (answer.status_code, answer.headers["Content-Type"], codes(answer)) == (
        400,
        "application/problem+json",
        refused,
    )


def test_near_gives_the_nearest_shelters_first_with_their_distance(ngo: Organisation, now: datetime) -> None:
    near = aid.shelter(ngo, now=now, name="Pozniaky", location=POZNIAKY, is_public=True)
    far = aid.shelter(ngo, now=now, name="Podil", is_public=True)
    aid.shelter(ngo, now=now, name="hidden", location=POZNIAKY)
    aid.shelter(ngo, now=now, name="somewhere", location=None, is_public=True)
    query = {"near": f"{POZNIAKY.x},{POZNIAKY.y}", "ordering": "distance", "limit": "1"}
    first = PUBLIC_CALLER.get("shelters", query)
    second = PUBLIC_CALLER.get(first.json()["next"].partition(PREFIX)[2])
    assert [(row["ref"], row["distance_m"]) for row in results(first)] == [(near.ref, 0.0)]
    assert [row["ref"] for row in results(second)] == [far.ref]
    assert 10_000 < results(second)[0]["distance_m"] < 12_000
    assert second.json()["next"] is None
    within = PUBLIC_CALLER.get("shelters", {**query, "radius_m": "5000"})
    assert [row["ref"] for row in results(within)] == [near.ref]


def test_box_and_distance_of_an_undisclosed_place_are_those_of_its_cell(ngo: Organisation, now: datetime) -> None:
    shown = incidents.public_incident(ngo, now=now)
    incidents.incident(ngo, now=now)
    centre = results(PUBLIC_CALLER.get("incidents"))[0]["public_cell"]["centre"]["coordinates"]
    inside = ",".join(map(str, (centre[0] - 0.0001, centre[1] - 0.0001, centre[0] + 0.0001, centre[1] + 0.0001)))
    around = ",".join(map(str, (POZNIAKY.x - 0.0001, POZNIAKY.y - 0.0001, POZNIAKY.x + 0.0001, POZNIAKY.y + 0.0001)))
    assert [row["ref"] for row in results(PUBLIC_CALLER.get("incidents", {"bbox": inside}))] == [shown.ref]
    assert results(PUBLIC_CALLER.get("incidents", {"bbox": around})) == []
    near = PUBLIC_CALLER.get("incidents", {"near": f"{centre[0]},{centre[1]}", "radius_m": "1", "ordering": "distance"})
    assert [(row["ref"], row["distance_m"]) for row in results(near)] == [(shown.ref, 0.0)]


def test_area_and_everything_below_it_is_found(ngo: Organisation, now: datetime) -> None:
    city = make_area(1)
    district = Area.objects.create(pcode="UA8001", level=5, name_uk="Дарницький район", parent=city)
    inside = incidents.public_incident(ngo, now=now, areas=[district, city])
    incidents.public_incident(ngo, now=now, areas=[make_area(2)])
    for area in (city.pcode, str(city.pk), district.pcode):
        assert [row["ref"] for row in results(PUBLIC_CALLER.get("incidents", {"area": area}))] == [inside.ref]


def test_geojson_list_is_a_feature_collection(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    shown = incidents.public_incident(ngo, now=now)
    exact = caller(ngo_actor).get("incidents", Accept="application/geo+json")
    coarse = PUBLIC_CALLER.get("incidents", Accept="application/geo+json")
    assert exact.headers["Content-Type"] == "application/geo+json"
    assert [feature["geometry"] for feature in exact.json()["features"]] == [
        {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]}
    ]
    (feature,) = coarse.json()["features"]
    assert (feature["type"], feature["id"]) == ("Feature", str(shown.pk))
    assert feature["geometry"] == feature["properties"]["public_cell"]["outline"]


def test_filter_by_true_and_false_keeps_what_is_so(ngo: Organisation, now: datetime) -> None:
    for is_step_free in (True, False, None):
        aid.shelter(ngo, now=now, is_public=True, is_step_free=is_step_free)
    for word, value in (("true", True), ("false", False)):
        rows = results(PUBLIC_CALLER.get("shelters", {"is_step_free": word}))
        assert [row["is_step_free"] for row in rows] == [value]


def test_several_codes_of_one_filter_are_alternatives(ngo: Organisation, now: datetime) -> None:
    for status in ("open", "standby", "closed"):
        aid.shelter(ngo, now=now, is_public=True, status=status)
    rows = results(PUBLIC_CALLER.get("shelters?status=open&status=closed"))
    assert {row["status"] for row in rows} == {"open", "closed"}


def test_updated_since_gives_what_changed_since(ngo: Organisation, now: datetime) -> None:
    aid.shelter(ngo, now=now, is_public=True)
    for moment, count in ((now - timedelta(minutes=1), 1), (now + timedelta(minutes=1), 0)):
        assert len(results(PUBLIC_CALLER.get("shelters", {"updated_since": moment.isoformat()}))) == count


def test_same_answer_is_not_sent_twice(ngo: Organisation, now: datetime) -> None:
    refs = [aid.shelter(ngo, now=now, is_public=True).ref for _number in range(2)]
    for path in (f"shelters/{refs[0]}", "shelters", "shelters?limit=1"):
        first = PUBLIC_CALLER.get(path)
        again = PUBLIC_CALLER.get(path, If_None_Match=first.headers["ETag"])
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert PUBLIC_CALLER.get(path, If_None_Match='"another"').status_code == 200


def test_detail_is_found_by_id_and_by_reference(ngo: Organisation, now: datetime) -> None:
    shelter = aid.shelter(ngo, now=now, is_public=True)
    by_id, by_ref = PUBLIC_CALLER.get(f"shelters/{shelter.pk}"), PUBLIC_CALLER.get(f"shelters/{shelter.ref.lower()}")
    assert by_id.json() == by_ref.json()
    assert by_id.json()["ref"] == shelter.ref


def test_events_follow_the_last_one_known(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    aid.aid_request(ngo, now=now)
    known = Event.objects.latest("sequence")
    filed = aid.aid_request(ngo, now=now)
    answer = caller(ngo_actor).get("events", {"after": str(known.id)})
    (event,) = results(answer)
    assert (event["specversion"], event["type"], event["subject"]) == (
        "1.0",
        "aid.aid_request.filed.v1",
        str(filed.pk),
    )
    assert codes(caller(ngo_actor).get("events", {"after": str(filed.pk)})) == {"?after": "does_not_exist"}
