"""Who reads which rows in the admin, and which of their fields."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doors.matrix import admin_door
from tests.doors.matrix.fields import needed
from tests.doors.matrix.parties import Party
from tests.doors.matrix.sight import kinds, sight
from tests.doors.matrix.telling import Telling
from tests.doors.matrix.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("label", [label for label in admin_door.models() if label != "outbox.Event"])
def test_lists_and_pages_show_each_person_what_the_tables_say(world: World, label: str) -> None:
    people = [party for party in world.parties.values() if party.user]
    found = [fault for party in kinds(label, people) for fault in faults(world, party, label)]
    assert not found, "\n".join(found)


def _all_fields(world: World, label: str) -> frozenset[str]:
    """Name the fields that the coordination cell is shown of a model's rows, or whoever sees one where it sees none."""
    for party in (world.parties["cell"], world.parties["administrator"]):
        for row in world.rows[label].values():
            page = admin_door.fields_of(admin_door.signed_in(party), label, str(row.pk))
            if page:
                return page.names
    return frozenset()


def faults(world: World, party: Party, label: str) -> Iterator[str]:
    """Say what a person is shown of a model and should not be, and what should be shown and is not."""
    browser, secrets = admin_door.signed_in(party), Telling(world).secrets(party, label)
    listed = admin_door.rows_for(browser, label)
    named = {world.name_of(label, key) for key in listed.names}
    expected = {name for name in world.rows[label] if sight(label, name, party)}
    yield from (f"{party} in the list: {name}" for name in named ^ expected)
    yield from (f"{party} reads in the list: {secrets[text]}" for text in secrets if text in listed.text)
    all_fields = _all_fields(world, label)
    for name, row in world.rows[label].items():
        page, seen = admin_door.fields_of(browser, label, str(row.pk)), sight(label, name, party)
        if bool(seen) != (page is not None):
            yield f"{party} at the page of {name}: {page and page.names}"
        elif page:
            told = {field for field in all_fields if seen.tells(needed(label, field))}
            yield from (f"{party} at the page of {name}: {field}" for field in page.names ^ told)
            yield from (
                f"{party} reads at the page of {name}: {secrets[text]}" for text in secrets if text in page.text
            )
