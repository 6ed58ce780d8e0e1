"""Rows read through mappings: typed values, notes where something is left out, refusals instead of guesses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.interop.mapping import FieldMapping, MappingError
from coordination.interop.row_reader import RowReader, RowRefused
from coordination.interop.rows import Row

KINDS = ("open", "closed")
BOUNDS = (22.0, 44.2, 40.3, 52.5)
KYIV_TIME = {"time_zone": "Europe/Kyiv"}


def mapping(folder: Path, **members: Any) -> FieldMapping:
    path = folder / "mapping.json"
    path.write_text(json.dumps(members, ensure_ascii=False), "utf-8")
    return FieldMapping.read(path)


def reader(values: dict[str, Any], *words: str, base: FieldMapping | None = None, geometry: Any = None) -> RowReader:
    return RowReader(Row(1, values, geometry), (base or FieldMapping()).changed_by(words))


def notes(of: RowReader) -> list[tuple[str, str]]:
    return [(note.field, note.code) for note in of.notes]


@pytest.mark.parametrize("nothing", ["", "  ", "<Null>", "null", "None", "NaN", "n/a", None, float("nan")])
def test_nothing_said_is_nothing_in_every_type(nothing: Any) -> None:
    row = reader({"x": nothing}, "a=x", "lon=x", "lat=x")
    assert (row.text("a"), row.integer("a"), row.moment("a"), row.boolean("a"), row.choice("a", KINDS)) == (
        "",
        *[None] * 4,
    )
    assert row.point(BOUNDS) is None
    assert notes(row) == []


def test_first_column_that_says_something_counts() -> None:
    assert reader({"x": " ", "y": "b", "z": "c"}, "a=x", "a=y", "a=z").text("a") == "b"


def test_constants_may_name_columns(tmp_path: Path) -> None:
    base = mapping(tmp_path, constants={"a": "Hit: {x}, {y}", "b": True, "c": "all {z}"})
    row = reader({"x": "Kyiv", "y": 5, "z": None}, base=base)
    assert (row.text("a"), row.text("b"), row.text("c")) == ("Hit: Kyiv, 5", "True", "")


def test_later_words_replace_the_mapping_of_a_file(tmp_path: Path) -> None:
    base = mapping(tmp_path, columns={"a": "x", "b": "x"}, constants={"c": "1"})
    row = reader({"x": "1", "y": "2"}, "a=y", "b:=const", "c=y", base=base)
    assert (row.text("a"), row.text("b"), row.text("c")) == ("2", "const", "2")


def test_words_of_the_file_are_translated_without_regard_to_case(tmp_path: Path) -> None:
    base = mapping(tmp_path, columns={"kind": "x"}, codes={"kind": {"Відчинено": "open", "Солом'янка": "closed"}})
    assert reader({"x": " ВІДЧИНЕНО\n"}, base=base).choice("kind", KINDS) == "open"
    assert reader({"x": "солом’янка"}, base=base).choice("kind", KINDS) == "closed"
    assert reader({"x": "Open"}, base=base).choice("kind", KINDS) == "open"


def test_word_without_meaning_is_left_out_with_a_note_and_refused_where_needed() -> None:
    row = reader({"x": "ajar"}, "kind=x")
    assert row.choice("kind", KINDS) is None
    assert notes(row) == [("kind", "unknown_value")]
    with pytest.raises(RowRefused) as caught:
        row.need("kind", None)
    assert (caught.value.problem.field, caught.value.problem.code) == ("kind", "unknown_value")


def test_several_words_are_parted_and_each_translated(tmp_path: Path) -> None:
    base = mapping(
        tmp_path,
        columns={"areas": "x"},
        separators={"areas": " and "},
        codes={"areas": {"Sumy oblast": "UA59", "north": ["UA74", "UA59"]}},
    )
    row = reader({"x": "Sumy oblast and north and the sea"}, base=base)
    assert row.texts("areas") == ["UA59", "UA74"]
    assert notes(row) == [("areas", "unknown_value")]


PLACES = {
    "Місткість 50. Позначка +": (50, []),
    "Місткість понад 200 +": (200, ["lower_bound"]),
    "Світло.Місткість 80 +. Відкрито": (80, ["lower_bound"]),
    "Місткість 50 або місткість 70": (None, ["unknown_value"]),
    "Закрито, ключі у мешканців": (None, []),
    "Місткість невідома": (None, []),
}


@pytest.mark.parametrize(("text", "expected"), PLACES.items())
def test_number_in_words_is_taken_only_when_it_is_the_only_one(
    tmp_path: Path, text: str, expected: tuple[int | None, list[str]]
) -> None:
    pattern = r"місткість\s*(?:понад\s*)?(\d+)\s*(\+)?"
    row = reader({"x": text}, base=mapping(tmp_path, columns={"total": "x"}, patterns={"total": [[pattern, None]]}))
    assert (row.integer("total"), [code for _field, code in notes(row)]) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12", 12), (12, 12), (12.0, 12), ("12.0", 12), ("-3", -3), (" 7 ", 7)]
    + [(wrong, None) for wrong in ("1,000", "1 000", "12.5", 12.5, "12+", "1e3", "٣", "²", "dozen", True, ["1", "2"])],
)
def test_whole_number_is_read_or_noted(value: Any, expected: int | None) -> None:
    row = reader({"x": value}, "a=x")
    assert row.integer("a") == expected
    assert notes(row) == ([] if expected is not None else [("a", "unknown_value")])


MOMENTS = {
    "2024-12-25T07:30:00+02:00": datetime(2024, 12, 25, 5, 30, tzinfo=UTC),
    "2024-12-25T07:30Z": datetime(2024, 12, 25, 7, 30, tzinfo=UTC),
    "2024-12-25 07:30": datetime(2024, 12, 25, 5, 30, tzinfo=UTC),
    "2024/07/08 10:00:30": datetime(2024, 7, 8, 7, 0, 30, tzinfo=UTC),
    "25.12.2024 07:30": datetime(2024, 12, 25, 5, 30, tzinfo=UTC),
    # The hour that is repeated in autumn: the first of the two.
    "2024-10-27 03:30": datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
}


@pytest.mark.parametrize(("text", "expected"), MOMENTS.items())
def test_moment_is_read_in_the_zone_of_the_file(tmp_path: Path, text: str, expected: datetime) -> None:
    row = reader({"x": text}, "a=x", base=mapping(tmp_path, **KYIV_TIME))
    assert (row.moment("a"), notes(row)) == (expected, [])


@pytest.mark.parametrize("text", ["2022/12/13", "2022-12-13", "13.12.2022", "2022-12-13 "])
def test_day_without_a_time_is_taken_from_its_beginning_and_noted(tmp_path: Path, text: str) -> None:
    row = reader({"x": text}, "a=x", base=mapping(tmp_path, **KYIV_TIME))
    assert row.moment("a") == datetime(2022, 12, 13, tzinfo=timezone(timedelta(hours=2)))
    assert notes(row) == [("a", "day_only")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12/13/2022", "moment_unreadable"),
        ("2022-13-01", "moment_unreadable"),
        ("2022-02-30", "moment_unreadable"),
        ("2022-12-13 25:00", "moment_unreadable"),
        ("20221213", "moment_unreadable"),
        ("yesterday", "moment_unreadable"),
        (20221213, "moment_unreadable"),
        ("2024-03-31 03:30", "moment_skipped"),
        ("0001-01-01", "moment_unreadable"),
    ],
)
def test_moment_that_may_mean_two_things_or_none_is_refused(tmp_path: Path, text: Any, code: str) -> None:
    with pytest.raises(RowRefused) as caught:
        reader({"x": text}, "a=x", base=mapping(tmp_path, **KYIV_TIME)).moment("a")
    assert caught.value.problem.code == code


def test_place_comes_from_two_columns_or_the_geometry() -> None:
    geometry = {"type": "Point", "coordinates": [36.2, 49.9]}
    texts = reader({"x": "30,5234", "y": "50.4501"}, "lon=x", "lat=y", geometry=geometry).point(BOUNDS)
    assert texts is not None
    assert texts.coords == (30.5234, 50.4501)
    feature = reader({}, geometry=geometry).point(BOUNDS)
    assert feature is not None
    assert feature.coords == (36.2, 49.9)
    assert reader({}).point(BOUNDS) is None


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("50.4501", "30.5234", "geometry_swapped"),
        ("30.5", "", "geometry_not_number"),
        ("30.5", "50°27'", "geometry_not_number"),
        ("3.0e1", "50.4", "geometry_not_number"),
        ("1,000.5", "50.4", "geometry_not_number"),
        (0, 0, "geometry_out_of_bounds"),
    ],
)
def test_place_wrong_or_half_is_refused(lon: Any, lat: Any, code: str) -> None:
    with pytest.raises(RowRefused) as caught:
        reader({"x": lon, "y": lat}, "lon=x", "lat=y").point(BOUNDS)
    assert caught.value.problem.code == code


def test_row_without_a_key_of_its_own_has_a_fingerprint() -> None:
    first, same, other = ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "1", "b": "3"})
    assert reader(first).source_ref() == reader(same).source_ref() != reader(other).source_ref()
    assert reader(first, "client_ref=a").source_ref() == "1"
    assert reader(first, geometry={}).source_ref() != reader(first).source_ref()


@pytest.mark.parametrize(
    "content",
    [
        "5",
        "[]",
        '{"columns": 5}',
        '{"colums": {}}',
        '{"codes": {"a": 5}}',
        '{"patterns": {"a": [["(", "x"]]}}',
        '{"time_zone": "Kyiv/Europe"}',
        '{"time_zone": "../etc/passwd"}',
        "{",
    ],
)
def test_mapping_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(content)
    with pytest.raises(MappingError):
        FieldMapping.read(path)


@given(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.datetimes(), st.lists(st.text(), max_size=3)
    )
)
def test_whatever_a_cell_holds_is_read_or_refused(value: Any) -> None:
    row = reader({"x": value}, "a=x", "lon=x", "lat=x", geometry=value)
    row.text("a"), row.integer("a"), row.boolean("a"), row.choices("a", KINDS), row.texts("a"), row.source_ref()
    for read in (lambda: row.moment("a"), lambda: row.point(BOUNDS), lambda: row.geometry(("Polygon",), BOUNDS)):
        try:
            read()
        except RowRefused as refusal:
            assert refusal.problem.code  # noqa: PT017 - it need not be refused
