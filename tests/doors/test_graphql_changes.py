"""Mutations: the founding story through GraphQL, refusals as data, geometry by the gate."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aid.enums import Sector, Unit
from aid.models import AidRequest
from coordination.access.actors import Actor
from coordination.access.models import AccessRecord, Organisation
from coordination.areas.models import Area
from incidents.models import Incident
from tests.doors.graphql import PUBLIC_CALLER, caller, ids, nodes
from tests.factories import aid, incidents

pytestmark = pytest.mark.django_db

POZNIAKY = {"type": "Point", "coordinates": [30.634, 50.398]}


def iso(moment: datetime) -> str:
    """Write a moment as a client does."""
    return moment.isoformat()


def done(answer: dict[str, Any] | None) -> dict[str, Any]:
    """Give the row of a payload that is no problem."""
    assert answer is not None
    assert answer["__typename"] != "DomainProblem", answer
    return answer


def test_the_story_from_report_to_delivery(
    ngo: Organisation, cell_actor: Actor, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    reporter, coordinator, supplier = caller(ngo_actor), caller(cell_actor), caller(provider_actor)
    aid.item("drinking_water", sector=Sector.WSH, unit=Unit.LITRE)
    Area.objects.create(pcode="UA8036300000", level=5, name_uk="Дарницький")
    hour_ago = iso(now - timedelta(hours=1))
    report = {
        "title": "Direct hit", "hazard": "MISSILE_STRIKE", "occurredAt": hour_ago, "location": POZNIAKY,
        "areas": ["UA8036300000"],
    }  # fmt: skip
    shape = "... on Incident { id ref status location areas { nodes { pcode } } }"
    incident = done(reporter.change("reportIncident", shape, report))
    assert incident["status"] == "REPORTED"
    assert incident["location"] == POZNIAKY
    assert incident["areas"] == {"nodes": [{"pcode": "UA8036300000"}]}
    verified = done(coordinator.change("verifyIncident", "... on Incident { status }", {"incident": incident["id"]}))
    assert verified["status"] == "ACTIVE"
    site = {"incident": incident["ref"], "location": POZNIAKY, "kind": "DIRECT_HIT", "struckAt": hour_ago}
    struck = done(reporter.change("addImpactSite", "... on ImpactSite { id objectKind incident { ref } }", site))
    assert (struck["objectKind"], struck["incident"]) == ("UNKNOWN", {"ref": incident["ref"]})
    block = {"incident": incident["ref"], "impactSite": struck["id"], "location": POZNIAKY, "dwellings": 144}
    building = done(reporter.change("registerBuilding", "... on Building { id grade }", block))
    assert building["grade"] is None
    seen = {
        "building": building["id"],
        "scale": "EMS98",
        "value": "4",
        "method": "GROUND_RAPID",
        "assessedAt": iso(now),
    }
    shape = "... on Assessment { grade building { grade } }"
    assessed = done(reporter.change("assessBuilding", shape, seen))
    assert assessed["grade"] == assessed["building"]["grade"] == "SEVERE"

    need = {
        "lines": [{"item": "drinking_water", "quantity": 45, "conditions": ["HOME_DELIVERY"]}],
        "location": POZNIAKY, "people": 3, "urgency": "URGENT", "building": building["id"], "channel": "HOTLINE",
        "members": [{"age": 71, "sex": "FEMALE", "disability": True}, {}],
        "ageBands": [{"band": "60+", "people": 1}], "vulnerabilities": ["INSULIN"],
        "contact": {"name": "Олена", "phone": "+380501234567"},
    }  # fmt: skip
    shape = """... on AidRequest { id ref status coverage incident { ref } members { age sex disability }
      ageBands { band people } vulnerabilities lines { nodes { id unmet item { code } conditions } } }"""
    filed = done(reporter.change("fileAidRequest", shape, need))
    assert (filed["status"], filed["coverage"], filed["incident"]) == ("SUBMITTED", "NONE", {"ref": incident["ref"]})
    assert filed["members"] == [
        {"age": 71, "sex": "FEMALE", "disability": True},
        {"age": None, "sex": "UNKNOWN", "disability": False},
    ]
    assert filed["ageBands"] == [{"band": "60+", "people": 1}]
    (line,) = filed["lines"]["nodes"]
    assert (line["unmet"], line["item"], line["conditions"]) == (45, {"code": "drinking_water"}, ["HOME_DELIVERY"])
    done(coordinator.change("verifyAidRequest", "... on AidRequest { status }", {"aidRequest": filed["ref"]}))

    offer = {"item": "drinking_water", "total": 100, "location": POZNIAKY, "conditions": ["HOME_DELIVERY"]}
    offered = done(supplier.change("offerResource", "... on Resource { id free status provider { name } }", offer))
    assert (offered["free"], offered["provider"]) == (100, {"name": "Left Bank Kitchen"})
    changed = {"resource": offered["id"], "total": 60, "expiresAt": None}
    assert done(supplier.change("changeResource", "... on Resource { free }", changed))["free"] == 60

    wanted = AidRequest.objects.get(ref=filed["ref"]).lines.get()
    match = aid.proposal(wanted, _resource(offered["id"]), now=now)
    accepted = done(supplier.change("acceptMatch", "... on Match { status }", {"match": match.ref}))
    assert accepted["status"] == "ACCEPTED"
    planned = done(
        supplier.change(
            "planDelivery", "... on Delivery { id status matches { nodes { ref } } }", {"matches": [match.ref]}
        )
    )
    assert planned["matches"] == {"nodes": [{"ref": match.ref}]}
    journey = {"delivery": planned["id"]}
    done(supplier.change("dispatchDelivery", "... on Delivery { status }", journey))
    arrived = {**journey, "quantities": [{"match": match.ref, "quantity": 45}]}
    assert done(supplier.change("confirmDelivery", "... on Delivery { status }", arrived))["status"] == "DELIVERED"
    closed = done(
        reporter.change("closeAidRequest", "... on AidRequest { status coverage }", {"aidRequest": filed["id"]})
    )
    assert (closed["status"], closed["coverage"]) == ("CLOSED", "DELIVERED")


def _resource(node_id: str) -> Any:
    from coordination.web.graphql.nodes import key_of

    named = key_of(node_id)
    assert named is not None
    return named[0]._default_manager.get(pk=named[1])


def test_shelter_and_stay(provider_actor: Actor) -> None:
    operator = caller(provider_actor)
    aid.place_item("collective_centre")
    opening = {"name": "School 20", "kind": "COLLECTIVE_CENTRE", "location": POZNIAKY, "totalPlaces": 20}
    shape = "... on Shelter { id ref status places { total free } }"
    opened = done(operator.change("openShelter", shape, opening))
    assert opened["places"] == {"total": 20, "free": 20}
    shape = "... on Stay { id status shelter { places { reserved consumed } } }"
    stay = done(operator.change("planStay", shape, {"shelter": opened["ref"], "partySize": 3}))
    assert (stay["status"], stay["shelter"]["places"]) == ("PLANNED", {"reserved": 3, "consumed": 0})
    stay = done(operator.change("checkIn", shape, {"stay": stay["id"]}))
    assert (stay["status"], stay["shelter"]["places"]) == ("CHECKED_IN", {"reserved": 0, "consumed": 3})
    stay = done(operator.change("checkOut", shape, {"stay": stay["id"]}))
    assert (stay["status"], stay["shelter"]["places"]) == ("CHECKED_OUT", {"reserved": 0, "consumed": 0})
    closed = done(operator.change("closeShelter", "... on Shelter { status }", {"shelter": opened["id"]}))
    assert closed["status"] == "CLOSED"


def test_contact_is_read_for_a_purpose_and_recorded(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    from aid.actions.file_aid_request import NewContact

    filed = aid.aid_request(ngo, now=now, contact=NewContact(name="Олена", phone="+380501234567"))
    values = {"aidRequest": filed.ref, "purpose": "to agree on a time"}
    read = done(caller(ngo_actor).change("readContact", "... on Contact { name phone }", values))
    assert read["name"] == "Олена"
    record = AccessRecord.objects.get()
    assert (record.purpose, record.user_id) == ("to agree on a time", ngo_actor.user_id)


def test_refusal_is_data_with_code_message_and_field(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    aid.item()
    need = {"lines": [{"item": "drinking_water", "quantity": 0}], "location": POZNIAKY, "people": 0, "urgency": "SOON"}
    refused = caller(ngo_actor).change("fileAidRequest", "... on AidRequest { ref }", need)
    assert refused is not None
    assert refused["__typename"] == "DomainProblem"
    assert refused["code"] == "invalid"
    assert {problem["field"] for problem in refused["problems"]} == {"people", "lines.0.quantity"}
    assert AidRequest.objects.count() == 0


def test_refusal_speaks_the_callers_language(ngo_actor: Actor, now: datetime) -> None:
    values = {"title": "x", "hazard": "FIRE", "occurredAt": iso(now), "location": {"type": "Point", "coordinates": []}}
    answer = caller(ngo_actor).change("reportIncident", "... on Incident { ref }", values, accept_language="en")
    assert answer is not None
    assert answer["message"] == "The geometry is empty."


def test_hidden_row_in_an_input_does_not_exist(ngo: Organisation, provider_actor: Actor, now: datetime) -> None:
    hidden = incidents.incident(ngo, now=now)
    site = {"incident": hidden.ref, "location": POZNIAKY, "kind": "FIRE", "struckAt": iso(now)}
    refused = caller(provider_actor).change("addImpactSite", "... on ImpactSite { id }", site)
    unknown = caller(provider_actor).change("addImpactSite", "... on ImpactSite { id }", {**site, "incident": "INC-0"})
    assert refused == unknown
    assert refused is not None
    assert (refused["code"], refused["field"]) == ("does_not_exist", "incident")


def test_change_empties_only_what_may_be_empty(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, needed_by=now + timedelta(days=1))
    reporter, shape = caller(ngo_actor), "... on AidRequest { neededBy people lines { nodes { quantity } } }"
    refused = reporter.change("changeAidRequest", shape, {"aidRequest": filed.ref, "people": None, "lines": None})
    assert refused is not None
    assert [(problem["field"], problem["code"]) for problem in refused["problems"]] == [
        ("lines", "null"),
        ("people", "null"),
    ]
    changed = done(reporter.change("changeAidRequest", shape, {"aidRequest": filed.ref, "people": 4, "neededBy": None}))
    expected = {"neededBy": None, "people": 4, "lines": {"nodes": [{"quantity": 45}]}}
    assert changed == {"__typename": "AidRequest", **expected}


def test_public_is_asked_to_sign_in(db: None, now: datetime) -> None:
    report = {"title": "Direct hit", "hazard": "FIRE", "occurredAt": iso(now), "location": POZNIAKY}
    answer = PUBLIC_CALLER.change("reportIncident", "... on Incident { ref }", report)
    assert answer is not None
    assert answer["code"] == "authentication_required"
    assert Incident.objects.count() == 0


def test_other_organisations_name_may_not_be_used(provider: Organisation, ngo_actor: Actor, now: datetime) -> None:
    report = {
        "title": "x",
        "hazard": "FIRE",
        "occurredAt": iso(now),
        "location": POZNIAKY,
        "reportedBy": ids(provider)[0],
    }
    answer = caller(ngo_actor).change("reportIncident", "... on Incident { ref }", report)
    assert answer is not None
    assert answer["code"] == "not_allowed"
    assert Incident.objects.count() == 0


RING = [[30.5, 50.4], [30.6, 50.4], [30.6, 50.5], [30.5, 50.4]]
WRONG: dict[str, tuple[str, Any, str]] = {
    "swapped": ("location", {"type": "Point", "coordinates": [50.398, 30.634]}, "geometry_swapped"),
    "far away": ("location", {"type": "Point", "coordinates": [2.35, 48.86]}, "geometry_out_of_bounds"),
    "beyond the globe": ("location", {"type": "Point", "coordinates": [500, 95]}, "geometry_out_of_range"),
    "too large to print": ("location", {"type": "Point", "coordinates": [1e308, 50]}, "geometry_out_of_range"),
    "too large to transform": ("location", {"type": "Point", "coordinates": [1e30, 50]}, "geometry_out_of_range"),
    "height": ("location", {"type": "Point", "coordinates": [30.6, 50.4, 120]}, "geometry_dimension"),
    "text for a number": ("location", {"type": "Point", "coordinates": ["30.6", 50.4]}, "geometry_not_number"),
    "truth for a number": ("location", {"type": "Point", "coordinates": [True, 50.4]}, "geometry_not_number"),
    "nothing for a number": ("location", {"type": "Point", "coordinates": [None, 50.4]}, "geometry_not_number"),
    "no coordinates": ("location", {"type": "Point"}, "geometry_no_coordinates"),
    "empty": ("location", {"type": "Point", "coordinates": []}, "geometry_empty"),
    "other type": ("location", {"type": "Polygon", "coordinates": [RING]}, "geometry_type"),
    "unknown type": ("location", {"type": "Circle", "coordinates": [30.6, 50.4]}, "geometry_type"),
    "WKT": ("location", "POINT(30.6 50.4)", "geometry_is_text"),
    "EWKT": ("location", "SRID=3857;POINT(0 0)", "geometry_is_text"),
    "list": ("location", [30.6, 50.4], "geometry_not_object"),
    "number": ("location", 7, "geometry_not_object"),
    "foreign crs": (
        "location",
        {"type": "Point", "coordinates": [30.6, 50.4], "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}},
        "geometry_crs",
    ),
    "open ring": ("footprint", {"type": "Polygon", "coordinates": [[*RING[:3], [30.5, 50.41]]]}, "geometry_ring_open"),
    "short ring": ("footprint", {"type": "Polygon", "coordinates": [RING[:2]]}, "geometry_ring_short"),
    "crossing": (
        "footprint",
        {"type": "Polygon", "coordinates": [[[30.5, 50.4], [30.6, 50.5], [30.6, 50.4], [30.5, 50.5], [30.5, 50.4]]]},
        "geometry_invalid",
    ),
    "many vertices": (
        "footprint",
        {"type": "Polygon", "coordinates": [[[30.5, 50.4]] * 1_001]},
        "geometry_too_many_vertices",
    ),
    "many rings": ("footprint", {"type": "MultiPolygon", "coordinates": [[RING]] * 21}, "geometry_too_many_rings"),
    "nesting": ("footprint", {"type": "Polygon", "coordinates": [30.5, 50.4]}, "geometry_nesting"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_geometry_names_field_and_reason(name: str, ngo_actor: Actor, now: datetime) -> None:
    field, value, code = WRONG[name]
    report = {"title": "Direct hit", "hazard": "FIRE", "occurredAt": iso(now), field: value}
    reporter = caller(ngo_actor)
    answer = reporter.change("reportIncident", "... on Incident { ref }", report)
    assert answer is not None
    assert answer["code"] == code
    assert answer["field"].split(".")[0] == field
    assert answer["message"]
    assert Incident.objects.count() == 0
    assert reporter.ask("{ __typename }") == {"__typename": "Query"}


def test_wrong_geometry_written_into_the_document_is_refused_alike(ngo_actor: Actor) -> None:
    query = """mutation { reportIncident(input: {title: "x", hazard: FIRE, occurredAt: "2026-01-01T00:00:00Z",
      location: {type: "Point", coordinates: [1e999, 50]}}) { ... on DomainProblem { code field } } }"""
    answer = caller(ngo_actor).ask(query)["reportIncident"]
    assert answer == {"code": "geometry_not_finite", "field": "location.coordinates.0"}


def test_wrong_place_of_a_list_names_the_argument() -> None:
    query = "query ($near: Near) { shelters(near: $near) { nodes { id } } }"
    swapped = {"point": {"type": "Point", "coordinates": [50.398, 30.634]}}
    assert PUBLIC_CALLER.refusal(query, {"near": swapped})["extensions"] == {
        "code": "geometry_swapped",
        "field": "near.point.coordinates",
    }
    far = {"point": POZNIAKY, "radiusM": -5}
    assert PUBLIC_CALLER.refusal(query, {"near": far})["extensions"]["field"] == "near.radiusM"
    query = "query ($bbox: Box) { shelters(bbox: $bbox) { nodes { id } } }"
    flipped = {"west": 31, "south": 50, "east": 30, "north": 51}
    assert PUBLIC_CALLER.refusal(query, {"bbox": flipped})["extensions"] == {
        "code": "bbox_out_of_range",
        "field": "bbox",
    }


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00", "yesterday", "2026-13-01T00:00:00Z", 7])
def test_moment_without_a_zone_is_refused(moment: object, ngo_actor: Actor) -> None:
    query = "query ($since: DateTime) { incidents(where: {updatedSince: $since}) { nodes { id } } }"
    answer = caller(ngo_actor).send({"query": query, "variables": {"since": moment}})
    assert answer.status_code == 400


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_moment_beyond_the_years_that_can_be_read_again_is_refused(
    moment: str, ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    filed, someone = aid.aid_request(ngo, now=now), caller(ngo_actor)
    query = "mutation ($input: ChangeAidRequestInput!) { changeAidRequest(input: $input) { __typename } }"
    answer = someone.send({"query": query, "variables": {"input": {"aidRequest": filed.ref, "neededBy": moment}}})
    assert answer.status_code == 400
    assert nodes(someone.ask("{ aidRequests { nodes { neededBy } } }")) == [{"neededBy": None}]


def test_odd_zone_is_read_as_the_moment_that_it_means(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    odd = {"aidRequest": filed.ref, "neededBy": "2100-01-01T00:00:00+23:59"}
    changed = caller(ngo_actor).change("changeAidRequest", "... on AidRequest { neededBy }", odd)
    assert changed == {"__typename": "AidRequest", "neededBy": "2099-12-31T00:01:00Z"}


def test_nul_written_into_the_document_is_no_error(ngo_actor: Actor) -> None:
    query = '{ incidents(where: {q: "\\u0000", ref: "\\u0000"}) { nodes { id } } }'
    assert nodes(caller(ngo_actor).ask(query)) == []
    assert nodes(caller(ngo_actor).ask('{ items(where: {code: ["\\u0000"]}) { nodes { id } } }')) == []
