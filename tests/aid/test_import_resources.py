"""Importing resources: from every format into the same offers, again and again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from openpyxl import Workbook

from aid.models import Resource
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from tests.factories.places import POZNIAKY
from tests.importing import Summary, counts, mapped, reasons, run_import, table

pytestmark = pytest.mark.django_db

WATER = {
    "id": "W-1", "what": "drinking_water", "amount": "500", "lon": "30.634", "lat": "50.398",
    "until": "2099-01-01T00:00Z", "extras": "step_free;home_delivery",
}  # fmt: skip
MAP = mapped(
    "client_ref=id", "item=what", "total=amount", "lon=lon", "lat=lat", "expires_at=until", "conditions=extras"
)


@pytest.fixture(autouse=True)
def kitchen(db: None) -> Organisation:
    """Give the organisation that has the resources, and the catalogue."""
    call_command("load_items", verbosity=0)
    return Organisation.objects.create(name="Left Bank Kitchen", type="other")


def load(path: Path, *options: str) -> Summary:
    return run_import("import_resources", path, "--organisation", "Left Bank Kitchen", *options)


@pytest.fixture
def mapping(tmp_path: Path) -> list[str]:
    """Give the mapping as a file, which can also say what parts the conditions."""
    columns = {word.partition("=")[0]: word.partition("=")[2] for word in MAP[1::2]}
    path = tmp_path / "mapping.json"
    path.write_text(json.dumps({"columns": columns, "separators": {"conditions": ";"}}))
    return ["--map", str(path)]


def test_row_becomes_an_offer(tmp_path: Path, mapping: list[str], kitchen: Organisation) -> None:
    summary = load(table(tmp_path / "stock.csv", [WATER]), *mapping)
    assert (counts(summary), reasons(summary)) == ((1, 1, 0, 0, 0), {})
    resource = Resource.objects.select_related("item").get()
    assert (resource.provider, resource.item.code, resource.total, resource.location) == (
        kitchen,
        "drinking_water",
        500,
        POZNIAKY,
    )
    assert (resource.conditions, resource.expires_at) == (
        ["step_free", "home_delivery"],
        datetime(2099, 1, 1, tzinfo=UTC),
    )
    assert resource.service_radius_m == resource.item.default_radius_m
    assert [event.type for event in Event.objects.all()] == ["aid.resource.offered.v1"]


def test_every_format_brings_the_same_offer(tmp_path: Path, mapping: list[str]) -> None:
    (tmp_path / "stock.json").write_text(json.dumps([WATER | {"amount": 500, "lon": 30.634, "lat": 50.398}]))
    properties = {name: value for name, value in WATER.items() if name not in {"lon", "lat"}}
    point = {"type": "Point", "coordinates": [30.634, 50.398]}
    (tmp_path / "stock.geojson").write_text(
        json.dumps({"type": "Feature", "properties": properties, "geometry": point})
    )
    book = Workbook()
    assert book.active is not None
    book.active.append(list(WATER))
    book.active.append([float(value) if name in {"amount", "lon", "lat"} else value for name, value in WATER.items()])
    book.save(tmp_path / "stock.xlsx")
    assert counts(load(table(tmp_path / "stock.csv", [WATER]), *mapping)) == (1, 1, 0, 0, 0)
    assert counts(load(tmp_path / "stock.json", *mapping)) == (1, 0, 0, 1, 0)
    assert counts(load(tmp_path / "stock.xlsx", *mapping)) == (1, 0, 0, 1, 0)
    in_properties = [word for word in MAP if word not in {"lon=lon", "lat=lat"}]
    options = [word for word in in_properties if word != "--map"]
    assert counts(load(tmp_path / "stock.geojson", *mapped(*options))) == (1, 0, 0, 1, 0)
    assert Resource.objects.count() == 1


def test_offer_told_again_is_changed_and_never_below_what_is_promised(tmp_path: Path) -> None:
    load(table(tmp_path / "stock.csv", [WATER | {"extras": ""}]), *MAP)
    Resource.objects.update(reserved=300)
    more = table(tmp_path / "stock.csv", [WATER | {"extras": "", "amount": "600"}])
    assert counts(load(more, *MAP)) == (1, 0, 1, 0, 0)
    less = table(tmp_path / "stock.csv", [WATER | {"extras": "", "amount": "200"}])
    summary = load(less, *MAP)
    assert counts(summary) == (1, 0, 0, 0, 1)
    assert reasons(summary) == {("skipped", "less_than_promised", "total"): 1}
    assert Resource.objects.get().total == 600


def test_bad_rows_are_named_and_the_others_offered(tmp_path: Path) -> None:
    wrong: list[dict[str, str]] = [
        {"what": "unobtainium"},
        {"what": ""},
        {"amount": ""},
        {"amount": "1,000"},
        {"amount": "-1"},
        {"lon": "", "lat": ""},
        {"lon": "50.398", "lat": "30.634"},
        {"until": "tomorrow"},
        {"until": "2020-01-01T00:00Z"},
        {"extras": "magic"},
    ]
    rows = [WATER | {"extras": ""} | {"id": f"R-{number}"} | row for number, row in enumerate(wrong)]
    summary = load(table(tmp_path / "stock.csv", rows), *MAP)
    assert counts(summary) == (10, 1, 0, 0, 9)
    assert reasons(summary) == {
        ("skipped", "unknown_value", "item"): 1,
        ("skipped", "required", "item"): 1,
        ("skipped", "required", "total"): 1,
        ("skipped", "unknown_value", "total"): 1,
        ("skipped", "min_value", "total"): 1,
        ("skipped", "required", "location"): 1,
        ("skipped", "geometry_swapped", "lon"): 1,
        ("skipped", "moment_unreadable", "expires_at"): 1,
        ("skipped", "too_early", "expires_at"): 1,
        ("kept", "unknown_value", "conditions"): 1,
    }
