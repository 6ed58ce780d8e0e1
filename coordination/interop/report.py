"""The report of an import: what became of each row, and why."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coordination.interop.spreadsheet import without_formula
from coordination.records.errors import FieldProblem

MAX_EXAMPLES = 5


class Verdict(StrEnum):
    KEPT = "kept"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"


VERDICTS = {
    Verdict.KEPT: gettext_lazy("kept"),
    Verdict.UPDATED: gettext_lazy("updated"),
    Verdict.UNCHANGED: gettext_lazy("unchanged"),
    Verdict.SKIPPED: gettext_lazy("skipped"),
}


@dataclass(frozen=True)
class Outcome:
    """What became of one row; `problems` say why it was skipped, or what to look at although it was not.

    They never repeat what the row says, which may be personal.
    """

    number: int
    verdict: Verdict
    ref: str = ""
    problems: tuple[FieldProblem, ...] = ()


@dataclass
class Report:
    """All outcomes, in the order of the file."""

    source: str
    is_dry_run: bool
    outcomes: list[Outcome] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Count rows by verdict, and by the reason with the first few of the rows that it is about."""
        verdicts = Counter(outcome.verdict for outcome in self.outcomes)
        return {
            "source": self.source,
            "dry_run": self.is_dry_run,
            "read": len(self.outcomes),
            **{verdict.value: verdicts[verdict] for verdict in Verdict},
            "reasons": [
                {**reason, "rows": len(numbers), "examples": numbers[:MAX_EXAMPLES]}
                for reason, numbers in self._reasons()
            ],
        }

    def write(self, path: Path) -> None:
        """Write all rows into a file: a table if its name ends in .csv, else JSON with the summary."""
        with path.open("w", encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8", newline="") as file:
            if path.suffix == ".csv":
                self._write_table(file)
            else:
                rows = [_as_members(outcome) for outcome in self.outcomes]
                json.dump({"summary": self.summary(), "rows": rows}, file, ensure_ascii=False, indent=1)

    def lines(self) -> Iterator[str]:
        """Give the summary as lines for a terminal."""
        summary = self.summary()
        read = summary["read"]
        heading = ngettext("%(source)s: %(count)d row read", "%(source)s: %(count)d rows read", read)
        yield heading % {"source": self.source, "count": read}
        for verdict, label in VERDICTS.items():
            yield f"  {summary[verdict.value]:>7} {label}"
        for reason in summary["reasons"]:
            yield f"  {reason['rows']:>7} {VERDICTS[Verdict(reason['verdict'])]}: {_described(reason)}"
        if self.is_dry_run:
            yield _("This was a dry run: nothing was written.")

    def _reasons(self) -> list[tuple[dict[str, str], list[int]]]:
        found: dict[tuple[str, ...], list[int]] = {}
        for outcome in self.outcomes:
            for problem in outcome.problems:
                reason = (outcome.verdict.value, problem.code, problem.field, str(problem.message))
                found.setdefault(reason, []).append(outcome.number)
        # Messages may name places or counts; what differs in these only is one reason.
        merged: dict[tuple[str, str, str], tuple[str, list[int]]] = {}
        for (verdict, code, name, message), numbers in found.items():
            merged.setdefault((verdict, code, name), (message, []))[1].extend(numbers)
        ordered = sorted(merged.items(), key=lambda item: (-len(item[1][1]), item[0]))
        return [
            ({"verdict": verdict, "code": code, "field": name, "message": message}, sorted(numbers))
            for (verdict, code, name), (message, numbers) in ordered
        ]

    def _write_table(self, file: TextIO) -> None:
        table = csv.writer(file)
        table.writerow(["row", "verdict", "ref", "field", "code", "message"])
        for outcome in self.outcomes:
            for problem in outcome.problems or (FieldProblem("", "", ""),):
                told = (outcome.ref, problem.field, problem.code, str(problem.message))
                table.writerow([outcome.number, outcome.verdict.value, *map(without_formula, told)])


def _described(reason: dict[str, Any]) -> str:
    name = f"{reason['field']}: " if reason["field"] else ""
    examples = ", ".join(map(str, reason["examples"]))
    return _("%(name)s%(message)s [%(code)s; rows %(rows)s]") % {
        "name": name,
        "message": reason["message"],
        "code": reason["code"],
        "rows": examples + (", …" if reason["rows"] > len(reason["examples"]) else ""),
    }


def _as_members(outcome: Outcome) -> dict[str, Any]:
    problems = [
        {"field": problem.field, "code": problem.code, "message": str(problem.message)} for problem in outcome.problems
    ]
    return {"row": outcome.number, "verdict": outcome.verdict.value, "ref": outcome.ref, "problems": problems}
