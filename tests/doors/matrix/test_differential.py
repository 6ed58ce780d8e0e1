"""Every door shows a viewer the same rows, those that the contract gives him, in worlds that nobody thought of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid.querysets import AidRequestQuerySet
from coordination.access.actors import SYSTEM, actor_for_user
from coordination.access.enums import ROLE_SCOPES, Role, Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Membership, User
from coordination.records.clock import database_now
from coordination.records.visibility import Disclosure
from coordination.web.admin import base
from tests.doors import graphql, rest
from tests.doors.matrix import graphql_door, oracle, rest_door
from tests.doors.matrix.oracle import Viewer
from tests.doors.matrix.parties import Party
from tests.doors.matrix.random_world import Making, Plan, plans
from tests.factories.access import cell, organisation, user
from tests.factories.places import darnytskyi, kyiv

pytestmark = pytest.mark.django_db

LABELS = [model._meta.label for model in oracle.MODELS]
LEVELS = {"coarse": Disclosure.COARSE, "exact": Disclosure.EXACT, "contact": Disclosure.CONTACT}
# The persons who look, with the role that each holds where.
PEOPLE = {
    "viewer": {"ngo": Role.VIEWER},
    "coordinator": {"ngo": Role.COORDINATOR},
    "provider": {"provider": Role.CASEWORKER},
    "of_two": {"utility": Role.VIEWER, "provider": Role.COORDINATOR},
    "cell": {"cell": Role.COORDINATOR},
    "district": {"district": Role.COORDINATOR},
    "of_both": {"ngo": Role.CASEWORKER, "district": Role.VIEWER},
    "nobody": {},
}


NAMES = ("public", *PEOPLE, "system", "reader")
# How many of them look at each world: every one looks at several.
WHO_LOOK = 3


class Stage:
    """The organisations and who looks; each world is played before them and taken away again."""

    def __init__(self) -> None:
        city = kyiv()
        self.now = database_now()
        self.areas = {"city": city, "district": darnytskyi(city)}
        self.of = {name: organisation(name, is_vetted=name != "utility") for name in ("ngo", "provider", "utility")}
        self.of |= {name: cell(name) for name in ("cell", "district")}
        self.of["ngo"].is_trusted = True
        self.of["ngo"].save()
        self.of["district"].areas.add(self.areas["district"])
        self.making = Making(self.of, self.areas, self.now)
        self.viewers = dict(self._viewers())

    def _viewers(self) -> Iterator[tuple[Party, Viewer]]:
        yield Party("public"), Viewer({}, {})
        for name, roles in PEOPLE.items():
            person = user(name)
            for home, role in roles.items():
                Membership.objects.create(user=person, organisation=self.of[home], role=role)
            token = issue_key(user=person, scopes=Scope.values)
            yield Party(name, token, person), self._viewer({home: ROLE_SCOPES[role] for home, role in roles.items()})
        for name, scopes in (("system", [Scope.AID_READ, Scope.INCIDENTS_READ]), ("reader", [Scope.INCIDENTS_READ])):
            client = ApiClient.objects.create(organisation=self.of["ngo"], name=name, scopes=scopes)
            yield Party(name, issue_key(client=client, scopes=scopes)), self._viewer({"ngo": frozenset(scopes)})

    def _viewer(self, scopes: dict[str, frozenset[str]]) -> Viewer:
        answered = {"cell": None, "district": oracle.below({self.areas["district"].pk})}
        return Viewer(
            {self.of[home].pk: frozenset(map(str, held)) for home, held in scopes.items()},
            {self.of[home].pk: areas for home, areas in answered.items()},
        )


def differences(stage: Stage, names: Collection[str] = NAMES) -> list[str]:
    """Say where a door shows one of these viewers something else than the contract gives."""
    found = []
    for party, viewer in ((party, viewer) for party, viewer in stage.viewers.items() if party.name in names):
        wanted = oracle.World(viewer, stage.now).levels()
        doors: dict[str, Mapping[str, Any]] = {"REST": through_rest(party), "GraphQL": through_graphql(party)}
        doors["maps"] = through_maps(party)
        if party.user and party.name != "nobody":
            doors["admin"] = through_admin(party.user)
        for door, shown in doors.items():
            for label, rows in shown.items():
                expected = wanted[label] if isinstance(rows, dict) else set(wanted[label])
                if rows != expected:
                    found.append(f"{door} shows {party} of {label} {rows} instead of {expected}")
    return found


def through_rest(party: Party) -> dict[str, Any]:
    """Give the level of each row that REST lists."""
    lists = {route.label: route for route in rest_door.lists()}
    return {
        label: {key: LEVELS[row["disclosure"]] for key, row in rest_door.rows_for(party, lists[label]).items()}
        for label in LABELS
    }


def through_maps(party: Party) -> dict[str, set[str]]:
    """Name the rows of each list that is also a map."""
    maps = [route for route in rest_door.lists() if route.label in LABELS and route.view.place.point]
    answers = {
        route.label: rest.Caller(party.token).get(route.path, {"format": "geojson", "limit": "100"}) for route in maps
    }
    return {label: {feature["id"] for feature in answer.json()["features"]} for label, answer in answers.items()}


def through_graphql(party: Party) -> dict[str, set[str]]:
    """Name the rows of each GraphQL list, which counts as many."""
    lists = {name: label for name, label in graphql_door.collections().items() if label in LABELS}
    query = " ".join(f"{name}(first: 100) {{ totalCount nodes {{ id }} }}" for name in lists)
    answer = graphql.Caller(party.token).ask(f"{{ {query} }}")
    assert {name: connection["totalCount"] for name, connection in answer.items()} == {
        name: len(connection["nodes"]) for name, connection in answer.items()
    }
    return {
        lists[name]: {graphql_door.key(node["id"]) for node in connection["nodes"]}
        for name, connection in answer.items()
    }


def through_admin(person: User) -> dict[str, set[str]]:
    """Name the rows of each list of the admin."""
    request = RequestFactory().get("/", {"all": ""})
    request.user, request.actor = person, actor_for_user(person)  # type: ignore[attr-defined] # as the middleware does
    pages = {model._meta.label: pages for model, pages in admin.site._registry.items() if model in oracle.MODELS}
    return {
        label: {str(row.pk) for row in page.get_changelist_instance(request).queryset} for label, page in pages.items()
    }


@given(plan=plans, names=st.permutations(NAMES).map(lambda names: names[:WHO_LOOK]))
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_doors_and_contract_agree(plan: Plan, names: list[str]) -> None:
    with transaction.atomic():
        stage = Stage()
        stage.making.make(plan)
        found = differences(stage, names)
        transaction.set_rollback(True)
    assert not found, "\n".join(found)


# One request that nobody but its reporter and the cell sees.
UNSHARED = Plan([], [], [], [("utility", "city", 3, False)], [("utility", "city")], [], [])


def test_door_that_lost_its_guard_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    stage.making.make(UNSHARED)
    assert differences(stage, ["coordinator"]) == []
    monkeypatch.setattr(base, "guarded_rows", lambda model, _actor: model._default_manager.visible_to(SYSTEM))
    assert {difference.split()[0] for difference in differences(stage, ["coordinator"])} == {"admin"}


def test_rule_that_every_door_lost_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    stage.making.make(UNSHARED)
    monkeypatch.setattr(AidRequestQuerySet, "disclosure_rules", lambda _rows, _actor: Disclosure.CONTACT)
    # Where pages are read grant by grant, the grants alone would still keep the row off them.
    monkeypatch.setattr(AidRequestQuerySet, "grants_to", lambda _rows, _actor: None)
    assert {difference.split()[0] for difference in differences(stage, ["coordinator"])} == {
        "REST",
        "maps",
        "GraphQL",
        "admin",
    }
