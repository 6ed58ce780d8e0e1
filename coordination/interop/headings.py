"""The heading row of a table in rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from coordination.interop.rows import Row, TableError
from coordination.records.errors import FieldProblem

MAX_ROWS = 200_000
MAX_COLUMNS = 500


def rows_under_heading(records: Iterable[tuple[int, Sequence[Any] | FieldProblem]]) -> Iterator[Row]:
    """Name the cells of each record by the first one, which is the heading; empty records and HXL tags are left out.

    Raises TableError: when there is no heading, when it names two columns alike, or when the table is too large.
    """
    records = iter(records)
    columns = _columns(records)
    for count, (number, cells) in enumerate(records):
        if count >= MAX_ROWS:
            raise TableError("table_too_many_rows", _("At most %(limit)d rows are read.") % {"limit": MAX_ROWS})
        if isinstance(cells, FieldProblem):
            yield Row(number, {}, problem=cells)
        elif any(not _is_empty(cell) for cell in cells) and not (count == 0 and _are_tags(cells)):
            yield _named(number, columns, cells)


def too_wide() -> TableError:
    """Give the refusal of a table with too many columns."""
    return TableError("table_too_wide", _("At most %(limit)d columns are read.") % {"limit": MAX_COLUMNS})


def _columns(records: Iterator[tuple[int, Sequence[Any] | FieldProblem]]) -> list[str]:
    for _number, cells in records:
        if isinstance(cells, FieldProblem):
            raise TableError(cells.code, str(cells.message))
        columns = ["" if cell is None else str(cell).strip() for cell in cells]
        names = [column for column in columns if column]
        if len(columns) > MAX_COLUMNS:
            raise too_wide()
        if len(set(names)) < len(names):
            raise TableError("table_doubled_column", _("The heading names two columns alike."))
        if names:
            return columns
    raise TableError("table_empty", _("The file has no heading row."))


def _named(number: int, columns: list[str], cells: Sequence[Any]) -> Row:
    # A row that is longer than the heading has slipped: which cell belongs to which column is anybody's guess.
    if any(not _is_empty(cell) for cell in cells[len(columns) :]):
        message = _("The row has more cells than the heading has columns.")
        return Row(number, {}, problem=FieldProblem("", "row_too_long", message))
    return Row(number, {column: cell for column, cell in zip(columns, cells, strict=False) if column})


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _are_tags(cells: Sequence[Any]) -> bool:
    """Tell a row of HXL hashtags. Source: HXL 1.1, tagging conventions."""
    filled = [cell for cell in cells if not _is_empty(cell)]
    return all(isinstance(cell, str) and cell.startswith("#") and cell[1:2].isalpha() for cell in filled)
