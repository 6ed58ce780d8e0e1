"""The scenario's data hold together, and loading them tells the story once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, Point

from aid.actions.open_shelter import PLACE_ITEMS
from aid.enums import Amenity, Channel, Condition, Sector, ShelterKind, Unit, Vulnerability
from aid.management.scenario import reading
from aid.management.scenario.outlines import Outline, outlines
from aid.management.scenario.reading import AidRequestRow, Household, Line, Scenario, SupplyRow
from coordination.access.enums import OrganisationType, Role
from coordination.geo.distance import great_circle_m
from incidents.enums import (
    CROSSWALK,
    AccessConstraintKind,
    AssessmentMethod,
    BuildingUse,
    Certainty,
    Habitability,
    Hazard,
    ImpactKind,
    IncidentStatus,
    ObjectKind,
    OutageStatus,
    Service,
    Severity,
    Urgency,
    Verification,
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario()


@pytest.fixture(scope="module")
def areas() -> dict[str, Outline]:
    return {outline.key: outline for outline in outlines()}


class TestNotation:
    def test_offset_written_with_days_hours_minutes_is_read(self) -> None:
        assert reading.offset("-7h30m") == -timedelta(hours=7, minutes=30)
        assert reading.offset("3d") == timedelta(days=3)

    @pytest.mark.parametrize("text", ["", "-", "soon", "7", "1h2"])
    def test_offset_written_otherwise_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="Not an offset"):
            reading.offset(text)

    def test_household_of_members_keeps_each_member(self) -> None:
        assert reading.household("f34 m71!d : disability") == Household(
            people=2,
            vulnerable_people=1,
            members=(
                {"age": 34, "sex": "f", "disability": False},
                {"age": 71, "sex": "m", "disability": True},
            ),
            vulnerabilities=("disability",),
        )

    def test_household_of_a_group_has_no_members(self) -> None:
        assert reading.household("24/6 : infant") == Household(24, 6, vulnerabilities=("infant",))

    def test_household_with_an_unknown_word_is_refused(self) -> None:
        with pytest.raises(ValueError, match="x34"):
            reading.household("x34")

    def test_line_per_person_is_rounded_up_to_whole_units(self) -> None:
        assert reading.line("drinking_water", "7.5pp", people=3) == Line("drinking_water", 23)

    def test_line_with_conditions_keeps_them(self) -> None:
        assert reading.line("bed_place", "1pp+step_free+pets", people=2) == Line("bed_place", 2, ("step_free", "pets"))

    def test_line_written_otherwise_is_refused(self) -> None:
        with pytest.raises(ValueError, match="a few"):
            reading.line("blanket", "a few", people=2)


class TestCatalogue:
    def test_items_have_known_sectors_units_and_codes_of_their_own(self) -> None:
        items = reading.read_items()
        assert len(items) == len({item["code"] for item in items}) >= 45
        assert {item["sector"] for item in items} <= set(Sector.values)
        assert {item["unit"] for item in items} <= set(Unit.values)
        assert all(item["name_uk"] and item["name_en"] and item["default_radius_m"] >= 2_000 for item in items)

    def test_places_for_people_are_whole_and_all_else_divisible(self) -> None:
        whole = {item["code"] for item in reading.read_items() if not item["is_divisible"]}
        assert whole == {
            *PLACE_ITEMS.values(),
            "household_place",
            "transport_seat",
            "dialysis",
        }


class TestAreas:
    def test_outlines_are_valid_and_small(self, areas: dict[str, Outline]) -> None:
        for area in areas.values():
            assert area.boundary.valid, area.key
            if area.level == 5:
                assert area.boundary.num_points <= 21, area.key

    @pytest.mark.parametrize(("city", "districts"), [("UA80", 10), ("kharkiv", 9)])
    def test_districts_of_a_city_tile_it(self, areas: dict[str, Outline], city: str, districts: int) -> None:
        children = [area.boundary for area in areas.values() if area.parent == city]
        assert len(children) == districts
        assert all(one.intersection(other).area == pytest.approx(0) for one, other in combinations(children, 2))
        assert areas[city].boundary.area == pytest.approx(sum(child.area for child in children))

    def test_cities_lie_where_they_belong(self, areas: dict[str, Outline]) -> None:
        assert areas["UA63"].boundary.contains(areas["kharkiv"].boundary)
        assert areas["UA32"].boundary.intersection(areas["UA80"].boundary).area == pytest.approx(0)

    def test_codes_are_those_of_the_state_register(self, areas: dict[str, Outline]) -> None:
        register = _shared("geo/katottg_upper_levels.csv").read_text(encoding="utf-8").splitlines()
        codes = {line.split(",")[0] for line in register}
        assert {area.katottg for area in areas.values()} <= codes

    @pytest.mark.parametrize("city", ["kyiv", "kharkiv"])
    def test_neighbourhoods_lie_in_their_official_districts(
        self, areas: dict[str, Outline], scenario: Scenario, city: str
    ) -> None:
        features = json.loads(_shared(f"geo/{city}_districts.geojson").read_text(encoding="utf-8"))["features"]
        official = {
            feature["properties"]["katottg"]: GEOSGeometry(json.dumps(feature["geometry"])) for feature in features
        }
        for place in scenario.places.values():
            if (place["lon"] > 33) == (city == "kharkiv"):
                boundary = official[areas[place["district"]].katottg]
                assert boundary.contains(Point(place["lon"], place["lat"], srid=4326)), place["key"]


class TestRows:
    def test_numbers_are_those_of_the_founding_case(self, scenario: Scenario) -> None:
        assert len(scenario.aid_requests) >= 300
        assert len(scenario.resources) >= 120
        assert len(scenario.shelters) >= 40
        dark = [outage for outage in scenario.events["outages"] if outage["service"] == "electricity"]
        outside = [
            outage for outage in dark if outage["status"] == "active" and not outage["areas"][0].startswith("kyiv_")
        ]
        assert sum(outage["customers"] for outage in outside) > 1_000_000
        assert {"kyiv_holosiivskyi", "kharkiv_saltivskyi"} <= {area for outage in dark for area in outage["areas"]}

    def test_expansion_is_the_same_every_time(self, scenario: Scenario) -> None:
        again = Scenario()
        assert again.aid_requests == scenario.aid_requests
        assert again.resources == scenario.resources
        assert again.shelters == scenario.shelters

    def test_every_point_lies_near_its_neighbourhood_and_in_its_district(
        self, scenario: Scenario, areas: dict[str, Outline]
    ) -> None:
        rows: tuple[AidRequestRow | SupplyRow, ...] = (*scenario.aid_requests, *scenario.resources, *scenario.shelters)
        for row in rows:
            place = scenario.places[row.place]
            boundary = areas[place["district"]].boundary
            assert great_circle_m(row.lon, row.lat, place["lon"], place["lat"]) <= 602, row.client_ref
            assert boundary.contains(Point(row.lon, row.lat, srid=4326)), row.client_ref

    def test_no_two_rows_share_a_point_or_a_reference(self, scenario: Scenario) -> None:
        kinds: tuple[tuple[AidRequestRow | SupplyRow, ...], ...] = (
            scenario.aid_requests,
            scenario.resources,
            scenario.shelters,
        )
        assert len({(row.lon, row.lat) for rows in kinds for row in rows}) == sum(len(rows) for rows in kinds)
        for rows in kinds:
            assert len({row.client_ref for row in rows}) == len(rows)

    def test_every_reference_between_files_resolves(self, scenario: Scenario, areas: dict[str, Outline]) -> None:
        events = scenario.events
        people = {person["username"] for person in scenario.organisations["people"]}
        bodies = {body["key"] for body in scenario.organisations["organisations"]}
        incidents = {incident["key"] for incident in events["incidents"]}
        sites = {site["key"] for site in events["sites"]}
        buildings = {building["key"] for building in events["buildings"]}
        items = {item["code"] for item in reading.read_items()}
        archetypes = {row.archetype for row in scenario.aid_requests}

        assert {person["organisation"] for person in scenario.organisations["people"]} == bodies
        assert _named(events, "by") | {row.by for row in scenario.aid_requests} <= people
        assert {row.group["by"] for row in (*scenario.shelters, *scenario.resources)} <= people
        assert _named(events, "incident") | {row.incident for row in scenario.aid_requests} <= incidents
        assert _named(events, "parent") <= incidents
        assert _named(events, "site") <= sites
        assert _named(events, "building") <= buildings
        assert {row.building for row in scenario.aid_requests} - {None} <= buildings
        assert _named(events, "place") | _named(events, "around") <= set(scenario.places)
        assert {place["district"] for place in scenario.places.values()} <= set(areas)
        assert {area for body in scenario.organisations["organisations"] for area in body["areas"]} <= set(areas)
        assert {area for outage in events["outages"] for area in outage.get("areas", [])} <= set(areas)
        assert {line.item for row in scenario.aid_requests for line in row.lines} <= items
        assert {row.group["item"] for row in scenario.resources} | set(PLACE_ITEMS.values()) <= items
        assert {row.same_phone_as for row in scenario.aid_requests} - {None} <= {
            row.client_ref for row in scenario.aid_requests
        }
        assert {row.client_ref.rsplit("-", 1)[0] for row in scenario.aid_requests} == archetypes

    def test_every_code_is_known(self, scenario: Scenario) -> None:
        events = scenario.events
        for field, known in {
            "hazard": Hazard.values,
            "severity": Severity.values,
            "urgency": Urgency.values,
            "certainty": Certainty.values,
            "verification": Verification.values,
            "object_kind": ObjectKind.values,
            "use": BuildingUse.values,
            "method": AssessmentMethod.values,
            "habitability": Habitability.values,
            "service": Service.values,
            "status": [*IncidentStatus.values, *OutageStatus.values],
            "kind": [*ImpactKind.values, *AccessConstraintKind.values],
        }.items():
            assert _named(events, field) <= set(known), field
        assert all(row["value"] in CROSSWALK[row["scale"]] for row in events["assessments"])
        assert {body["type"] for body in scenario.organisations["organisations"]} <= set(OrganisationType.values)
        assert {person["role"] for person in scenario.organisations["people"]} == set(Role.values)
        assert {person["language"] for person in scenario.organisations["people"]} == {"uk", "en"}
        assert {row.group["kind"] for row in scenario.shelters} == set(ShelterKind.values)
        assert {amenity for row in scenario.shelters for amenity in row.group["amenities"]} == set(Amenity.values)
        assert {row.channel for row in scenario.aid_requests} <= set(Channel.values)
        vulnerabilities = {one for row in scenario.aid_requests for one in row.household.vulnerabilities}
        assert vulnerabilities <= set(Vulnerability.values)
        offered = {one for row in scenario.resources for one in row.group.get("conditions", [])}
        asked = {one for row in scenario.aid_requests for line in row.lines for one in line.conditions}
        assert offered | asked <= set(Condition.values)

    def test_needs_are_of_every_urgency_and_of_everybody(self, scenario: Scenario) -> None:
        assert {row.urgency for row in scenario.aid_requests} == {1, 2, 3, 4}
        members = [member for row in scenario.aid_requests for member in row.household.members]
        assert {member["sex"] for member in members} == {"f", "m"}
        assert min(member["age"] for member in members) == 0
        assert max(member["age"] for member in members) > 80
        assert any(member["disability"] for member in members)
        assert all(row.filed < timedelta(0) for row in scenario.aid_requests)

    def test_only_requests_that_are_meant_to_stay_unverified_do(self, scenario: Scenario) -> None:
        left = Counter(row.leave for row in scenario.aid_requests)
        assert set(left) == {"verified", "draft", "submitted", "rejected", "cancelled"}
        assert left["verified"] >= 300

    def test_some_needs_cannot_be_met_on_purpose(self, scenario: Scenario) -> None:
        offered = {row.group["item"] for row in scenario.resources} | set(PLACE_ITEMS.values())
        asked = {line.item for row in scenario.aid_requests for line in row.lines}
        assert asked - offered == {"rare_medicine", "therapeutic_milk"}
        assert sum(bool(row.meant) for row in scenario.aid_requests) >= 10


def _named(events: dict[str, Any], field: str) -> set[str]:
    rows = [row for section in events.values() if isinstance(section, list) for row in section]
    return {row[field] for row in rows if field in row}


def _shared(name: str) -> Path:
    path: Path = settings.SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"the shared data are absent: {name}")
    return path
