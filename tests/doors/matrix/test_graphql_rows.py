"""Who reads which rows through GraphQL, and how much of each, with every list that hangs from them."""

from __future__ import annotations

import pytest

from coordination.web.graphql.nodes import global_id
from tests.doors.matrix.graphql_door import collections, found, labels, rows_for
from tests.doors.matrix.sight import sight
from tests.doors.matrix.telling import Telling
from tests.doors.matrix.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("collection", collections())
def test_list_shows_each_caller_what_the_tables_say(world: World, collection: str) -> None:
    telling, told_to_cell = Telling(world), rows_for(world.parties["cell"], collection)
    label = collections()[collection]
    assert {world.name_of(label, key) for key in told_to_cell} == set(world.rows[label])
    faults = [
        fault
        for party in world.parties.values()
        for fault in telling.faults(party, rows_for(party, collection), told_to_cell)
    ]
    assert not faults, "\n".join(faults)


def test_row_that_is_asked_for_by_its_id_is_there_for_whom_the_tables_say(world: World) -> None:
    named = {
        str(global_id(row)): (label, name) for label in labels().values() for name, row in world.rows[label].items()
    }
    for party in world.parties.values():
        expected = {key for key, (label, name) in named.items() if sight(label, name, party)}
        faults = {(str(party), *named[key]) for key in found(party, list(named)) ^ expected}
        assert faults == set()
