"""The report of an import: every row, the reasons gathered, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from coordination.interop.report import Outcome, Report, Verdict
from coordination.interop.spreadsheet import without_formula
from coordination.records.errors import FieldProblem


def report() -> Report:
    swapped = FieldProblem("lon", "geometry_swapped", "Longitude and latitude seem to be swapped.")
    outcomes = [Outcome(number, Verdict.SKIPPED, problems=(swapped,)) for number in range(3, 10)]
    return Report(
        "shelters.csv",
        is_dry_run=True,
        outcomes=[
            Outcome(1, Verdict.KEPT, "SHL-1"),
            Outcome(2, Verdict.KEPT, "SHL-2", (FieldProblem("location", "unlocated", "Not said where."),)),
            *outcomes,
        ],
    )


def test_report_gathers_rows_by_reason() -> None:
    assert report().summary() == {
        "source": "shelters.csv",
        "dry_run": True,
        "read": 9,
        "kept": 2,
        "updated": 0,
        "unchanged": 0,
        "skipped": 7,
        "reasons": [
            {
                "verdict": "skipped",
                "code": "geometry_swapped",
                "field": "lon",
                "message": "Longitude and latitude seem to be swapped.",
                "rows": 7,
                "examples": [3, 4, 5, 6, 7],
            },
            {
                "verdict": "kept",
                "code": "unlocated",
                "field": "location",
                "message": "Not said where.",
                "rows": 1,
                "examples": [2],
            },
        ],
    }


def test_report_for_a_terminal_says_what_happened_and_why() -> None:
    assert list(report().lines()) == [
        "shelters.csv: 9 rows read",
        "        2 kept",
        "        0 updated",
        "        0 unchanged",
        "        7 skipped",
        "        7 skipped: lon: Longitude and latitude seem to be swapped. [geometry_swapped; rows 3, 4, 5, 6, 7, …]",
        "        1 kept: location: Not said where. [unlocated; rows 2]",
        "This was a dry run: nothing was written.",
    ]


def test_report_file_has_every_row(tmp_path: Path) -> None:
    report().write(tmp_path / "report.json")
    written = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert written["summary"] == report().summary()
    assert [row["row"] for row in written["rows"]] == list(range(1, 10))
    report().write(tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["verdict"], row["ref"], row["code"]) for row in rows[:3]] == [
        ("1", "kept", "SHL-1", ""),
        ("2", "kept", "SHL-2", "unlocated"),
        ("3", "skipped", "", "geometry_swapped"),
    ]


def test_report_table_starts_no_formula(tmp_path: Path) -> None:
    Report("x", False, [Outcome(1, Verdict.KEPT, "=1+1")]).write(tmp_path / "report.csv")
    assert "'=1+1" in (tmp_path / "report.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r1", " =1", "＝1+1", "\n=1"])
def test_cell_that_could_be_a_formula_is_marked_as_text(text: str) -> None:
    assert without_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "вул. Хрещатик, 1", "1-3", "a=b", "%0A=1+1"])
def test_cell_that_is_text_stays_as_it_is(text: str) -> None:
    assert without_formula(text) == text


def test_published_injections_are_marked(shared_data: Path) -> None:
    cells = (shared_data / "hostile/csv_injection.txt").read_text("utf-8").splitlines()
    # Nothing, and what is harmless unless somebody decodes it first.
    assert {cell for cell in cells if without_formula(cell) == cell} == {"", "%0A=1+1"}
