"""Tables in CSV, XLSX, JSON and GeoJSON as rows; a row that cannot be read does not keep the others from being read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from coordination.geo.gate import GeometryError, check_crs
from coordination.interop.csv_table import read_csv
from coordination.interop.rows import Row, TableError, flattened
from coordination.interop.strict_json import JSONError, strict_json
from coordination.interop.xlsx_table import read_xlsx
from coordination.records.errors import FieldProblem

MAX_FILE_BYTES = 64 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_table(path: Path, *, sheet: str | None = None) -> Iterator[Row]:
    """Read the rows of a file, its format told by its name's ending; `sheet` names one of a workbook's.

    Raises TableError: when the file as a whole cannot be read; also later, while the rows are read.
    """
    ending = path.suffix.lower()
    content = _content(path)
    if ending in {".csv", ".tsv", ".txt"}:
        rows = read_csv(content)
    elif ending == ".xlsx":
        rows = read_xlsx(content, sheet=sheet)
    elif ending in {".json", ".geojson"}:
        rows = _read_json(content)
    else:
        raise TableError("table_format", _("Files ending in .csv, .tsv, .xlsx, .json or .geojson can be read."))
    return (_without_control_characters(row) for row in rows)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            message = _("The file is larger than %(limit)d MB.") % {"limit": MAX_FILE_BYTES // 1024**2}
            raise TableError("table_too_large", message)
        return path.read_bytes()
    except OSError as error:
        message = _("The file cannot be opened: %(reason)s.") % {"reason": error.strerror}
    raise TableError("table_unreadable", message)


def _read_json(content: bytes) -> Iterator[Row]:
    try:
        value = strict_json(content.removeprefix(BYTE_ORDER_MARK))
    except JSONError as error:
        raise TableError(error.code, error.message) from None
    if isinstance(value, list):
        return _objects(value)
    if isinstance(value, dict) and value.get("type") == "Feature":
        return _features([value])
    if isinstance(value, dict) and value.get("type") == "FeatureCollection" and isinstance(value.get("features"), list):
        try:
            check_crs(value)
        except GeometryError as error:
            raise TableError(error.code, error.message) from None
        return _features(value["features"])
    raise TableError("table_shape", _("A list of objects or a GeoJSON FeatureCollection is expected."))


def _objects(objects: list[Any]) -> Iterator[Row]:
    for number, item in enumerate(objects, start=1):
        yield _row(number, item, None) if isinstance(item, dict) else _unread(number, _("This is not an object."))


def _features(features: list[Any]) -> Iterator[Row]:
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if properties is None and isinstance(feature, dict):
            properties = {}
        if isinstance(properties, dict) and feature.get("type") == "Feature":
            yield _row(number, properties, feature.get("geometry"))
        else:
            yield _unread(number, _("This is not a GeoJSON Feature."))


def _row(number: int, members: dict[str, Any], geometry: Any) -> Row:
    pairs = list(flattened(members))
    values = dict(pairs)
    if len(values) < len(pairs):
        return _unread(number, _("Two of its values have the same name."))
    return Row(number, values, geometry)


def _unread(number: int, message: str) -> Row:
    return Row(number, {}, problem=FieldProblem("", "row_unreadable", message))


def _without_control_characters(row: Row) -> Row:
    """Refuse a row with the one character that the database cannot hold."""
    for column, value in row.values.items():
        if "\0" in column or (isinstance(value, str) and "\0" in value):
            message = _("A text contains the character NUL.")
            return Row(row.number, {}, problem=FieldProblem("", "row_nul", message))
    return row
