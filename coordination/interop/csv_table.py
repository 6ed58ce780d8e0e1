"""CSV as spreadsheets write it, in several encodings and with several delimiters."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from coordination.interop.headings import rows_under_heading
from coordination.interop.rows import Row, TableError
from coordination.records.errors import FieldProblem

DELIMITERS = ",;\t|"
LINE_END = re.compile(r"[\r\n]")
MAX_HEADING = 100_000


def read_csv(content: bytes) -> Iterator[Row]:
    """Read CSV in UTF-8, UTF-16 with its mark, or Windows-1251, delimited as its heading is.

    Raises TableError: when the encoding is none of these, or the table as a whole cannot be read.
    """
    text = _decoded(content)
    return rows_under_heading(_records(text, _delimiter(text)))


def _decoded(content: bytes) -> str:
    encodings = ["utf-16"] if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ["utf-8-sig", "cp1251"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError("table_encoding", _("The text is neither in UTF-8 nor in Windows-1251."))


def _delimiter(text: str) -> str:
    """Choose what cuts the heading into most columns; the comma where nothing cuts it."""
    heading = LINE_END.split(text.lstrip()[:MAX_HEADING], maxsplit=1)[0]
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([heading], delimiter=delimiter), [])))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[Any] | FieldProblem]]:
    # Python's own line ends would make records of a lone carriage return within a quoted cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            message = _("The row cannot be read: a quotation mark is missing, or a cell is too long.")
            yield number, FieldProblem("", "row_unreadable", message)
