"""Mappings: from which column a field comes, and what a file's words mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from coordination.interop.rows import Row
from coordination.interop.strict_json import JSONError, strict_json

# How files say that there is nothing.
NOTHING = frozenset({"", "<null>", "null", "none", "nan", "n/a"})
UTC = ZoneInfo("UTC")
# In Ukrainian words the apostrophe is typed in three ways.
APOSTROPHES = str.maketrans("\u2019\u02bc", "''")
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class MappingError(ValueError):
    """Say what is wrong with a mapping, in words for people."""


@dataclass(frozen=True)
class FieldMapping:
    """How fields are filled; `FieldMapping.read` tells the form that it has as a file.

    `columns`: the first of a field's columns that says something counts. `constants`: a value for every row, a text
    may name columns in braces. `codes`: what the file's words mean, compared without case and outer blanks.
    `patterns`: expressions sought in a text, each with the code that it stands for, or null for the number that its
    first group found; a second group, where it found something, says that the number is a lower bound.
    `separators`: what parts the values of a field that holds several.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[tuple[re.Pattern[str], str | None], ...]] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)
    time_zone: ZoneInfo = UTC

    @classmethod
    def read(cls, path: Path) -> FieldMapping:
        """Read a mapping from a JSON object with the members `columns`, `constants` and so on, each optional.

        Raises MappingError: when it is not one.
        """
        try:
            members = strict_json(path.read_bytes())
            return cls(
                columns={name: _as_tuple(value) for name, value in members.pop("columns", {}).items()},
                constants=dict(members.pop("constants", {})),
                codes={name: _folded(table) for name, table in members.pop("codes", {}).items()},
                patterns={name: _compiled(pairs) for name, pairs in members.pop("patterns", {}).items()},
                separators=dict(members.pop("separators", {})),
                time_zone=ZoneInfo(members.pop("time_zone", "UTC")),
                **members,
            )
        except OSError as error:
            message = _("The mapping cannot be opened: %(reason)s.") % {"reason": error.strerror}
        except JSONError as error:
            message = error.message
        except (TypeError, ValueError, AttributeError, re.error, ZoneInfoNotFoundError):
            message = _("The mapping is not a JSON object of the form that the documentation shows.")
        raise MappingError(message)

    def changed_by(self, words: Iterable[str]) -> FieldMapping:
        """Give this mapping with some fields mapped anew: `field=column`, or `field:=constant`.

        A field named with several columns takes the first that says something.
        Raises MappingError: for a word of neither form.
        """
        columns: dict[str, tuple[str, ...]] = {}
        constants: dict[str, Any] = {}
        for word in words:
            name, sign, source = word.partition("=")
            if not sign or not name.strip(":") or not source:
                message = _("“%(word)s” is neither field=column nor field:=constant.")
                raise MappingError(message % {"word": word})
            if name.endswith(":"):
                constants[name[:-1]] = source
            else:
                columns[name] = (*columns.get(name, ()), source)
        kept_columns = {name: value for name, value in self.columns.items() if name not in constants}
        kept_constants = {name: value for name, value in self.constants.items() if name not in columns}
        return FieldMapping(
            columns={**kept_columns, **columns},
            constants={**kept_constants, **constants},
            codes=self.codes,
            patterns=self.patterns,
            separators=self.separators,
            time_zone=self.time_zone,
        )

    def check(self, fields: Iterable[str], rows: Iterable[Row]) -> None:
        """Make sure that fields and columns exist: a slip of the pen would otherwise leave a field empty everywhere.

        Raises MappingError: naming those that do not.
        """
        unknown = sorted({*self.columns, *self.constants, *self.codes, *self.patterns} - set(fields))
        if unknown:
            message = _("There is no field %(names)s. Fields: %(fields)s.")
            raise MappingError(message % {"names": ", ".join(unknown), "fields": ", ".join(sorted(fields))})
        named = {column for columns in self.columns.values() for column in columns}
        for value in self.constants.values():
            if isinstance(value, str):
                named.update(PLACEHOLDER.findall(value))
        missing = sorted(named - {column for row in rows for column in row.values})
        if missing:
            raise MappingError(_("The file has no column %(names)s.") % {"names": ", ".join(missing)})

    def raw_values(self, row: Row, name: str) -> list[Any]:
        """Give what a row says for a field, untranslated: of its columns those that say something, or its constant."""
        if name in self.constants:
            value = self._filled_in(self.constants[name], row)
            return [] if says_nothing(value) else [value]
        values = (row.values.get(column) for column in self.columns.get(name, ()))
        return [value for value in values if not says_nothing(value)]

    def _filled_in(self, value: Any, row: Row) -> Any:
        if not isinstance(value, str):
            return value
        named = {column: row.values.get(column) for column in PLACEHOLDER.findall(value)}
        if any(says_nothing(part) for part in named.values()):
            return None
        return PLACEHOLDER.sub(lambda found: str(named[found[1]]).strip(), value)


def says_nothing(value: Any) -> bool:
    """Tell a value that stands for none; a number that is not one is among them, as spreadsheets write it."""
    return value is None or value != value or (isinstance(value, str) and value.strip().casefold() in NOTHING)


def folded(text: str) -> str:
    """Give a text as it is compared: without case and doubled or outer blanks, all apostrophes alike."""
    return " ".join(text.translate(APOSTROPHES).split()).casefold()


def _as_tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _folded(table: Mapping[str, Any]) -> dict[str, Any]:
    return {folded(word): code for word, code in table.items()}


def _compiled(pairs: Iterable[tuple[str, str | None]]) -> tuple[tuple[re.Pattern[str], str | None], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), code) for pattern, code in pairs)
