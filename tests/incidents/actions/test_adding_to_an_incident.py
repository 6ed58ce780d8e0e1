"""What is added to an incident: figures, sites, buildings and assessments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.geo.cells import INCIDENT_RESOLUTION, cell_of
from coordination.records.errors import ConstraintViolated, DomainError, InvalidFields, NotAllowed
from coordination.records.models import BaseModel
from incidents.actions.add_impact_site import add_impact_site
from incidents.actions.adding import ExerciseMixed, IncidentDismissed
from incidents.actions.assess_building import AssessedInTheFuture, UnknownDamageValue, assess_building
from incidents.actions.dismiss_incident import dismiss_incident
from incidents.actions.record_casualties import FiguresFromTheFuture, record_casualties
from incidents.actions.register_building import SiteOfAnotherIncident, register_building
from incidents.actions.report_outage import report_outage
from incidents.enums import (
    CROSSWALK,
    CROSSWALK_VERSION,
    AssessmentMethod,
    BuildingUse,
    DamageScale,
    Habitability,
    ImpactKind,
    ObjectKind,
    Service,
)
from incidents.models import AffectedBuilding, Incident
from tests.factories import incidents as make
from tests.factories.access import organisation
from tests.factories.places import OBOLON, POZNIAKY, box, darnytskyi, kyiv
from tests.incidents.telling import events_of, history_of, last_event_of

HOUR = timedelta(hours=1)


@pytest.fixture
def incident(ngo: Organisation, now: datetime) -> Incident:
    """Give a verified incident of the ngo."""
    return make.confirmed_incident(ngo, now=now)


@pytest.fixture
def building(incident: Incident, ngo: Organisation, now: datetime) -> AffectedBuilding:
    """Give a block of flats of that incident."""
    return make.building(incident, ngo, now=now)


def test_record_casualties_stands_beside_what_is_there_and_tells_both_reporters(
    incident: Incident, ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    make.casualties(incident, ngo, now=now)
    report = record_casualties(
        incident=incident,
        reported_by=provider,
        actor=provider_actor,
        now=now,
        source="Kyiv City Military Administration",
        as_of=now,
        killed=0,
        injured=19,
    )
    report.refresh_from_db()
    assert (report.killed, report.injured, report.missing, report.displaced) == (0, 19, None, None)
    assert incident.casualty_reports.count() == 2
    event = last_event_of(report)
    assert event.type == "incidents.casualties.recorded.v1"
    assert event.audience == sorted({ngo.pk, provider.pk})
    assert event.data == {"incident": str(incident.pk), "incident_ref": incident.ref}
    assert history_of(report) == [("insert",)]


def test_record_casualties_without_a_figure_is_refused_by_the_database(
    incident: Incident, ngo: Organisation, now: datetime
) -> None:
    with pytest.raises(ConstraintViolated) as refusal:
        make.casualties(incident, ngo, now=now, injured=None)
    assert (refusal.value.code, str(refusal.value)) == (
        "casualty_report_has_a_figure",
        "A casualty report needs at least one figure.",
    )


def test_record_casualties_below_zero_names_the_field(incident: Incident, ngo: Organisation, now: datetime) -> None:
    with pytest.raises(InvalidFields) as refusal:
        make.casualties(incident, ngo, now=now, killed=-1)
    assert [problem.field for problem in refusal.value.problems] == ["killed"]


def test_record_casualties_of_tomorrow_is_refused(incident: Incident, ngo: Organisation, now: datetime) -> None:
    with pytest.raises(FiguresFromTheFuture):
        make.casualties(incident, ngo, now=now, as_of=now + HOUR)


def test_add_impact_site_lies_in_its_area_and_so_does_its_incident(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    city = kyiv()
    district = darnytskyi(city)
    wave = make.incident(ngo, now=now, location=None)
    site = add_impact_site(
        incident=wave,
        reported_by=ngo,
        actor=ngo_actor,
        now=now,
        location=POZNIAKY,
        kind=ImpactKind.DIRECT_HIT,
        struck_at=now - HOUR,
    )
    add_impact_site(
        incident=wave,
        reported_by=ngo,
        actor=ngo_actor,
        now=now,
        location=OBOLON,
        kind=ImpactKind.DEBRIS,
        struck_at=now - HOUR,
    )
    wave.refresh_from_db()
    cell = cell_of(POZNIAKY, INCIDENT_RESOLUTION)
    assert (site.area, site.object_kind, site.public_cell) == (district, "unknown", cell)
    assert (wave.public_cell, wave.public_from) == (cell, None)
    assert set(wave.areas.all()) == {city, district}
    assert last_event_of(site).data == {"incident": str(wave.pk), "incident_ref": wave.ref, "public_cell": cell}
    assert events_of(site) == ["incidents.impact_site.added.v1"]
    assert history_of(site) == [("insert",)]


@pytest.mark.parametrize(
    ("object_kind", "hours"), [(ObjectKind.CIVILIAN, 12), (ObjectKind.ENERGY, 14), (ObjectKind.UNKNOWN, 14)]
)
def test_add_impact_site_two_hours_later_delays_what_is_public_and_never_hastens_it(
    object_kind: str, hours: int, incident: Incident, ngo: Organisation, now: datetime
) -> None:
    assert incident.public_from == now + 12 * HOUR
    make.impact_site(incident, ngo, now=now + 2 * HOUR, object_kind=object_kind)
    incident.refresh_from_db()
    assert incident.public_from == now + hours * HOUR


def test_site_is_believed_to_the_cell_the_reporter_and_the_trusted(
    incident: Incident,
    ngo: Organisation,
    ngo_actor: Actor,
    provider: Organisation,
    provider_actor: Actor,
    cell_actor: Actor,
    now: datetime,
) -> None:
    with pytest.raises(NotAllowed):
        _add_site(incident, provider, provider_actor, now)
    incident.refresh_from_db()
    assert incident.public_from == now + 12 * HOUR
    provider.is_trusted = True
    for by, actor in ((ngo, ngo_actor), (provider, provider_actor), (provider, cell_actor)):
        assert _add_site(incident, by, actor, now)


def test_add_impact_site_struck_in_the_future_is_refused_by_the_database(
    incident: Incident, ngo: Organisation, now: datetime
) -> None:
    with pytest.raises(ConstraintViolated) as refusal:
        make.impact_site(incident, ngo, now=now, struck_at=now + HOUR)
    assert refusal.value.code == "impact_site_reported_after_it_was_struck"


def test_register_building_keeps_what_is_known_of_it(
    incident: Incident, ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    district = darnytskyi()
    site = make.impact_site(incident, ngo, now=now)
    outline = box(30.6335, 50.3975, 30.6345, 50.3985)
    building = register_building(
        incident=incident,
        reported_by=ngo,
        actor=ngo_actor,
        now=now,
        location=POZNIAKY,
        impact_site=site,
        address="Kyiv, Pozniaky, block 12",
        footprint=outline[0],
        use=BuildingUse.RESIDENTIAL,
        dwellings=144,
        residents=380,
    )
    building.refresh_from_db()
    assert (building.area, building.impact_site, building.footprint) == (district, site, outline)
    assert events_of(building) == ["incidents.building.registered.v1"]
    assert "address" not in last_event_of(building).data
    assert history_of(building) == [("insert",)]


def test_register_building_at_a_site_of_another_incident_is_refused(
    incident: Incident, ngo: Organisation, now: datetime
) -> None:
    elsewhere = make.impact_site(make.incident(ngo, now=now), ngo, now=now)
    with pytest.raises(SiteOfAnotherIncident):
        make.building(incident, ngo, now=now, impact_site=elsewhere)


def test_assess_building_keeps_what_was_observed_beside_its_grade(
    building: AffectedBuilding, ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    assessment = assess_building(
        building=building,
        reported_by=ngo,
        actor=ngo_actor,
        now=now,
        scale=DamageScale.UA_LEVEL,
        value="four",
        method=AssessmentMethod.GROUND_DETAILED,
        assessed_at=now,
        habitability=Habitability.UNSAFE,
    )
    assessment.refresh_from_db()
    assert (assessment.scale, assessment.value, assessment.grade, assessment.crosswalk_version) == (
        "ua_level",
        "four",
        4,
        CROSSWALK_VERSION,
    )
    assert assessment.assessor_id == ngo_actor.user_id
    event = last_event_of(assessment)
    assert (event.type, event.data["building"]) == ("incidents.building.assessed.v1", str(building.pk))
    assert history_of(assessment) == [("insert",)]


def test_assess_building_with_a_value_of_another_scale_is_refused(
    building: AffectedBuilding, ngo: Organisation, now: datetime
) -> None:
    for scale, value in ((DamageScale.EMS98, "destroyed"), ("richter", "5")):
        with pytest.raises(UnknownDamageValue):
            make.assessment(building, ngo, now=now, scale=scale, value=value)


def test_assess_building_tomorrow_is_refused(building: AffectedBuilding, ngo: Organisation, now: datetime) -> None:
    with pytest.raises(AssessedInTheFuture):
        make.assessment(building, ngo, now=now, assessed_at=now + HOUR)


def test_crosswalk_grades_every_scale_in_its_own_order() -> None:
    assert set(CROSSWALK) == set(DamageScale.values)
    for values in CROSSWALK.values():
        grades = list(values.values())
        assert grades == sorted(grades)


Addition = Callable[[Incident, Organisation, Actor, datetime], BaseModel]


def _add_casualties(incident: Incident, by: Organisation, actor: Actor, now: datetime) -> BaseModel:
    return record_casualties(
        incident=incident, reported_by=by, actor=actor, now=now, source="Police", as_of=now, missing=1
    )


def _add_site(incident: Incident, by: Organisation, actor: Actor, now: datetime) -> BaseModel:
    return add_impact_site(
        incident=incident,
        reported_by=by,
        actor=actor,
        now=now,
        location=POZNIAKY,
        kind=ImpactKind.FIRE,
        struck_at=now,
    )


def _add_building(incident: Incident, by: Organisation, actor: Actor, now: datetime) -> BaseModel:
    return register_building(incident=incident, reported_by=by, actor=actor, now=now, location=POZNIAKY)


def _add_assessment(incident: Incident, by: Organisation, actor: Actor, now: datetime) -> BaseModel:
    observed: dict[str, Any] = {"scale": "fema", "value": "minor", "method": "drone", "assessed_at": now}
    return assess_building(building=incident.buildings.get(), reported_by=by, actor=actor, now=now, **observed)


def _add_outage(incident: Incident, by: Organisation, actor: Actor, now: datetime) -> BaseModel:
    return report_outage(
        incident=incident,
        reported_by=by,
        actor=actor,
        now=now,
        service=Service.WATER,
        started_at=now,
        footprint=box(30.6, 50.3, 30.7, 50.4),
    )


ADDITIONS: list[Addition] = [_add_casualties, _add_site, _add_building, _add_assessment, _add_outage]


@pytest.mark.parametrize("add", ADDITIONS)
def test_every_addition_is_made_in_the_name_of_ones_own_organisation(
    add: Addition, building: AffectedBuilding, provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        add(building.incident, provider, ngo_actor, now)


@pytest.mark.parametrize("add", ADDITIONS)
def test_a_dismissed_incident_takes_no_addition(
    add: Addition, building: AffectedBuilding, ngo: Organisation, now: datetime
) -> None:
    dismiss_incident(incident=building.incident, actor=SYSTEM, now=now, reason="Fireworks")
    _refused(IncidentDismissed, add, building.incident, ngo, now)


@pytest.mark.parametrize("add", ADDITIONS)
def test_an_organisation_for_exercises_adds_to_exercises_only(
    add: Addition, building: AffectedBuilding, ngo: Organisation, now: datetime
) -> None:
    team = organisation("Blue team", is_exercise=True)
    _refused(ExerciseMixed, add, building.incident, team, now)
    drill = make.incident(ngo, now=now, is_exercise=True)
    make.building(drill, ngo, now=now)
    assert events_of(add(drill, team, SYSTEM, now)) != []


def _refused(error: type[DomainError], add: Addition, incident: Incident, by: Organisation, now: datetime) -> None:
    with pytest.raises(error):
        add(incident, by, SYSTEM, now)
