"""XLSX workbooks, read row by row; what would unpack into too much is refused before it is unpacked."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from coordination.interop.headings import MAX_COLUMNS, rows_under_heading, too_wide
from coordination.interop.rows import Row, TableError

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_PARTS = 2_000

# What openpyxl and what it stands on raise for workbooks that are damaged or made to harm.
BROKEN = (
    zipfile.BadZipFile, zlib.error, SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError,
    OSError, EOFError, RuntimeError,
)  # fmt: skip


def read_xlsx(content: bytes, *, sheet: str | None = None) -> Iterator[Row]:
    """Read one sheet of a workbook, the first if none is named; formulas give the values that were saved with them.

    Raises TableError: when the workbook or the sheet cannot be read.
    """
    _check_size(content)
    try:
        with warnings.catch_warnings():
            # About styles and extensions, of which only the values matter here.
            warnings.simplefilter("ignore", UserWarning)
            workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except BROKEN:
        raise _broken() from None
    names = workbook.sheetnames
    if sheet not in names and (sheet or not names):
        raise TableError("table_no_sheet", _("The workbook has no such sheet."))
    return rows_under_heading(enumerate(_records(workbook[sheet or names[0]]), start=1))


def _check_size(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        raise _broken() from None
    # Reading a part ends at the size stated here, so that stating too little does not help.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise TableError("table_too_large", _("The workbook is too large."))


def _records(worksheet: Any) -> Iterator[tuple[Any, ...]]:
    try:
        # What the sheet says of its own size may be wrong, or meant to fill the memory.
        worksheet.reset_dimensions()
        for cells in worksheet.iter_rows(values_only=True):
            if len(cells) > MAX_COLUMNS:
                raise too_wide()
            yield cells
    except TableError:
        raise
    except BROKEN:
        raise _broken() from None


def _broken() -> TableError:
    return TableError("table_unreadable", _("This is not a workbook that can be read."))
