"""What GraphQL must not tell: each test first makes what could leak, and shows that its owner does see it."""

from __future__ import annotations

from datetime import datetime

import pytest

from aid.models import AidRequest, Match
from coordination.access.actors import Actor
from coordination.access.models import Organisation
from tests.doors.graphql import PUBLIC_CALLER, caller, ids, nodes
from tests.factories import aid, incidents
from tests.factories.access import member, organisation

pytestmark = pytest.mark.django_db

LIST = "{ aidRequests { nodes { id } } }"
NODE = "query ($id: ID!) { node(id: $id) { id __typename } }"


@pytest.fixture
def aid_request(ngo: Organisation, now: datetime) -> AidRequest:
    """Give a request of the reporting organisation."""
    return aid.aid_request(ngo, now=now, channel="hotline", client_ref="A-17", vulnerabilities=["insulin"])


@pytest.fixture
def match(ngo: Organisation, provider: Organisation, now: datetime) -> Match:
    """Give a proposal between the two parties, in an incident that nobody but its reporter knows."""
    reporter = organisation("State Emergency Service")
    incident = incidents.incident(reporter, now=now)
    line = aid.line(ngo, now=now, incident=incident)
    return aid.proposal(line, aid.resource(provider, now=now), now=now)


def test_list_of_other_organisation_is_empty(
    aid_request: AidRequest, ngo_actor: Actor, provider_actor: Actor, cell_actor: Actor
) -> None:
    shown = [{"id": ids(aid_request)[0]}]
    assert nodes(caller(ngo_actor).ask(LIST)) == shown
    assert nodes(caller(cell_actor).ask(LIST)) == shown
    assert nodes(caller(provider_actor).ask(LIST)) == []
    assert nodes(PUBLIC_CALLER.ask(LIST)) == []


def test_total_count_of_other_organisation_is_zero(
    aid_request: AidRequest, ngo_actor: Actor, provider_actor: Actor
) -> None:
    query = "{ aidRequests { totalCount } }"
    assert caller(ngo_actor).ask(query) == {"aidRequests": {"totalCount": 1}}
    assert caller(provider_actor).ask(query) == {"aidRequests": {"totalCount": 0}}


def test_node_of_other_organisation_looks_absent(
    aid_request: AidRequest, ngo_actor: Actor, provider_actor: Actor
) -> None:
    (node_id,) = ids(aid_request)
    assert caller(ngo_actor).ask(NODE, {"id": node_id}) == {"node": {"id": node_id, "__typename": "AidRequest"}}
    assert caller(provider_actor).ask(NODE, {"id": node_id}) == {"node": None}
    assert PUBLIC_CALLER.ask(NODE, {"id": "AidRequest:nonsense"}) == {"node": None}


EXACT = """{ matches { nodes { line { aidRequest {
  ref people urgency location channel clientRef createdAt area { id } reportedBy { name }
  members { age } vulnerabilities
  incident { title } publicCell { id }
} } } } }"""


def test_party_to_match_reads_request_coarsely(match: Match, provider_actor: Actor, ngo_actor: Actor) -> None:
    (shown,) = nodes(caller(provider_actor).ask(EXACT))
    aid_request = match.line.aid_request
    assert shown["line"]["aidRequest"] == {
        "ref": aid_request.ref,
        "people": 3,
        "urgency": "URGENT",
        "location": None,
        "channel": None,
        "clientRef": None,
        "createdAt": None,
        "area": None,
        "reportedBy": None,
        "members": None,
        "vulnerabilities": None,
        "incident": None,
        "publicCell": {"id": aid_request.public_cell},
    }
    (own,) = nodes(caller(ngo_actor).ask(EXACT))
    assert own["line"]["aidRequest"]["location"]["coordinates"] == [aid.POZNIAKY.x, aid.POZNIAKY.y]
    assert own["line"]["aidRequest"]["reportedBy"] == {"name": "Warm Hands"}


def test_to_one_to_hidden_row_is_null(match: Match, ngo: Organisation, provider_actor: Actor, ngo_actor: Actor) -> None:
    query = "{ matches { nodes { line { aidRequest { incident { ref } } } resource { total provider { name } } } } }"
    (of_provider,) = nodes(caller(provider_actor).ask(query))
    assert of_provider["line"] == {"aidRequest": {"incident": None}}
    assert of_provider["resource"]["total"] == 100
    (of_ngo,) = nodes(caller(ngo_actor).ask(query))
    # Who filed a request in an incident is told of it; of the other party's stock nothing is told.
    incident = match.line.aid_request.incident
    assert incident is not None
    assert of_ngo["line"]["aidRequest"]["incident"] == {"ref": incident.ref}
    assert of_ngo["resource"] == {"total": None, "provider": {"name": "Left Bank Kitchen"}}


def test_mutation_result_is_read_through_the_guard(match: Match, provider_actor: Actor) -> None:
    shape = "... on Match { status line { aidRequest { location reportedBy { name } incident { ref } } } }"
    answer = caller(provider_actor).change("acceptMatch", shape, {"match": match.ref})
    hidden = {"location": None, "reportedBy": None, "incident": None}
    assert answer == {"__typename": "Match", "status": "ACCEPTED", "line": {"aidRequest": hidden}}


def test_verb_on_hidden_row_looks_absent(aid_request: AidRequest, ngo: Organisation, provider_actor: Actor) -> None:
    values = {"aidRequest": ids(aid_request)[0], "reason": "no longer needed"}
    refused = caller(provider_actor).change("cancelAidRequest", "... on AidRequest { ref }", values)
    absent = {**values, "aidRequest": ids(AidRequest())[0]}
    unknown = caller(provider_actor).change("cancelAidRequest", "... on AidRequest { ref }", absent)
    assert refused == unknown
    assert refused is not None
    assert (refused["code"], refused["field"]) == ("not_found", "aidRequest")
    aid_request.refresh_from_db()
    assert aid_request.status == "submitted"


@pytest.mark.parametrize(
    "where", ['clientRef: "A-17"', "channel: [HOTLINE]", "reportedBy: $ngo"], ids=["column", "enum", "relation"]
)
def test_filter_does_not_tell_what_the_field_would_not(
    where: str, ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    line = aid.line(ngo, now=now, channel="hotline", client_ref="A-17")
    aid.proposal(line, aid.resource(provider, now=now), now=now)
    declared = "($ngo: ID!)" if "$ngo" in where else ""
    query = f"query {declared} {{ aidRequests(where: {{{where}}}) {{ nodes {{ ref }} }} }}"
    variables = {"ngo": ids(ngo)[0]}
    assert nodes(caller(ngo_actor).ask(query, variables)) == [{"ref": line.aid_request.ref}]
    assert nodes(caller(provider_actor).ask("{ aidRequests { nodes { ref } } }")) == [{"ref": line.aid_request.ref}]
    assert nodes(caller(provider_actor).ask(query, variables)) == []


def test_near_works_on_the_cell_for_who_may_not_know_the_point(ngo: Organisation, now: datetime) -> None:
    incidents.public_incident(ngo, now=now)
    query = """query ($near: Near) { incidents(near: $near, orderBy: NEAREST) { nodes { location distanceM } } }"""
    here = {"type": "Point", "coordinates": [30.634, 50.398]}
    (exact,) = nodes(caller(member(ngo)).ask(query, {"near": {"point": here, "radiusM": 10_000}}))
    (coarse,) = nodes(PUBLIC_CALLER.ask(query, {"near": {"point": here, "radiusM": 10_000}}))
    assert exact["location"] is not None
    assert exact["distanceM"] == pytest.approx(0, abs=1)
    assert coarse["location"] is None
    assert coarse["distanceM"] > 10


def test_impact_site_is_told_to_members_by_its_cell_alone(
    ngo: Organisation, provider_actor: Actor, ngo_actor: Actor, now: datetime
) -> None:
    incidents.impact_site(incidents.confirmed_incident(ngo, now=now), ngo, now=now)
    query = "{ impactSites { nodes { location publicCell { id } } } }"
    (exact,) = nodes(caller(ngo_actor).ask(query))
    (coarse,) = nodes(caller(provider_actor).ask(query))
    assert exact["location"]["type"] == "Point"
    assert coarse == {"location": None, "publicCell": exact["publicCell"]}


def test_cursor_tells_no_moment(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    aid.aid_request(ngo, now=now)
    data = caller(ngo_actor).ask("{ aidRequests { edges { cursor node { createdAt } } } }")
    (edge,) = data["aidRequests"]["edges"]
    assert edge["node"]["createdAt"][:10] not in edge["cursor"]
    refused = PUBLIC_CALLER.refusal('{ aidRequests(after: "eyJub25zZW5zZSI6MX0") { nodes { id } } }')
    assert refused["extensions"] == {"code": "cursor_unknown", "field": "after"}
