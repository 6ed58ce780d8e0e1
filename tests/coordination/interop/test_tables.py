"""Reading tables: every format, and what a hostile or broken file does."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from coordination.interop import headings
from coordination.interop.rows import TableError
from coordination.interop.tables import read_table

WATER = {"item": "drinking_water", "total": "200", "name": "Вода, 1,5 л"}
BLANKETS = {"item": "blanket", "total": "50", "name": "Ковдри «теплі»"}
SHEET = "xl/worksheets/sheet1.xml"
WATER_AND_BLANKETS = [(2, WATER), (3, BLANKETS)]


def written(folder: Path, content: bytes | str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(rows: list[list[Any]], title: str = "Sheet") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rebuilt(content: bytes, parts: dict[str, bytes]) -> bytes:
    """Give a workbook with some of its parts replaced."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name) or old.read(name))
    return changed.getvalue()


def read(path: Path, **options: Any) -> list[tuple[int, dict[str, Any]]]:
    return [(row.number, dict(row.values)) for row in read_table(path, **options)]


def problems(path: Path) -> dict[int, str]:
    return {row.number: row.problem.code for row in read_table(path) if row.problem}


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(TableError) as caught:
        list(read_table(path, **options))
    assert caught.value.message
    return caught.value.code


CSV = 'item,total,name\ndrinking_water,200,"Вода, 1,5 л"\nblanket,50,Ковдри «теплі»\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_csv_in_any_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    assert read(written(tmp_path, CSV.encode(encoding))) == WATER_AND_BLANKETS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_with_any_delimiter_is_read(tmp_path: Path, delimiter: str, line_end: str) -> None:
    lines = [["item", "total", "name"], list(WATER.values()), list(BLANKETS.values())]
    text = line_end.join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    assert read(written(tmp_path, text)) == WATER_AND_BLANKETS


def test_csv_rows_keep_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    text = '#item,#qty\nitem,total\n\nwater,"1\n2"\n  ,\nblanket,3\n'
    path = written(tmp_path, text.partition("\n")[2])
    assert read(path) == [(3, {"item": "water", "total": "1\n2"}), (5, {"item": "blanket", "total": "3"})]


def test_row_of_hashtags_below_the_heading_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "Item,Total\n#item+code,#item+num\nwater,5\n#1,7\n")
    assert read(path) == [(3, {"Item": "water", "Total": "5"}), (4, {"Item": "#1", "Total": "7"})]


def test_csv_rows_that_cannot_be_read_are_named_and_the_others_read(tmp_path: Path) -> None:
    path = written(tmp_path, 'item,total\n"water" x,1\nwater,2,3\nwater,4,,\nwa\0ter,5\nbla\nblanket,6\n"open,7')
    assert problems(path) == {2: "row_unreadable", 3: "row_too_long", 5: "row_nul", 8: "row_unreadable"}
    assert [(number, values) for number, values in read(path) if values] == [
        (4, {"item": "water", "total": "4"}),
        (6, {"item": "bla"}),
        (7, {"item": "blanket", "total": "6"}),
    ]


WRONG_FILES = {
    "nothing": ("table.csv", b"", "table_empty"),
    "blank lines": ("table.csv", b"\n , \n", "table_empty"),
    "column twice": ("table.csv", b"item,total,item\n", "table_doubled_column"),
    "too many columns": ("table.csv", b",".join(b"c%d" % index for index in range(501)), "table_too_wide"),
    "heading without end": ("table.csv", b'"' + b"x" * 200_000, "row_unreadable"),
    "neither encoding": ("table.csv", b"item\n\x98\xff", "table_encoding"),
    "another format": ("table.pdf", b"%PDF", "table_format"),
    "number": ("table.json", b"5", "table_shape"),
    "object": ("table.json", b'{"rows": []}', "table_shape"),
    "features an object": ("table.geojson", b'{"type": "FeatureCollection", "features": {}}', "table_shape"),
    "not json": ("table.json", b"[", "json_malformed"),
    "bomb": ("table.json", b"[" * 100_000, "json_too_deep"),
    "metres": (
        "table.geojson",
        b'{"type": "FeatureCollection", "features": [], "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}',
        "geometry_crs",
    ),
    "not a workbook": ("table.xlsx", b"item,total", "table_unreadable"),
    "workbook cut off": ("table.xlsx", workbook([["item"], ["water"]])[:900], "table_unreadable"),
}


@pytest.mark.parametrize(("name", "content", "code"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_file_wrong_is_refused_by_name(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    assert refusal(written(tmp_path, content, name)) == code


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.csv") == "table_unreadable"


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headings, "MAX_ROWS", 3)
    assert len(read(written(tmp_path, "item\n" + "a\n" * 3))) == 3
    assert refusal(written(tmp_path, "item\n" + "a\n" * 4)) == "table_too_many_rows"


def test_json_objects_are_flattened(tmp_path: Path) -> None:
    content = [
        {"name": "A", "coordinate": {"lat": 50.3, "lng": {"deg": 34.9}}, "tags": ["x"]},
        5,
        {"a.b": 1, "a": {"b": 2}},
    ]
    path = written(tmp_path, b"\xef\xbb\xbf" + json.dumps(content).encode(), "table.json")
    assert read(path)[0] == (1, {"name": "A", "coordinate.lat": 50.3, "coordinate.lng.deg": 34.9, "tags": ["x"]})
    assert problems(path) == {2: "row_unreadable", 3: "row_unreadable"}


def test_geojson_features_have_their_geometry(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [30.5, 50.4]}
    features = [
        {"type": "Feature", "properties": {"a": {"b": 1}}, "geometry": point},
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": [], "geometry": point},
        point,
    ]
    path = written(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), "table.geojson")
    rows = list(read_table(path))
    assert [(row.number, row.values, row.geometry) for row in rows[:2]] == [(1, {"a.b": 1}, point), (2, {}, None)]
    assert problems(path) == {3: "row_unreadable", 4: "row_unreadable"}
    assert read(written(tmp_path, json.dumps(features[0]), "one.geojson")) == [(1, {"a.b": 1})]


def test_workbook_is_read_from_the_named_sheet(tmp_path: Path) -> None:
    path = written(tmp_path, workbook([["item", None, "total"], [], ["water", "x", 5.5]], "Склад"), "table.xlsx")
    expected = [(3, {"item": "water", "total": 5.5})]
    assert read(path) == expected
    assert read(path, sheet="Склад") == expected
    assert refusal(path, sheet="Інший") == "table_no_sheet"


def test_workbook_that_unpacks_into_too_much_is_refused_at_once(tmp_path: Path) -> None:
    bomb = rebuilt(workbook([["item"]]), {SHEET: b" " * (300 * 1024 * 1024)})
    path = written(tmp_path, bomb, "table.xlsx")
    assert path.stat().st_size < 1024 * 1024
    began = time.perf_counter()
    assert refusal(path) == "table_too_large"
    assert time.perf_counter() - began < 0.2


def test_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    bomb = rebuilt(workbook([["item"]]), {SHEET: laughs})
    assert refusal(written(tmp_path, bomb, "table.xlsx")) == "table_unreadable"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (b'<row r="99999999"><c r="A99999999"', "table_too_many_rows"),
        (b'<row r="2"><c r="XFD2"', "table_too_wide"),
    ],
)
def test_workbook_that_claims_a_huge_sheet_does_not_fill_the_memory(tmp_path: Path, place: bytes, code: str) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>item</t></is></c></row>' + place + b' t="inlineStr">'
        b"<is><t>x</t></is></c></row></sheetData></worksheet>"
    )
    assert refusal(written(tmp_path, rebuilt(workbook([["item"]]), {SHEET: sheet}), "table.xlsx")) == code


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["t.csv", "t.json", "t.geojson", "t.xlsx"]),
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
)
def test_whatever_comes_is_rows_or_a_refusal(tmp_path: Path, name: str, content: bytes) -> None:
    try:
        rows = list(read_table(written(tmp_path, content, name)))
    except TableError:
        return
    assert all(row.number > 0 for row in rows)


def test_naughty_strings_pass_through_a_table_unchanged(shared_data: Path, tmp_path: Path) -> None:
    naughty = json.loads((shared_data / "hostile/blns.json").read_text("utf-8"))
    path = written(tmp_path, json.dumps([{"name": text} for text in naughty]), "table.json")
    assert [values["name"] for _number, values in read(path)] == naughty


def test_real_workbook_with_text_beside_the_table_loses_only_those_rows(shared_data: Path) -> None:
    path = shared_data / "humanitarian/iom_dtm_idps_r14_hxl.xlsx"
    assert problems(path) == {2: "row_too_long", 8: "row_too_long"}
    assert len(read(path)) == 27
