"""The scenario is told through the actions, once, and people can sign in to it."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F, QuerySet
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from aid.enums import AidRequestStatus, MatchStatus
from aid.management.scenario import reading
from aid.management.scenario.outlines import outlines
from aid.management.scenario.reading import Scenario
from aid.management.scenario.telling import Telling
from aid.models import AidRequest, Contact, Item, Match, Resource, Shelter
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation, User
from coordination.areas.models import Area
from coordination.outbox.models import Event
from coordination.records.clock import database_now
from incidents.actions.report_incident import report_incident
from incidents.models import (
    AccessConstraint,
    AffectedBuilding,
    CasualtyReport,
    DamageAssessment,
    ImpactSite,
    Incident,
    Outage,
)
from tests.doors.people import is_signed_in, sign_in
from tests.incidents.telling import history_of

pytestmark = pytest.mark.django_db
KHERSON = Point(32.617, 46.635, srid=4326)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    """Keep the demo password of the tests away from the one of this machine."""
    settings.BASE_DIR = tmp_path
    return tmp_path


def told_rows() -> dict[str, QuerySet[Any]]:
    return {
        "incidents": Incident.objects.all(),
        "sites": ImpactSite.objects.all(),
        "buildings": AffectedBuilding.objects.all(),
        "assessments": DamageAssessment.objects.all(),
        "casualties": CasualtyReport.objects.all(),
        "outages": Outage.objects.all(),
        "constraints": AccessConstraint.objects.all(),
    }


def run(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="class")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Counter[str]]:
    """Load outside the tests' own transactions, and take everything away afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_items", verbosity=0)
        yield Counter(Telling(Scenario(), loaded_at=database_now()).tell())
        transaction.set_rollback(True)


class TestItems:
    def test_catalogue_is_loaded_once(self) -> None:
        number = len(reading.read_items())
        assert f"{number} created, 0 changed, 0 unchanged" in run("load_items")
        assert f"0 created, 0 changed, {number} unchanged" in run("load_items")

    def test_item_that_differs_is_brought_up_to_date_and_others_stay(self) -> None:
        run("load_items")
        Item.objects.filter(code="blanket").update(name_en="Rug")
        local = Item.objects.create(code="candle", name_uk="Свічка", name_en="Candle", sector="SHL", unit="piece")
        assert "0 created, 1 changed" in run("load_items")
        assert Item.objects.get(code="blanket").name_en == "Blanket"
        local.refresh_from_db()
        assert local.name_en == "Candle"


@pytest.mark.usefixtures("told")
class TestScenario:
    """Loaded once for all of these questions; what a test changes is rolled back."""

    def test_steps_are_as_many_as_the_progress_bar_expects(self, told: Counter[str]) -> None:
        assert told.total() == Scenario().length

    def test_rows_are_those_of_the_files(self) -> None:
        scenario = Scenario()
        assert AidRequest.objects.count() == len(scenario.aid_requests) >= 300
        assert Resource.objects.filter(shelter=None).count() == len(scenario.resources) >= 120
        assert Shelter.objects.filter(places__isnull=False).count() == len(scenario.shelters) >= 40
        assert {section: rows.count() for section, rows in told_rows().items()} == {
            section: len(scenario.events[section]) for section in told_rows()
        }

    def test_incidents_are_as_the_files_say(self) -> None:
        wanted = {row["key"]: (row["status"], row["verification"]) for row in Scenario().events["incidents"]}
        rows = Incident.objects.values_list("client_ref", "status", "verification")
        assert {ref: (status, verification) for ref, status, verification in rows} == wanted

    def test_outages_are_as_the_files_say(self) -> None:
        wanted = Counter(row["status"] for row in Scenario().events["outages"])
        assert Counter(Outage.objects.values_list("status", flat=True)) == wanted

    def test_no_request_is_left_unverified_unless_meant(self) -> None:
        wanted = {row.client_ref: row.leave for row in Scenario().aid_requests}
        assert dict(AidRequest.objects.values_list("client_ref", "status")) == wanted

    def test_every_request_lies_in_its_district(self) -> None:
        scenario = Scenario()
        districts = {outline.key: outline.katottg for outline in outlines()}
        wanted = {row.client_ref: districts[scenario.places[row.place]["district"]] for row in scenario.aid_requests}
        assert dict(AidRequest.objects.values_list("client_ref", "area__katottg")) == wanted

    def test_the_hit_building_has_lost_its_homes(self) -> None:
        building = AffectedBuilding.objects.with_grade().get(address="вул. Вигадана, 112-Я")
        assert (building.grade, building.habitability) == (4, "unsafe")

    def test_parties_inside_hold_their_places(self) -> None:
        inside = {row.client_ref: sum(row.group.get("parties", ())) for row in Scenario().shelters}
        assert dict(Shelter.objects.values_list("client_ref", "places__consumed")) == inside
        assert sum(inside.values()) > 100

    def test_history_and_events_tell_who_did_what(self) -> None:
        olena, hit = User.objects.get(username="olena"), Incident.objects.get(client_ref="direct_hit")
        history = history_of(hit, "status", "pgh_context")
        assert history[0][:2] == ("insert", "reported")
        assert history[-1][1] == "active"
        assert {context["actor"] for _label, _status, context in history} == {str(olena.pk)}
        assert Event.objects.filter(type="aid.aid_request.filed.v1").count() == AidRequest.objects.count()

    def test_phones_are_nobodys_and_some_are_shared(self) -> None:
        phones = Counter(contact.phone for contact in Contact.objects.all())
        assert all(re.fullmatch(r"\+38000000\d{4}", phone) for phone in phones)
        assert sorted(set(phones.values())) == [1, 2]

    def test_second_loading_changes_nothing(self, own_folder: Path) -> None:
        before = AidRequest.objects.count(), Resource.objects.count(), Event.objects.count(), User.objects.count()
        assert "already loaded" in run("load_scenario", "kyiv", "--force-demo")
        after = AidRequest.objects.count(), Resource.objects.count(), Event.objects.count(), User.objects.count()
        assert after == before

    def test_sign_ins_are_printed_again_and_open_the_door(self, client: Client, own_folder: Path) -> None:
        first = run("load_scenario", "--sign-ins", "--force-demo")
        assert run("load_scenario", "--sign-ins", "--force-demo") == first
        password = (own_folder / ".local" / "demo-password").read_text()
        assert password in first
        sign_in(client, "emma", password)
        assert is_signed_in(client)
        assert (own_folder / ".local" / "demo-password").stat().st_mode & 0o077 == 0

    def test_password_kept_for_another_database_is_replaced(self, client: Client, own_folder: Path) -> None:
        run("load_scenario", "--sign-ins", "--force-demo")
        (own_folder / ".local" / "demo-password").write_text("of-some-other-database")
        run("load_scenario", "--sign-ins", "--force-demo")
        password = (own_folder / ".local" / "demo-password").read_text()
        sign_in(client, "emma", password)
        assert is_signed_in(client)


class TestRefusals:
    def test_scenario_is_not_loaded_where_debug_is_off(self) -> None:
        with pytest.raises(CommandError, match="--force-demo"):
            run("load_scenario", "kyiv")
        assert not Organisation.objects.exists()

    def test_sign_ins_without_a_scenario_are_refused(self) -> None:
        with pytest.raises(CommandError, match="not loaded"):
            run("load_scenario", "--sign-ins", "--force-demo")

    def test_official_boundary_stays(self) -> None:
        official = Area.objects.create(katottg="UA80000000000551439", level=5, name_uk="Оболонський", name_en="Obolon")
        steps = Telling(Scenario(), loaded_at=database_now()).tell()
        assert all(step == "areas" for step in islice(steps, len(outlines())))
        official.refresh_from_db()
        assert (official.name_en, official.boundary) == ("Obolon", None)


class TestNight:
    @pytest.fixture
    def imported(self) -> Incident:
        return report_incident(
            reported_by=None,
            actor=SYSTEM,
            now=database_now(),
            title="Shelling of Kherson",
            hazard="shelling",
            occurred_at=database_now() - timedelta(hours=3),
            location=KHERSON,
        )

    def test_night_is_an_exercise_near_the_real_incident(self, imported: Incident) -> None:
        run("simulate_night", "--each", "5")
        assert AidRequest.objects.filter(is_exercise=True, status=AidRequestStatus.VERIFIED).count() == 5
        assert AidRequest.objects.within(KHERSON, 1_505).count() == 5
        assert Resource.objects.filter(is_exercise=False).count() == 0
        assert Resource.objects.within(KHERSON, 4_010).count() == Resource.objects.count() > 0

    def test_same_seed_draws_nothing_new_and_another_does(self, imported: Incident) -> None:
        run("simulate_night", "--each", "3")
        run("simulate_night", "--each", "3")
        assert AidRequest.objects.count() == 3
        run("simulate_night", "--each", "3", "--seed", "2")
        assert AidRequest.objects.count() == 6

    def test_incident_of_the_demonstration_gets_no_night(self, imported: Incident) -> None:
        cell = Organisation.objects.create(name=Scenario().organisations["organisations"][0]["name"], type="other")
        Incident.objects.update(reported_by=cell, client_ref="barrage")
        with pytest.raises(CommandError, match="import some"):
            run("simulate_night")

    def test_night_around_really_imported_incidents_is_matched(self, shared_data: Path) -> None:
        Organisation.objects.create(name="Information desk", type="other")
        file = str(shared_data / "incidents" / "ukr_hostilities_half_a.geojson")
        run("import_incidents", file, "--preset", "ukr-hostilities", "--organisation", "Information desk")
        run("simulate_night", "--incidents", "40", "--each", "2")
        run("match")
        proposed = Match.objects.filter(status=MatchStatus.PROPOSED)
        assert proposed.values("line__aid_request").distinct().count() > 40
        assert proposed.filter(line__aid_request__is_exercise=True, resource__is_exercise=True).count() > 60
        assert not proposed.filter(distance_m__gt=F("resource__service_radius_m")).exists()

    def test_night_without_incidents_is_refused(self) -> None:
        with pytest.raises(CommandError, match="import some"):
            run("simulate_night")

    def test_night_without_end_is_refused(self, imported: Incident) -> None:
        with pytest.raises(CommandError, match="between 1 and"):
            run("simulate_night", "--incidents", "1000000")
