"""The command that all imports are: rows of a file, through a mapping, one by one into the verbs of other doors."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from tqdm import tqdm

from coordination.interop.mapping import FieldMapping, MappingError
from coordination.interop.report import Outcome, Report, Verdict
from coordination.interop.row_reader import RowReader, RowRefused
from coordination.interop.rows import Row, TableError
from coordination.interop.tables import read_table
from coordination.records.errors import DomainError, FieldProblem


class ImportCommand(BaseCommand, ABC):
    """Read a file and report row by row; a bad row is reported and skipped, never guessed and never fatal.

    A subclass names its `fields`, the folder of its `presets`, and writes `import_row`. Rows are written each in its
    own transaction; a dry run does the same and takes all of it back.
    """

    fields: tuple[str, ...] = ()
    presets: Path | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the mapping and where the report goes."""
        parser.add_argument("file", type=Path, help=_("GeoJSON, CSV, JSON or XLSX"))
        parser.set_defaults(preset=None)
        if self.presets:
            names = sorted(path.stem for path in self.presets.glob("*.json"))
            parser.add_argument("--preset", choices=names, help=_("a mapping that comes with the system"))
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help=_("field=column, field:=constant, or a JSON file with a mapping; fields: %(names)s")
            % {"names": ", ".join(self.fields)},
        )
        parser.add_argument("--sheet", help=_("the sheet of a workbook; the first without it"))
        parser.add_argument("--dry-run", action="store_true", help=_("write nothing, only report"))
        parser.add_argument("--report", type=Path, metavar="FILE", help=_("write all rows into a .json or .csv file"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report."""
        try:
            mapping = self._mapping(options["preset"], options["map"])
            rows = list(read_table(options["file"], sheet=options["sheet"]))
            mapping.check(self.fields, rows)
        except (TableError, MappingError) as error:
            raise CommandError(str(error)) from None
        self._seen: dict[str, int] = {}
        self.prepare(options)
        report = Report(options["file"].name, options["dry_run"])
        with transaction.atomic() if options["dry_run"] else nullcontext():
            self._import(rows, mapping, report)
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["report"]:
            report.write(options["report"])
        if options["verbosity"]:
            for line in report.lines():
                self.stdout.write(line)

    def prepare(self, options: Mapping[str, Any]) -> None:
        """Look up what all rows share."""

    @abstractmethod
    def import_row(self, reader: RowReader) -> tuple[Verdict, str]:
        """Write one row and give what became of it and its reference.

        Raises RowRefused, DomainError: when it cannot be written.
        """

    def refuse_repeated(self, reader: RowReader, source_ref: str) -> None:
        """Make sure that no row before this one has the same key.

        Raises RowRefused: when one has.
        """
        first = self._seen.setdefault(source_ref, reader.row.number)
        if first != reader.row.number:
            raise RowRefused("", "duplicate_row", _("Row %(number)d says the same.") % {"number": first})

    def _mapping(self, preset: str | None, words: list[str]) -> FieldMapping:
        files = [Path(word) for word in words if "=" not in word]
        if preset and self.presets:
            files.insert(0, self.presets / f"{preset}.json")
        if len(files) > 1:
            raise MappingError(_("Only one preset or file with a mapping can be used at a time."))
        mapping = FieldMapping.read(files[0]) if files else FieldMapping()
        return mapping.changed_by(word for word in words if "=" in word)

    def _import(self, rows: list[Row], mapping: FieldMapping, report: Report) -> None:
        # disable=None: a bar on a terminal, silence in a log.
        for row in tqdm(rows, desc=report.source, unit="", disable=None, file=sys.stderr):
            report.outcomes.append(self._outcome(RowReader(row, mapping)))

    def _outcome(self, reader: RowReader) -> Outcome:
        number = reader.row.number
        if reader.row.problem:
            return Outcome(number, Verdict.SKIPPED, problems=(reader.row.problem,))
        try:
            verdict, ref = self.import_row(reader)
        except RowRefused as refusal:
            return Outcome(number, Verdict.SKIPPED, problems=(refusal.problem,))
        except DomainError as refusal:
            problems = refusal.problems or (FieldProblem(refusal.field or "", refusal.code, refusal.message),)
            return Outcome(number, Verdict.SKIPPED, problems=problems)
        return Outcome(number, verdict, ref, tuple(reader.notes))
