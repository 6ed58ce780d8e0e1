"""Importing shelters: what the file says, no more, again and again, and from the real files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from aid.enums import ResourceStatus
from aid.models import Resource, Shelter
from coordination.access.models import Organisation
from tests.factories.places import POZNIAKY, darnytskyi
from tests.importing import Summary, counts, mapped, reasons, run_import, table

pytestmark = pytest.mark.django_db

SCHOOL = {
    "key": "S-1",
    "title": "Школа № 62",
    "street": "вул. Ревуцького, 13",
    "x": "30.634",
    "y": "50.398",
    "beds": "80",
}
MAP = mapped(
    "client_ref=key", "name=title", "address=street", "lon=x", "lat=y", "total_places=beds",
    "amenities=has", "status=state", "area=district", "kind:=collective_centre",
)  # fmt: skip
EMPTY = {"has": "", "state": "", "district": ""}


@pytest.fixture(autouse=True)
def city(db: None) -> Organisation:
    """Give the organisation that runs the shelters, and the catalogue."""
    call_command("load_items", verbosity=0)
    return Organisation.objects.create(name="City shelters", type="other")


def load(path: Path, *options: str, **where: Path) -> Summary:
    return run_import("import_shelters", path, "--organisation", "City shelters", *options, **where)


def test_row_becomes_a_shelter_with_its_places(tmp_path: Path) -> None:
    district = darnytskyi()
    summary = load(table(tmp_path / "s.csv", [SCHOOL | {"has": "heat", "state": "open", "district": ""}]), *MAP)
    assert (counts(summary), reasons(summary)) == ((1, 1, 0, 0, 0), {})
    shelter = Shelter.objects.select_related("places").get()
    assert (shelter.name, shelter.address, shelter.status, shelter.amenities) == (
        "Школа № 62",
        "вул. Ревуцького, 13",
        "open",
        ["heat"],
    )
    assert (shelter.location, shelter.area) == (POZNIAKY, district)
    assert shelter.places is not None
    assert (shelter.places.total, shelter.places.status) == (80, ResourceStatus.AVAILABLE)


def test_what_the_file_leaves_open_stays_open(tmp_path: Path) -> None:
    load(
        table(
            tmp_path / "s.csv", [{"key": "S-2", "title": "Підвал", "street": "", "x": "", "y": "", "beds": ""} | EMPTY]
        ),
        *MAP,
    )
    shelter = Shelter.objects.get()
    # Nobody said that its door is open, or how many fit in.
    assert (shelter.status, shelter.places, shelter.location, shelter.is_step_free) == ("standby", None, None, None)
    assert shelter.is_public is False


def test_shelter_told_again_is_brought_up_to_date(tmp_path: Path) -> None:
    load(table(tmp_path / "s.csv", [SCHOOL | EMPTY]), *MAP)
    assert counts(load(table(tmp_path / "s.csv", [SCHOOL | EMPTY]), *MAP)) == (1, 0, 0, 1, 0)
    fewer = SCHOOL | EMPTY | {"beds": "60", "has": "heat", "street": ""}
    assert counts(load(table(tmp_path / "s.csv", [fewer]), *MAP)) == (1, 0, 1, 0, 0)
    shelter = Shelter.objects.select_related("places").get()
    assert shelter.places is not None
    assert (shelter.places.total, shelter.amenities, shelter.address) == (60, ["heat"], "вул. Ревуцького, 13")
    assert Resource.objects.count() == 1


def test_bad_rows_are_named_and_repeated_addresses_noted(tmp_path: Path) -> None:
    rows = [
        SCHOOL | EMPTY,
        SCHOOL | EMPTY | {"key": "S-3", "street": "Вул.  Ревуцького, 13", "has": "sauna"},
        SCHOOL | EMPTY | {"key": "S-4", "title": "", "street": ""},
        SCHOOL | EMPTY | {"key": "S-5", "y": ""},
        SCHOOL | EMPTY | {"key": "S-6", "beds": "багато", "street": ""},
        SCHOOL | EMPTY | {"key": "S-7", "beds": "-5", "street": ""},
        SCHOOL | EMPTY,
    ]
    summary = load(table(tmp_path / "s.csv", rows), *MAP)
    assert counts(summary) == (7, 3, 0, 0, 4)
    assert reasons(summary) == {
        ("kept", "address_repeated", "address"): 1,
        ("kept", "unknown_value", "amenities"): 1,
        ("kept", "unknown_value", "total_places"): 1,
        ("skipped", "required", "name"): 1,
        ("skipped", "geometry_not_number", "lon"): 1,
        ("skipped", "min_value", "total_places"): 1,
        ("skipped", "duplicate_row", ""): 1,
    }


def test_real_shelters_of_okhtyrka_have_places_where_a_number_is_said(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "shelters" / "okhtyrka_shelters.json"
    options = ("--preset", "okhtyrka-shelters")
    summary = load(path, *options, report=tmp_path / "report.json")
    assert (counts(summary), reasons(summary)) == (
        (87, 87, 0, 0, 0),
        {("kept", "lower_bound", "total_places"): 42},
    )
    shelters = {shelter.address: shelter for shelter in Shelter.objects.select_related("places")}
    assert Counter(shelter.status for shelter in shelters.values()) == {"standby": 65, "open": 18, "closed": 4}
    assert sum(shelter.places is not None for shelter in shelters.values()) == 48
    lyceum = shelters["м. Охтирка, вул. Петропавлівська, 15"]
    assert lyceum.places is not None
    assert (lyceum.places.total, lyceum.amenities) == (1000, ["power", "water", "food"])
    assert shelters["м. Охтирка, вул. Київська,26"].amenities == ["heat", "power"]
    assert counts(load(path, *options, report=tmp_path / "report.json")) == (87, 0, 0, 87, 0)


def test_real_shelters_of_kyiv_are_kept_in_their_district(shared_data: Path, tmp_path: Path) -> None:
    areas = shared_data / "geo" / "kyiv_districts.geojson"
    run_import("load_areas", areas, "--preset", "kyiv-districts", report=tmp_path / "areas.json")
    path = shared_data / "shelters" / "kyiv_shelters_8_districts.csv"
    summary = load(path, "--preset", "kyiv-shelters", report=tmp_path / "report.json")
    assert counts(summary) == (3536, 3380, 0, 0, 156)
    assert reasons(summary) == {
        ("kept", "unlocated", "location"): 3380,
        # Of 706 that repeat district and address 155 say the very same; 14 more repeat it in other letters.
        ("kept", "address_repeated", "address"): 565,
        ("skipped", "duplicate_row", ""): 155,
        # Telephone numbers, masked by the collector.
        ("kept", "unknown_value", "is_step_free"): 32,
        ("skipped", "required", "name"): 1,
    }
    shelters = Shelter.objects.select_related("area")
    assert Counter(shelter.area.katottg if shelter.area else None for shelter in shelters) == {
        "UA80000000000980793": 598,
        "UA80000000001078669": 440,
        "UA80000000000875983": 436,
        "UA80000000000479391": 433,
        "UA80000000000126643": 430,
        "UA80000000000624772": 428,
        "UA80000000000551439": 401,
        "UA80000000000336424": 212,
        None: 2,
    }
    assert Counter(shelter.is_step_free for shelter in shelters) == {False: 2865, True: 418, None: 97}
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert len(report["rows"]) == 3536
