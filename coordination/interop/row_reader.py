"""One row read through a mapping: values of the right type, or a named problem; nothing is guessed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import GEOSGeometry, Point
from django.utils.translation import gettext as _

from coordination.geo.gate import Bounds, GeometryError, parse_geometry, parse_point
from coordination.interop.mapping import FieldMapping, folded
from coordination.interop.rows import Row
from coordination.records.errors import FieldProblem

T = TypeVar("T")
G = TypeVar("G", bound=GEOSGeometry)

BOOLEANS = {
    **dict.fromkeys(["true", "yes", "1", "так", "є"], True),
    **dict.fromkeys(["false", "no", "0", "ні", "немає"], False),
}
WHOLE_NUMBER = re.compile(r"-?\d{1,15}(\.0+)?", re.ASCII)
# Spreadsheets set to Ukrainian write a comma.
DEGREES = re.compile(r"-?\d{1,3}([.,]\d{1,20})?", re.ASCII)
YEAR_FIRST = re.compile(
    r"(\d{4})([-/])(\d\d)\2(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
# With dots the day comes first, everywhere; with slashes nobody can tell, so such dates are not read.
DAY_FIRST = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?:[ T](\d\d:\d\d(?::\d\d)?))?", re.ASCII)


class RowRefused(ValueError):
    """Say why a row is not taken."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = FieldProblem(field, code, message)


class RowReader:
    """Read one row's fields; `notes` are what a person should look at although the row is taken."""

    def __init__(self, row: Row, mapping: FieldMapping) -> None:
        self.row = row
        self.notes: list[FieldProblem] = []
        self._mapping = mapping

    def need(self, field: str, value: T | None) -> T:
        """Give a value that must be there.

        Raises RowRefused: when it is not.
        """
        if value is not None and value != "":
            return value
        for note in self.notes:
            if note.field == field:
                raise RowRefused(field, note.code, str(note.message))
        raise RowRefused(field, "required", _("This must not be empty."))

    def note(self, field: str, code: str, message: str) -> None:
        """Add a note for people to this row."""
        self.notes.append(FieldProblem(field, code, message))

    def source_ref(self, field: str = "client_ref") -> str:
        """Give the source's own key for this row, or the fingerprint of all it says."""
        if said := self.text(field):
            return said
        content = json.dumps([dict(self.row.values), self.row.geometry], sort_keys=True, default=str)
        return f"row:{hashlib.sha256(content.encode()).hexdigest()[:32]}"

    def text(self, field: str) -> str:
        """Give a text without outer blanks, or an empty one."""
        value = self._first(field)
        return "" if value is None else _as_text(value)

    def choice(self, field: str, choices: Collection[str]) -> str | None:
        """Give one of our codes, as the mapping translates the file's words; None and a note for words it lacks."""
        return next(iter(self.choices(field, choices)), None)

    def choices(self, field: str, choices: Collection[str]) -> list[str]:
        """Give all of our codes that the row names."""
        codes = self._codes(field, {folded(code): code for code in choices})
        return [code for code in dict.fromkeys(codes) if code in choices]

    def texts(self, field: str) -> list[str]:
        """Give several texts, translated where the field has a table; what the table lacks is noted and left out."""
        return list(dict.fromkeys(self._codes(field)))

    def boolean(self, field: str) -> bool | None:
        """Give yes or no; None where the row does not say, with a note where it says something else."""
        return next((code for code in self._codes(field, BOOLEANS) if isinstance(code, bool)), None)

    def integer(self, field: str) -> int | None:
        """Give a whole number; None where there is none, with a note where there is something else."""
        value = self._first(field)
        if value is None:
            return None
        words = self._words(field, value)
        if len(words) == 1 and WHOLE_NUMBER.fullmatch(words[0].strip()):
            return int(float(words[0]))
        if words:
            self._note_unknown(field)
        return None

    def moment(self, field: str) -> datetime | None:
        """Give a moment; a day without a time is taken from its beginning, in the mapping's zone, and noted.

        Raises RowRefused: when it cannot be told which moment is meant.
        """
        value = self._first(field)
        if value is None:
            return None
        if isinstance(value, datetime):
            moment, has_time = value, True
        else:
            moment, has_time = _parsed_moment(field, str(value).strip())
        if not has_time:
            self.note(field, "day_only", _("Only the day is known; it is taken from its beginning."))
        return _in_utc(field, moment, self._mapping.time_zone)

    def point(self, bounds: Bounds) -> Point | None:
        """Give the row's place from the fields `lon` and `lat` where they are mapped, else from its geometry.

        Raises RowRefused: when it has only half of a place, or one that the gate refuses.
        """
        if "lon" in self._mapping.columns and "lat" in self._mapping.columns:
            lon, lat = self._first("lon"), self._first("lat")
            if lon is None and lat is None:
                return None
            return self._gated("lon", lambda: parse_point(_degrees(lon), _degrees(lat), bounds=bounds))
        if self.row.geometry is None:
            return None
        geometry = self.geometry(("Point",), bounds)
        return geometry if isinstance(geometry, Point) else None

    def geometry(self, allowed: tuple[str, ...], bounds: Bounds, **limits: int) -> GEOSGeometry:
        """Give the row's geometry.

        Raises RowRefused: when the gate refuses it.
        """
        return self._gated(
            "geometry", lambda: parse_geometry(self.row.geometry, allowed=allowed, bounds=bounds, **limits)
        )

    def _gated(self, field: str, parse: Callable[[], G]) -> G:
        try:
            return parse()
        except GeometryError as error:
            raise RowRefused(field, error.code, error.message) from None

    def _first(self, field: str) -> Any:
        return next(iter(self._mapping.raw_values(self.row, field)), None)

    def _codes(self, field: str, known: Mapping[str, Any] | None = None) -> list[Any]:
        """Translate what the row says; a word that stands for nothing we know leaves a note."""
        codes: list[Any] = []
        for value in self._mapping.raw_values(self.row, field):
            for word in self._words(field, value):
                code = self._code(field, word, known)
                codes += code if isinstance(code, list) else [code]
        if None in codes:
            self._note_unknown(field)
        return [code for code in codes if code is not None]

    def _words(self, field: str, value: Any) -> list[str]:
        if isinstance(value, list):
            return [_as_text(item) for item in value]
        if field in self._mapping.patterns:
            return self._sought(field, _as_text(value))
        separator = self._mapping.separators.get(field)
        return _as_text(value).split(separator) if separator else [_as_text(value)]

    def _code(self, field: str, word: str, known: Mapping[str, Any] | None) -> Any:
        table = self._mapping.codes.get(field, {})
        if folded(word) in table:
            return table[folded(word)]
        if known is not None:
            return known.get(folded(word))
        # Without a table the file speaks in our own codes.
        return None if table else word.strip()

    def _sought(self, field: str, text: str) -> list[str]:
        found: list[str] = []
        for pattern, code in self._mapping.patterns[field]:
            for match in pattern.finditer(text):
                found.append(match[1] if code is None else code)
                if code is None and pattern.groups > 1 and match[2]:
                    self.note(field, "lower_bound", _("The file says “at least”; the number is taken as the least."))
        return found

    def _note_unknown(self, field: str) -> None:
        self.note(field, "unknown_value", _("The file says something here whose meaning is not known; it is left out."))


def _as_text(value: Any) -> str:
    """Give a value as text; spreadsheets hold every number as a fraction."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value).strip()


def _degrees(value: Any) -> Any:
    """Give a number that a table holds as text; the gate says what is wrong with anything else."""
    if isinstance(value, str) and DEGREES.fullmatch(value.strip()):
        return float(value.strip().replace(",", "."))
    return value


def _parsed_moment(field: str, text: str) -> tuple[datetime, bool]:
    if found := YEAR_FIRST.fullmatch(text):
        year, _sign, month, day, clock, zone = found.groups()
    elif found := DAY_FIRST.fullmatch(text):
        day, month, year, clock = found.groups()
        zone = None
    else:
        raise RowRefused(field, "moment_unreadable", _("This is not a date that can be read in one way only."))
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{clock or time.min}{zone or ''}"), clock is not None
    except ValueError:
        raise RowRefused(field, "moment_unreadable", _("There is no such day or time.")) from None


def _in_utc(field: str, moment: datetime, zone: ZoneInfo) -> datetime:
    """Give a moment in UTC; one that does not name its zone is in the file's."""
    try:
        universal = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        local = universal.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise RowRefused(field, "moment_unreadable", _("There is no such day or time.")) from None
    # In the hour that summer time skips there is no such moment; in the one that it repeats the first is taken.
    if moment.tzinfo is None and local != moment:
        raise RowRefused(field, "moment_skipped", _("There was no such time: the clocks were set forward."))
    return universal
