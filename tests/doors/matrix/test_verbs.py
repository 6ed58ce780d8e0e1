"""Who may do what to which row, at every door."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db.models import Model

from tests.doors.matrix import admin_door, graphql_door, rest_door
from tests.doors.matrix.parties import Party
from tests.doors.matrix.sight import sight
from tests.doors.matrix.verb_table import VERBS
from tests.doors.matrix.verbs import Verb
from tests.doors.matrix.world import World

pytestmark = pytest.mark.django_db

Door = Callable[[Party, Verb, World, str], str]


def rows_of(verb: Verb, world: World, party: Party) -> list[str]:
    """Name one row of each kind: as much seen by a party, which may or may not do it; what was shared once is one."""
    if party.name == "public":
        return [*(verb.rows or world.rows[verb.about])][:1]
    kinds: dict[tuple[str, bool, bool], str] = {}
    for name in verb.rows or world.rows[verb.about]:
        kinds.setdefault((sight(verb.about, name, party).level, verb.may(party, name), name == "expired"), name)
    return list(kinds.values())


def expected(verb: Verb, world: World, party: Party, name: str) -> str:
    """Say what the tables say comes of a verb."""
    if party.name == "public":
        return "unknown"
    named = [row for row in verb.body(world, name).values() if isinstance(row, Model)]
    label_of = {row.pk: (label, each) for label, rows in world.rows.items() for each, row in rows.items()}
    seen = [sight(*label_of[row.pk], party) for row in (world.rows[verb.about][name], *named)]
    if not all(seen):
        return "absent"
    return "allowed" if verb.may(party, name) else "refused"


def faults(verb: Verb, world: World, door: Door) -> Iterator[str]:
    """Say where a door does otherwise than the tables say."""
    for party in world.parties.values():
        for name in rows_of(verb, world, party):
            came, wanted = door(party, verb, world, name), expected(verb, world, party, name)
            if came != wanted:
                yield f"{party} at {name}: {came} instead of {wanted}"


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.rest], ids=str)
def test_rest_does_what_the_tables_allow(world: World, verb: Verb) -> None:
    found = list(faults(verb, world, rest_door.outcome))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.graphql], ids=str)
def test_graphql_does_what_the_tables_allow(world: World, verb: Verb) -> None:
    found = list(faults(verb, world, graphql_door.outcome))
    assert not found, "\n".join(found)


# What the admin does to several rows at once, on forms of their own.
ON_LISTS = {"plan_delivery", "merge_duplicates", "dismiss_duplicates"}


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.admin and verb.admin not in ON_LISTS], ids=str)
def test_admin_does_what_the_tables_allow(world: World, verb: Verb) -> None:
    found = []
    for party in (party for party in world.parties.values() if party.user or not party.token):
        # A form to add something is shown before it is about anything.
        for name in ["own"] if verb.admin == "add" else rows_of(verb, world, party):
            came, wanted = admin_door.outcome(party, verb, world, name), expected(verb, world, party, name)
            if came != wanted:
                found.append(f"{party} at {name}: {came} instead of {wanted}")
    assert not found, "\n".join(found)
