"""Loading administrative areas: by code, again and again, and from the real files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError

from coordination.areas.models import Area
from tests.importing import Summary, counts, mapped, reasons, run_import

pytestmark = pytest.mark.django_db

SQUARE = [[[24.0, 49.0], [25.0, 49.0], [25.0, 50.0], [24.0, 50.0], [24.0, 49.0]]]
BOW_TIE = [[[24.0, 49.0], [25.0, 50.0], [25.0, 49.0], [24.0, 50.0], [24.0, 49.0]]]
MAP = mapped("pcode=code", "katottg=katottg", "level=level", "name_uk=name", "name_en=name_en", "parent=parent")


def load(path: Path, *options: str, **where: Path) -> Summary:
    return run_import("load_areas", path, *options, **where)


def areas(folder: Path, *rows: str) -> Path:
    path = folder / "areas.csv"
    path.write_text("\n".join(["code,katottg,level,name,name_en,parent", *rows]), "utf-8")
    return path


def test_areas_are_made_with_their_parents(tmp_path: Path) -> None:
    path = areas(tmp_path, "UA46,,1,Львівська,Lvivska,", "UA4606,UA46060000000042587,2,Львівський,Lvivskyi,UA46")
    assert counts(load(path, *MAP)) == (2, 2, 0, 0, 0)
    raion = Area.objects.get(katottg="UA46060000000042587")
    assert (raion.pcode, raion.level, raion.name_uk, raion.name_en, raion.parent) == (
        "UA4606",
        Area.Level.RAION,
        "Львівський",
        "Lvivskyi",
        Area.objects.get(pcode="UA46"),
    )


def test_areas_loaded_again_are_unchanged_and_renamed_ones_updated(tmp_path: Path) -> None:
    load(areas(tmp_path, "UA46,,1,Львівська,,", "UA05,,1,Вінницька,,"), *MAP)
    again = areas(tmp_path, "UA46,,1,Львівська,Lvivska,", "UA05,,1,Вінницька,,")
    assert counts(load(again, *MAP)) == (2, 0, 1, 1, 0)
    assert sorted(Area.objects.values_list("pcode", "name_en")) == [("UA05", ""), ("UA46", "Lvivska")]


def test_what_is_known_is_kept_when_asked(tmp_path: Path) -> None:
    load(areas(tmp_path, "UA46,,1,Львівська область,,"), *MAP)
    assert counts(load(areas(tmp_path, "UA46,,1,Львівська,Lvivska,"), *MAP, "--keep")) == (1, 0, 1, 0, 0)
    area = Area.objects.get(pcode="UA46")
    assert (area.name_uk, area.name_en) == ("Львівська область", "Lvivska")


def test_dry_run_reports_and_writes_nothing(tmp_path: Path) -> None:
    path = areas(tmp_path, "UA46,,1,Львівська,,", "UA4606,,2,Львівський,,UA46")
    assert counts(load(path, *MAP, "--dry-run")) == (2, 2, 0, 0, 0)
    assert not Area.objects.exists()


def test_bad_rows_are_named_and_the_others_loaded(tmp_path: Path) -> None:
    Area.objects.create(pcode="UA51", level=1, name_uk="Одеська")
    Area.objects.create(katottg="UA51000000000030770", level=1, name_uk="Одеська ще раз")
    path = areas(
        tmp_path,
        ",,1,Без коду,,",
        "UA46,,1,,,",
        "UA05,,9,Вінницька,,",
        "UA07,,,Волинська,,",
        "UA51,UA51000000000030770,1,Одеська,,",
        "UA12,,1,Дніпропетровська,,",
        "UA12,,1,Дніпропетровська,,",
        "UA14,,1,Донецька,,UA99",
        "UA18,,1,Житомирська,,,,зайве",
    )
    summary = load(path, *MAP)
    assert counts(summary) == (9, 2, 0, 0, 7)
    assert reasons(summary) == {
        ("skipped", "required", "katottg"): 1,
        ("skipped", "required", "name_uk"): 1,
        ("skipped", "required", "level"): 1,
        ("skipped", "unknown_value", "level"): 1,
        ("skipped", "codes_of_two_areas", "katottg"): 1,
        ("skipped", "duplicate_row", ""): 1,
        ("skipped", "row_too_long", ""): 1,
        ("kept", "parent_unknown", "parent"): 1,
    }


def test_boundaries_go_by_the_gate(tmp_path: Path) -> None:
    def feature(code: str, coordinates: Any, kind: str = "Polygon") -> dict[str, Any]:
        geometry = {"type": kind, "coordinates": coordinates} if coordinates else None
        return {"type": "Feature", "properties": {"code": code, "name": code}, "geometry": geometry}

    features = [
        feature("UA01", SQUARE),
        feature("UA02", [SQUARE], "MultiPolygon"),
        feature("UA03", None),
        feature("UA04", BOW_TIE),
        feature("UA05", [24.0, 49.0], "Point"),
        {"type": "Feature"},
        "feature",
    ]
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    summary = load(path, *mapped("pcode=code", "name_uk=name", "level:=1"))
    assert counts(summary) == (7, 3, 0, 0, 4)
    assert reasons(summary) == {
        ("skipped", "geometry_invalid", "geometry"): 1,
        ("skipped", "geometry_type", "geometry"): 1,
        ("skipped", "required", "katottg"): 1,
        ("skipped", "row_unreadable", ""): 1,
    }
    boundaries = dict(Area.objects.values_list("pcode", "boundary"))
    assert boundaries["UA01"] == boundaries["UA02"]
    assert boundaries["UA03"] is None
    assert counts(load(path, *mapped("pcode=code", "name_uk=name", "level:=1"))) == (7, 0, 0, 3, 4)


def test_mapping_that_names_what_is_not_there_is_refused(tmp_path: Path) -> None:
    path = areas(tmp_path, "UA46,,1,Львівська,,")
    with pytest.raises(CommandError, match="The file has no column names"):
        load(path, *mapped("pcode=code", "name_uk=names"))
    with pytest.raises(CommandError, match="There is no field nam_uk"):
        load(path, *mapped("nam_uk=name"))
    with pytest.raises(CommandError, match="neither field=column"):
        load(path, *mapped("name_uk="))


REAL = {
    # Rows read, kept, updated, unchanged, skipped. Loaded in this order, the fullest names stay.
    ("katottg_upper_levels.csv", "katottg"): (2253, 2253, 0, 0, 0),
    ("ukr_adm1.geojson", "ukr-adm1"): (27, 0, 27, 0, 0),
    ("ukr_adm2_raions.geojson", "ukr-adm2"): (135, 0, 135, 0, 0),
    ("kyiv_districts.geojson", "kyiv-districts"): (10, 0, 10, 0, 0),
    ("kharkiv_districts.geojson", "kharkiv-districts"): (9, 0, 9, 0, 0),
    ("ocha_pcodes_ukr_adm1_adm2_hxl.csv", "ocha-pcodes"): (166, 0, 136, 26, 4),
}


def test_real_files_are_loaded_as_they_are(shared_data: Path, tmp_path: Path) -> None:
    summaries = {
        (name, preset): load(shared_data / "geo" / name, "--preset", preset, report=tmp_path / "report.json")
        for name, preset in REAL
    }
    assert {key: counts(summary) for key, summary in summaries.items()} == REAL
    assert {key: reasons(summary) for key, summary in summaries.items() if summary["reasons"]} == {
        # Districts of cities that the excerpt of the codifier leaves out.
        ("katottg_upper_levels.csv", "katottg"): {("kept", "parent_unknown", "parent"): 85},
        # P-codes that no boundary file joins to a KATOTTG code: a name alone does not make an area.
        ("ocha_pcodes_ukr_adm1_adm2_hxl.csv", "ocha-pcodes"): {("skipped", "required", "name_uk"): 4},
    }
    pechersk = Area.objects.select_related("parent").get(katottg="UA80000000000624772")
    assert (pechersk.name_uk, pechersk.level) == ("Печерський район", Area.Level.CITY_DISTRICT)
    assert pechersk.parent is not None
    assert (pechersk.parent.pcode, pechersk.parent.name_en) == ("UA80", "Kyiv")
    assert Area.objects.containing(Point(30.5413, 50.4340, srid=4326)).first() == pechersk
