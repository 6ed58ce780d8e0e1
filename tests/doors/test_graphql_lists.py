"""Lists through GraphQL: pages that neither skip nor repeat, at a price that does not grow with their length."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql import GraphQLObjectType, get_named_type
from pytest_django import DjangoAssertNumQueries

from aid.actions.plan_delivery import plan_delivery
from aid.actions.plan_stay import plan_stay
from aid.models import MatchRun, NeedCount, NeedSlot
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.schema import schema
from tests.doors.graphql import Caller, caller, ids, nodes
from tests.factories import aid, incidents
from tests.factories.access import agreement, organisation

pytestmark = pytest.mark.django_db


def make_all(number: int, ngo: Organisation, now: datetime) -> None:
    """Make one more row of everything, all of it hanging together."""
    area = Area.objects.create(pcode=f"UA80{number}", level=1, name_uk=f"Район {number}")
    Area.objects.create(pcode=f"UA80{number}1", level=2, name_uk=f"Мікрорайон {number}", parent=area)
    provider = organisation(f"Provider {number}")
    provider.areas.set([area])
    agreement(ngo, provider, now=now, areas=[area])
    slot = NeedSlot.objects.create(starts_at=now - timedelta(days=number + 1), ends_at=now - timedelta(days=number))
    NeedCount.objects.create(slot=slot, area=area, households=10)
    wave = incidents.incident(ngo, now=now, areas=[area])
    incident = incidents.incident(ngo, now=now, areas=[area], parent=wave)
    incidents.casualties(incident, ngo, now=now)
    incidents.outage(ngo, now=now, incident=incident, areas=[area])
    incidents.access_constraint(ngo, now=now, area=area)
    site = incidents.impact_site(incident, ngo, now=now, area=area)
    building = incidents.building(incident, ngo, now=now, impact_site=site, area=area)
    incidents.assessment(building, ngo, now=now)
    first = aid.aid_request(ngo, now=now, incident=incident, building=building)
    line = aid.line(ngo, now=now, incident=incident, building=building)
    aid.aid_request(ngo, now=now)
    type(first).objects.filter(pk=first.pk).update(duplicate_of=line.aid_request, status="duplicate")
    match = aid.acceptance(line, aid.resource(provider, now=now), now=now)
    type(match).objects.filter(pk=match.pk).update(run=MatchRun.objects.create(started_at=now, engine_version="1"))
    plan_delivery(matches=[match], actor=SYSTEM, now=now)
    plan_stay(shelter=aid.shelter(provider, now=now), party_size=2, actor=SYSTEM, now=now)


def paths() -> list[tuple[str, str]]:
    """Name every list together with every field of its rows that holds other rows."""
    root = schema._schema.query_type
    assert root is not None
    found = []
    for name, field in root.fields.items():
        listed = get_named_type(field.type)
        if not listed.name.endswith("Connection"):
            continue
        node = get_named_type(listed.fields["nodes"].type)
        found.append((name, "id"))
        for inner, inner_field in node.fields.items():
            result = get_named_type(inner_field.type)
            if isinstance(result, GraphQLObjectType) and "node" not in inner:
                found.append((name, inner))
    return found


def selection(name: str, inner: str) -> str:
    """Write the query that asks a list for one field of its rows, with all plain fields of what that holds."""
    root = schema._schema.query_type
    assert root is not None
    node = get_named_type(get_named_type(root.fields[name].type).fields["nodes"].type)
    if inner == "id":
        return f"{{ {name} {{ nodes {{ {plain(node)} }} }} }}"
    result = get_named_type(node.fields[inner].type)
    if result.name.endswith("Connection"):
        row = get_named_type(result.fields["nodes"].type)
        return f"{{ {name} {{ nodes {{ {inner}(first: 2) {{ totalCount nodes {{ {plain(row)} }} }} }} }} }}"
    return f"{{ {name} {{ nodes {{ {inner} {{ {plain(result)} }} }} }} }}"


def plain(node: GraphQLObjectType) -> str:
    """Name the fields of a type that hold no further objects."""
    return " ".join(
        name for name, field in node.fields.items() if not isinstance(get_named_type(field.type), GraphQLObjectType)
    )


def prices(asking: Caller) -> dict[tuple[str, str], int]:
    """Count the statements that each path costs; every list must have rows."""
    found = {}
    for name, inner in paths():
        with CaptureQueriesContext(connection) as statements:
            rows = nodes(asking.ask(selection(name, inner)))
        assert rows, name
        found[name, inner] = len(statements)
    return found


def test_statements_do_not_grow_with_the_page(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    asking = caller(cell_actor)
    # The first use of a token is noted.
    asking.ask("{ __typename }")
    make_all(1, ngo, now)
    with_one = prices(asking)
    make_all(2, ngo, now)
    make_all(3, ngo, now)
    assert prices(asking) == with_one
    assert len(with_one) > 70


STORY = """{ incidents(first: 10, where: {q: "Direct"}) { nodes { ref aidRequests(first: 5) { nodes {
  ref coverage lines(first: 5) { nodes { quantity item { code } } }
  matches(first: 5) { nodes { status resource { total } } }
} } } } }"""


@pytest.mark.parametrize("count", [1, 3])
def test_the_story_costs_one_statement_for_each_list_and_relation(
    count: int, ngo: Organisation, cell_actor: Actor, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_all(number, ngo, now)
    asking = caller(cell_actor)
    asking.ask("{ __typename }")
    # Three find the caller; then incidents, requests, coverage, lines, items, matches and resources, once each.
    with django_assert_num_queries(11):
        told = nodes(asking.ask(STORY))
    served = [
        match for incident in told for filed in incident["aidRequests"]["nodes"] for match in filed["matches"]["nodes"]
    ]
    assert len(served) == count


def test_same_list_twice_with_other_arguments_gives_each_its_own(
    ngo: Organisation, cell_actor: Actor, now: datetime
) -> None:
    wave = incidents.incident(ngo, now=now, title="Wave")
    for number in range(3):
        incidents.incident(ngo, now=now, title=f"Strike {number}", parent=wave)
    query = """query ($wave: ID!) { node(id: $wave) { ... on Incident {
      one: children(first: 1) { totalCount nodes { title } } two: children(first: 2) { nodes { title } } } } }"""
    shown = caller(cell_actor).ask(query, {"wave": ids(wave)[0]})["node"]
    assert shown["one"] == {"totalCount": 3, "nodes": [{"title": "Strike 2"}]}
    assert shown["two"] == {"nodes": [{"title": "Strike 2"}, {"title": "Strike 1"}]}


WALKED = [
    ("incidents", ""),
    ("incidents", ', near: {point: {type: "Point", coordinates: [30.5, 50.4]}}, orderBy: NEAREST'),
    ("aidRequests", ", orderBy: MOST_URGENT"),
    ("items", ""),
    ("areas", ""),
    ("organisations", ""),
]


@pytest.mark.parametrize(("name", "arguments"), WALKED)
def test_pages_neither_skip_nor_repeat(
    name: str, arguments: str, ngo: Organisation, cell_actor: Actor, now: datetime
) -> None:
    for number in range(3):
        make_all(number, ngo, now)
        aid.item(f"item_{number}")
    asking = caller(cell_actor)
    whole = [row["id"] for row in nodes(asking.ask(f"{{ {name}(first: 100{arguments}) {{ nodes {{ id }} }} }}"))]
    walked, after, has_more = [], "", True
    while has_more:
        shape = "nodes { id } pageInfo { hasNextPage endCursor }"
        query = f"query ($after: String) {{ {name}(first: 2, after: $after{arguments}) {{ {shape} }} }}"
        page = asking.ask(query, {"after": after or None})[name]
        walked += [row["id"] for row in page["nodes"]]
        after, has_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(whole) >= 3
    assert walked == whole


def test_nested_pages_follow_their_cursor(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    wave = incidents.incident(ngo, now=now, title="Wave")
    for number in range(3):
        incidents.incident(ngo, now=now, title=f"Strike {number}", parent=wave)
    query = """query ($wave: ID!, $after: String) { node(id: $wave) { ... on Incident {
      children(first: 2, after: $after) { nodes { title } pageInfo { endCursor hasNextPage hasPreviousPage } } } } }"""
    asking, wave_id = caller(cell_actor), ids(wave)[0]
    first = asking.ask(query, {"wave": wave_id})["node"]["children"]
    rest = asking.ask(query, {"wave": wave_id, "after": first["pageInfo"]["endCursor"]})["node"]["children"]
    assert [row["title"] for row in first["nodes"] + rest["nodes"]] == ["Strike 2", "Strike 1", "Strike 0"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert rest["pageInfo"]["hasPreviousPage"] is True


@pytest.mark.parametrize("first", [0, -1, 101])
def test_page_size_out_of_range_is_refused(first: int, cell_actor: Actor) -> None:
    error = caller(cell_actor).refusal(f"{{ incidents(first: {first}) {{ nodes {{ id }} }} }}")
    assert error["extensions"] == {"code": "limit_out_of_range", "field": "first"}


def test_filters_narrow_by_value_relation_area_and_box(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    for number in range(2):
        make_all(number, ngo, now)
    asking = caller(cell_actor)
    site_query = (
        "query ($where: ImpactSiteWhere, $bbox: Box) { impactSites(where: $where, bbox: $bbox) { nodes { id } } }"
    )
    assert len(nodes(asking.ask(site_query, {"where": {"area": "UA800"}}))) == 1
    assert len(nodes(asking.ask(site_query, {"where": {"kind": ["DIRECT_HIT"]}}))) == 2
    assert len(nodes(asking.ask(site_query, {"where": {"kind": ["FIRE"]}}))) == 0
    around = {"west": 30.6, "south": 50.3, "east": 30.7, "north": 50.5}
    assert len(nodes(asking.ask(site_query, {"bbox": around}))) == 2
    assert len(nodes(asking.ask(site_query, {"bbox": {**around, "east": 30.61}}))) == 0
