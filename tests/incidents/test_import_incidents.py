"""Importing incidents: through the verb that other doors call, again and again, and from the real files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.outbox.models import Event
from incidents.models import Incident
from tests.factories.places import OBOLON, POZNIAKY, darnytskyi, kyiv
from tests.importing import Summary, counts, mapped, reasons, run_import, table

pytestmark = pytest.mark.django_db

STRIKE = {
    "what": "Влучання у будинок",
    "sort": "missile_strike",
    "when": "2025-01-03 05:10",
    "x": "30.634",
    "y": "50.398",
}
MAP = mapped("title=what", "hazard=sort", "occurred_at=when", "lon=x", "lat=y", "client_ref=key")


@pytest.fixture(autouse=True)
def desk() -> Organisation:
    """Give the organisation that the rows are of."""
    return Organisation.objects.create(name="Information desk", type="other")


def load(path: Path, *options: str, **where: Path) -> Summary:
    return run_import("import_incidents", path, "--organisation", "Information desk", *options, **where)


def test_row_becomes_a_reported_incident_with_its_event_and_author(tmp_path: Path, desk: Organisation) -> None:
    district = darnytskyi(kyiv())
    summary = load(table(tmp_path / "night.csv", [STRIKE | {"key": "A-1"}]), *MAP)
    assert (counts(summary), reasons(summary)) == ((1, 1, 0, 0, 0), {})
    incident = Incident.objects.get()
    assert (incident.title, incident.hazard, incident.status, incident.verification, incident.client_ref) == (
        "Влучання у будинок",
        "missile_strike",
        "reported",
        "unverified",
        "A-1",
    )
    assert incident.occurred_at == datetime(2025, 1, 3, 5, 10, tzinfo=UTC)
    assert incident.location == POZNIAKY
    assert list(incident.areas.all()) == [district]
    assert incident.reported_by == desk
    assert [event.type for event in Event.objects.all()] == ["incidents.incident.reported.v1"]


def test_file_imported_again_changes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path / "night.csv", [STRIKE | {"key": ""}, STRIKE | {"key": "A-2"}])
    assert counts(load(path, *MAP)) == (2, 2, 0, 0, 0)
    assert counts(load(path, *MAP)) == (2, 0, 0, 2, 0)
    assert (Incident.objects.count(), Event.objects.count()) == (2, 2)


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    summary = load(table(tmp_path / "night.csv", [STRIKE | {"key": ""}]), *MAP, "--dry-run")
    assert (counts(summary), summary["dry_run"]) == ((1, 1, 0, 0, 0), True)
    assert (Incident.objects.count(), Event.objects.count()) == (0, 0)


def test_bad_rows_are_named_and_the_others_reported(tmp_path: Path) -> None:
    wrong: list[dict[str, str]] = [
        {"what": ""},
        {"what": "x" * 201},
        {"sort": ""},
        {"sort": "ufo"},
        {"when": ""},
        {"when": "01/03/2025"},
        {"when": "2999-01-01 00:00"},
        {"x": "50.398", "y": "30.634"},
        {"x": "NaN", "y": "50.398"},
        {"x": "1e308"},
        {"x": "21.0", "y": "52.2"},
    ]
    rows = [STRIKE | {"key": "good"}, *(STRIKE | {"key": str(number)} | row for number, row in enumerate(wrong))]
    summary = load(table(tmp_path / "night.csv", [*rows, rows[0]]), *MAP)
    assert counts(summary) == (13, 1, 0, 0, 12)
    assert reasons(summary) == {
        ("skipped", "required", "title"): 1,
        ("skipped", "max_length", "title"): 1,
        ("skipped", "required", "hazard"): 1,
        ("skipped", "unknown_value", "hazard"): 1,
        ("skipped", "required", "occurred_at"): 1,
        ("skipped", "moment_unreadable", "occurred_at"): 1,
        ("skipped", "incident_reported_after_it_occurred", ""): 1,
        ("skipped", "geometry_swapped", "lon"): 1,
        ("skipped", "geometry_not_number", "lon"): 2,
        ("skipped", "geometry_out_of_bounds", "lon"): 1,
        ("skipped", "duplicate_row", ""): 1,
    }
    assert Incident.objects.get().client_ref == "good"


def feature(geometry: Any, **properties: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"what": "Пожежа", "when": "2025-01-03"} | properties,
    }


def test_features_bring_points_outlines_and_codes(tmp_path: Path) -> None:
    city, district = kyiv(), darnytskyi()
    outline = {"type": "Polygon", "coordinates": [[[30.6, 50.4], [30.7, 50.4], [30.7, 50.5], [30.6, 50.4]]]}
    features = [
        feature({"type": "Point", "coordinates": [OBOLON.x, OBOLON.y]}, code="UA80000000000210193"),
        feature(outline, code="UA9999"),
        feature(None, code="UA80"),
        feature({"type": "Polygon", "coordinates": [[[30.6, 50.4], [30.7, 50.4], [30.7, 50.5]]]}),
    ]
    path = tmp_path / "fires.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    summary = load(path, *mapped("title=what", "hazard:=fire", "occurred_at=when", "area=code"))
    assert counts(summary) == (4, 3, 0, 0, 1)
    assert reasons(summary) == {
        ("kept", "day_only", "occurred_at"): 3,
        ("kept", "area_unknown", "area"): 1,
        ("kept", "unlocated", "location"): 1,
        ("skipped", "geometry_ring_short", "geometry"): 1,
    }
    located = Incident.objects.get(location__isnull=False)
    # The source's code counts, also where the point lies elsewhere.
    assert list(located.areas.all()) == [district]
    assert list(Incident.objects.get(location=None, footprint=None).areas.all()) == [city]
    assert Incident.objects.filter(footprint__isnull=False).count() == 1


def test_organisation_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "night.csv", [STRIKE | {"key": ""}])
    with pytest.raises(CommandError, match="no active organisation"):
        run_import("import_incidents", path, *MAP, "--organisation", "Nobody")


@pytest.fixture
def raions(shared_data: Path, tmp_path: Path) -> None:
    """Load the oblasts and raions of the real files."""
    for name, preset in (("ukr_adm1.geojson", "ukr-adm1"), ("ukr_adm2_raions.geojson", "ukr-adm2")):
        run_import("load_areas", shared_data / "geo" / name, "--preset", preset, report=tmp_path / "areas.json")


def test_real_hostilities_keep_their_coded_raion(shared_data: Path, tmp_path: Path, raions: None) -> None:
    path = shared_data / "incidents" / "ukr_hostilities_half_a.geojson"
    summary = load(path, "--preset", "ukr-hostilities", report=tmp_path / "report.json")
    assert counts(summary) == (298, 297, 0, 0, 1)
    assert reasons(summary) == {("kept", "day_only", "occurred_at"): 297, ("skipped", "duplicate_row", ""): 1}
    in_raion = {True: 0, False: 0}
    for incident in Incident.objects.prefetch_related("areas"):
        (raion,) = incident.areas.all()
        assert raion.level == Area.Level.RAION
        in_raion[bool(raion.boundary and incident.location and raion.boundary.covers(incident.location))] += 1
    # Simplified boundaries miss some, which keep the raion that the source names.
    assert in_raion == {True: 281, False: 16}


def test_real_missile_attacks_are_all_kept(shared_data: Path, tmp_path: Path, raions: None) -> None:
    path = shared_data / "incidents" / "missile_attacks_2024.csv"
    summary = load(path, "--preset", "missile-attacks", report=tmp_path / "report.json")
    assert counts(summary) == (1366, 1366, 0, 0, 0)
    assert reasons(summary) == {
        ("kept", "unlocated", "location"): 1366,
        ("kept", "day_only", "occurred_at"): 1033,
        # “south”, “Ukraine” and the like.
        ("kept", "unknown_value", "areas"): 809,
        # Cities stand for their communities, which are not loaded here.
        ("kept", "area_unknown", "areas"): 20,
    }
    both = Incident.objects.filter(areas__pcode="UA63").get(areas__pcode="UA53")
    assert both.areas.count() == 2
