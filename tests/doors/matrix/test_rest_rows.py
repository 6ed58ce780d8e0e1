"""Who reads which rows through REST, and how much of each."""

from __future__ import annotations

import pytest

from tests.doors.matrix.fields import needed
from tests.doors.matrix.rest_door import Route, lists, rows_for
from tests.doors.matrix.sight import kinds, sight
from tests.doors.matrix.telling import Telling
from tests.doors.matrix.world import World
from tests.doors.rest import Caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("route", lists(), ids=str)
def test_list_shows_each_caller_what_the_tables_say(world: World, route: Route) -> None:
    telling, told_to_cell = Telling(world), rows_for(world.parties["cell"], route)
    assert {world.name_of(route.label, key) for key in told_to_cell} == set(world.rows[route.label])
    faults = [
        fault
        for party in world.parties.values()
        for fault in telling.faults(party, rows_for(party, route), told_to_cell)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("route", lists(), ids=str)
def test_row_that_is_asked_for_is_shown_as_in_the_list_or_absent(world: World, route: Route) -> None:
    faults = []
    for party in kinds(route.label, world.parties.values()):
        told, caller = rows_for(party, route), Caller(party.token)
        for name, row in world.rows[route.label].items():
            answer = caller.get(f"{route.path}/{row.pk}")
            expected = (200, told.get(str(row.pk))) if sight(route.label, name, party) else (404, None)
            shown = answer.json() if answer.status_code == 200 else None
            if expected != (answer.status_code, shown and {field: shown[field] for field in expected[1] or ()}):
                faults.append(f"{party} asks for {name}: {answer.status_code} {shown}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("route", [route for route in lists() if route.view.filterset_fields], ids=str)
def test_filter_by_what_is_not_told_finds_nothing(world: World, route: Route) -> None:
    told_to_cell, faults = rows_for(world.parties["cell"], route), []
    for party in (world.parties[name] for name in ("public", "viewer", "coordinator", "district")):
        for field in route.view.filterset_fields:
            level = needed(route.label, field)
            hidden = (
                key
                for key, row in told_to_cell.items()
                if row[field] and (seen := sight(route.label, world.name_of(route.label, key), party))
                if not seen.tells(level)
            )
            key = next(hidden, None)
            if key and key in rows_for(party, route, {field: str(told_to_cell[key][field])}):
                faults.append(f"{party} finds {world.name_of(route.label, key)} by its {field}")
    assert not faults, "\n".join(faults)
