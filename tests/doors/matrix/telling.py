"""What a party should be told of a row, from what the coordination cell is told of it and the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.doors.matrix.fields import LISTS, needed
from tests.doors.matrix.parties import Party
from tests.doors.matrix.sight import Sight, sight
from tests.doors.matrix.world import World

Row = dict[str, Any]

# Sentences are written for each viewer; what they must not say is looked for by tests of their own.
IN_WORDS = {"why"}


class Telling:
    """The tables applied to the rows of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known = {str(row.pk): (label, name) for label, named in world.rows.items() for name, row in named.items()}

    def faults(self, party: Party, told: Mapping[str, Row], told_to_cell: Mapping[str, Row]) -> Iterator[str]:
        """Say of each row, by its id, what a party is told and should not be, and what it should be and is not."""
        for key in sorted(told.keys() | told_to_cell.keys()):
            label, name = self._known.get(key, ("a row that the tables do not know:", key))
            expected = self.row(party, told_to_cell[key]) if key in told_to_cell else None
            if expected is None:
                if key in told:
                    yield f"{party} is shown {label} {name}"
            elif key not in told:
                yield f"{party} is not shown {label} {name}"
            else:
                for field, value in told[key].items():
                    if field not in IN_WORDS and _plain(value) != _plain(expected.get(field)):
                        yield f"{party} reads {value!r} as {field} of {label} {name} instead of {expected.get(field)!r}"

    def row(self, party: Party, told_to_cell: Row) -> Row | None:
        """Give what a party should be told of a row; nothing where it is hidden."""
        label, name = self._known[told_to_cell["id"]]
        seen = sight(label, name, party)
        if not seen:
            return None
        told = {
            field: self._value(party, label, field, value) if seen.tells(needed(label, field)) else None
            for field, value in told_to_cell.items()
        }
        return {**told, **self._of_the_viewer(label, name, seen, told)}

    def secrets(self, party: Party, label: str) -> dict[str, str]:
        """Give the texts of a model's rows that a party must not read anywhere, each with what it is."""
        return {
            value: f"{field.name} of {name}"
            for name, row in self.world.rows[label].items()
            for field in row._meta.concrete_fields
            # Only texts that are this row's alone.
            if isinstance(value := getattr(row, field.attname), str) and value.endswith(f"{name}.")
            if not sight(label, name, party).tells(needed(label, field.name))
        }

    def _value(self, party: Party, label: str, field: str, value: Any) -> Any:
        if field == "id":
            return value
        if field == "possible_duplicates":
            # Told to those alone who may compare both.
            return [each for each in value if sight(*self._known[each["aid_request"]], party).tells("contact")]
        if isinstance(value, list) and field in LISTS.get(label, {}):
            return self._children(party, LISTS[label][field], value)
        if isinstance(value, str) and value in self._known:
            return value if sight(*self._known[value], party) else None
        return value

    def _children(self, party: Party, belonging: str, told_to_cell: list[Any]) -> list[Any]:
        """Give of an object's list what a party sees, and sees to belong there."""
        child, _dot, path = belonging.rpartition(".")
        if not child:
            return told_to_cell
        level = needed(child, path.partition("__")[0])
        shown = []
        for row in told_to_cell:
            key = row["id"] if isinstance(row, dict) else row
            if sight(*self._known[key], party).tells(level):
                shown.append(self.row(party, row) if isinstance(row, dict) else row)
        return shown

    def _of_the_viewer(self, label: str, name: str, seen: Sight, told: Row) -> Row:
        own: Row = {"disclosure": seen.level} if "disclosure" in told else {}
        row = self.world.rows[label][name]
        if "updated_at" in told and seen.level == "coarse" and hasattr(row, "coarse_updated_at"):
            own["updated_at"] = row.coarse_updated_at.isoformat().replace("+00:00", "Z")
        return own


def _plain(value: Any) -> Any:
    """Bring lists of ids into one order."""
    return sorted(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else value
