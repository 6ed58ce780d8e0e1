"""Running import commands and reading their reports."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command

Summary = dict[str, Any]


def run_import(command: str, path: Path, *options: str, report: Path | None = None) -> Summary:
    """Run an import and give the summary of its report, which is written beside the file unless told otherwise."""
    report = report or path.with_suffix(".report.json")
    call_command(command, str(path), *options, "--report", str(report), verbosity=0)
    summary: Summary = json.loads(report.read_text("utf-8"))["summary"]
    return summary


def counts(summary: Summary) -> tuple[int, ...]:
    """Give the numbers of rows read, kept, updated, unchanged and skipped."""
    return tuple(summary[name] for name in ("read", "kept", "updated", "unchanged", "skipped"))


def reasons(summary: Summary) -> dict[tuple[str, str, str], int]:
    """Give the number of rows by verdict, code and field."""
    return {(reason["verdict"], reason["code"], reason["field"]): reason["rows"] for reason in summary["reasons"]}


def mapped(*words: str) -> list[str]:
    """Give the options for words such as `field=column`."""
    return [part for word in words for part in ("--map", word)]


def table(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write rows as CSV; a row that lacks a column leaves it empty."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path
