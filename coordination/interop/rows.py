"""Rows as they come out of a file, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coordination.records.errors import FieldProblem


@dataclass(frozen=True)
class Row:
    """One row: `number` as a spreadsheet shows it (or the position in a list, from 1), its values by column.

    `geometry` is as unchecked as the values. A row with a `problem` could not be read and has nothing else.
    """

    number: int
    values: Mapping[str, Any]
    geometry: Any = None
    problem: FieldProblem | None = None


class TableError(ValueError):
    """Say why a whole file cannot be read: `code` for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def flattened(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give the members of an object, those of objects inside it under names joined by dots."""
    for name, member in value.items():
        if isinstance(member, dict):
            yield from flattened(member, f"{prefix}{name}.")
        else:
            yield prefix + name, member
