"""An incident's life: reported, verified, contained, closed, or dismissed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon

from coordination.access.actors import PUBLIC, SYSTEM, Actor
from coordination.access.enums import Role
from coordination.access.models import Organisation
from coordination.records.errors import ConstraintViolated, DomainError, InvalidFields, NotAllowed
from incidents.actions.adding import ExerciseMixed, IncidentDismissed
from incidents.actions.close_incident import IncidentNotContained, close_incident
from incidents.actions.contain_incident import IncidentNotActive, contain_incident
from incidents.actions.dismiss_incident import DismissalReasonMissing, IncidentEnded, dismiss_incident
from incidents.actions.report_incident import WaveWithinWave, report_incident
from incidents.actions.verify_incident import AlreadyVerified, IncidentNotOpen, verify_incident
from incidents.enums import Hazard, ObjectKind, Verification
from incidents.models import Incident
from tests.factories import incidents as make
from tests.factories.access import member, organisation
from tests.factories.places import POZNIAKY, box, darnytskyi, kyiv
from tests.incidents.telling import events_of, history_of, last_event_of

HOUR = timedelta(hours=1)


@pytest.fixture
def reported(ngo: Organisation, now: datetime) -> Incident:
    """Give an incident that nobody has verified."""
    return make.incident(ngo, now=now)


@pytest.fixture
def active(ngo: Organisation, now: datetime) -> Incident:
    """Give a verified incident."""
    return make.confirmed_incident(ngo, now=now)


def test_report_incident_with_a_point_lies_in_the_finest_area_and_tells_its_reporter(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    district = darnytskyi(kyiv())
    incident = report_incident(
        reported_by=ngo,
        actor=ngo_actor,
        now=now,
        title="Debris in Pozniaky",
        hazard=Hazard.DEBRIS_FALL,
        occurred_at=now - HOUR,
        location=POZNIAKY,
    )
    incident.refresh_from_db()
    assert (incident.status, incident.verification, incident.public_from) == ("reported", "unverified", None)
    assert incident.ref.startswith("INC-")
    assert list(incident.areas.all()) == [district]
    event = last_event_of(incident)
    assert (event.type, event.audience, event.is_public) == ("incidents.incident.reported.v1", [ngo.pk], False)
    assert event.data == {
        "ref": incident.ref,
        "status": "reported",
        "verification": "unverified",
        "public_cell": incident.public_cell,
    }
    ((label, status, context),) = history_of(incident, "status", "pgh_context")
    assert (label, status) == ("insert", "reported")
    assert (context["actor"], context["on_behalf_of"]) == (str(ngo_actor.user_id), str(ngo.pk))


def test_report_incident_with_an_outline_only_gets_the_cell_and_area_of_its_inside(
    ngo: Organisation, now: datetime
) -> None:
    city = kyiv()
    incident = make.incident(ngo, now=now, location=None, footprint=box(30.60, 50.45, 30.62, 50.47)[0])
    assert isinstance(incident.footprint, MultiPolygon)
    assert incident.public_cell != ""
    assert list(incident.areas.all()) == [city]


def test_report_incident_without_a_place_is_kept(ngo: Organisation, now: datetime) -> None:
    incident = make.incident(ngo, now=now, location=None)
    assert (incident.public_cell, list(incident.areas.all())) == ("", [])


def test_report_incident_by_a_viewer_is_not_allowed(ngo: Organisation, now: datetime) -> None:
    viewer = member(ngo, Role.VIEWER)
    with pytest.raises(NotAllowed):
        report_incident(reported_by=ngo, actor=viewer, now=now, title="Fire", hazard=Hazard.FIRE, occurred_at=now)


def test_report_incident_for_another_organisation_is_not_allowed(
    provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        report_incident(
            reported_by=provider, actor=ngo_actor, now=now, title="Fire", hazard=Hazard.FIRE, occurred_at=now
        )


def test_report_incident_for_the_public_is_the_cells_alone(ngo_actor: Actor, cell_actor: Actor, now: datetime) -> None:
    said: dict[str, Any] = {"title": "Smoke over Obolon", "hazard": Hazard.FIRE, "occurred_at": now}
    for actor in (PUBLIC, ngo_actor):
        with pytest.raises(NotAllowed):
            report_incident(reported_by=None, actor=actor, now=now, **said)
    incident = report_incident(reported_by=None, actor=cell_actor, now=now, **said)
    assert last_event_of(incident).audience == []


def test_report_incident_with_values_that_do_not_exist_names_the_fields(ngo: Organisation, now: datetime) -> None:
    with pytest.raises(InvalidFields) as refusal:
        make.incident(ngo, now=now, title="", hazard="meteorite", severity="bad")
    assert {problem.field for problem in refusal.value.problems} == {"title", "hazard", "severity"}


def test_report_incident_that_is_still_to_come_is_refused_by_the_database(ngo: Organisation, now: datetime) -> None:
    with pytest.raises(ConstraintViolated) as refusal:
        make.incident(ngo, now=now, occurred_at=now + HOUR)
    assert refusal.value.code == "incident_reported_after_it_occurred"
    assert str(refusal.value) == "An incident cannot be reported before it occurred."


def test_report_incident_with_a_client_ref_that_was_used_is_refused(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    make.incident(ngo, now=now, client_ref="row-1")
    make.incident(provider, now=now, client_ref="row-1")
    with pytest.raises(ConstraintViolated) as refusal:
        make.incident(ngo, now=now, client_ref="row-1")
    assert refusal.value.code == "incident_client_ref_once"


def test_report_incident_in_a_wave_has_one_level_and_one_world(ngo: Organisation, now: datetime) -> None:
    wave = make.incident(ngo, now=now, title="Barrage over Kyiv")
    child = make.incident(ngo, now=now, parent=wave)
    assert list(wave.children.all()) == [child]
    with pytest.raises(WaveWithinWave):
        make.incident(ngo, now=now, parent=child)
    with pytest.raises(ExerciseMixed):
        make.incident(ngo, now=now, parent=wave, is_exercise=True)
    dismiss_incident(incident=wave, actor=SYSTEM, now=now, reason="A drill of the fire brigade")
    wave.refresh_from_db()
    with pytest.raises(IncidentDismissed):
        make.incident(ngo, now=now, parent=wave)


def test_report_incident_by_an_organisation_for_exercises_is_an_exercise(now: datetime, db: None) -> None:
    assert make.incident(organisation("Blue team", is_exercise=True), now=now).is_exercise


def test_verify_incident_makes_it_active_and_starts_its_embargo(
    reported: Incident, cell_actor: Actor, now: datetime
) -> None:
    verify_incident(incident=reported, actor=cell_actor, now=now)
    reported.refresh_from_db()
    assert (reported.status, reported.verification) == ("active", "verified")
    assert reported.public_from == now + 12 * HOUR
    assert events_of(reported) == ["incidents.incident.reported.v1", "incidents.incident.verified.v1"]
    assert history_of(reported, "status") == [
        ("insert", "reported"),
        ("update", "active"),
    ]


@pytest.mark.parametrize(
    ("kinds", "hours"),
    [
        ([ObjectKind.CIVILIAN], 3),
        ([ObjectKind.CIVILIAN, ObjectKind.CIVILIAN], 3),
        ([ObjectKind.ENERGY], 12),
        ([ObjectKind.MILITARY], 12),
        ([ObjectKind.UNKNOWN], 12),
        ([ObjectKind.CIVILIAN, ObjectKind.ENERGY], 12),
    ],
)
def test_verify_incident_waits_for_the_longest_embargo_among_its_sites(
    kinds: list[str], hours: int, reported: Incident, ngo: Organisation, now: datetime
) -> None:
    for kind in kinds:
        make.impact_site(reported, ngo, now=now, object_kind=kind)
    assert verify_incident(incident=reported, actor=SYSTEM, now=now).public_from == now + hours * HOUR


def test_verify_incident_of_long_ago_counts_from_its_report(ngo: Organisation, now: datetime) -> None:
    incident = make.incident(ngo, now=now, occurred_at=now - 1_000 * HOUR)
    assert verify_incident(incident=incident, actor=SYSTEM, now=now).public_from == now + 12 * HOUR


def test_verify_incident_lets_the_cell_say_when_it_becomes_public(
    reported: Incident, cell_actor: Actor, now: datetime
) -> None:
    verified = verify_incident(incident=reported, actor=cell_actor, now=now, public_from=now)
    assert verified.public_from == now


def test_verify_incident_gives_the_title_that_the_public_will_read(
    reported: Incident, cell_actor: Actor, now: datetime
) -> None:
    verify_incident(incident=reported, actor=cell_actor, now=now, title="  Strike on the left bank ")
    reported.refresh_from_db()
    assert reported.title == "Strike on the left bank"
    with pytest.raises(InvalidFields):
        verify_incident(incident=reported, actor=cell_actor, now=now, verification="official", title="x" * 201)


def test_wave_waits_for_its_children_until_it_is_told(ngo: Organisation, now: datetime) -> None:
    wave = make.confirmed_incident(ngo, now=now)
    child = make.confirmed_incident(ngo, now=now + HOUR, parent=wave)
    wave.refresh_from_db()
    assert wave.public_from == child.public_from == now + 13 * HOUR
    make.impact_site(child, ngo, now=now + 2 * HOUR, object_kind=ObjectKind.MILITARY)
    wave.refresh_from_db()
    assert wave.public_from == now + 14 * HOUR
    # What was told is not taken back: its absence would tell.
    make.confirmed_incident(ngo, now=now + 20 * HOUR, parent=wave)
    wave.refresh_from_db()
    assert wave.public_from == now + 14 * HOUR


def test_wave_verified_after_its_child_waits_for_it_too(ngo: Organisation, now: datetime) -> None:
    wave = make.incident(ngo, now=now)
    child = make.incident(ngo, now=now, parent=wave)
    verify_incident(incident=child, actor=SYSTEM, now=now, public_from=now + 40 * HOUR)
    assert verify_incident(incident=wave, actor=SYSTEM, now=now).public_from == now + 40 * HOUR


def test_verify_incident_again_goes_up_only(active: Incident, now: datetime) -> None:
    with pytest.raises(AlreadyVerified):
        verify_incident(incident=active, actor=SYSTEM, now=now)
    official = verify_incident(incident=active, actor=SYSTEM, now=now, verification=Verification.OFFICIAL)
    assert (official.status, official.verification, official.public_from) == ("active", "official", active.public_from)
    with pytest.raises(AlreadyVerified):
        verify_incident(incident=active, actor=SYSTEM, now=now, verification=Verification.VERIFIED)


def test_contain_and_close_incident_by_its_reporters_coordinator_end_its_life(
    active: Incident, ngo_actor: Actor, now: datetime
) -> None:
    contain_incident(incident=active, actor=ngo_actor, now=now)
    close_incident(incident=active, actor=ngo_actor, now=now)
    active.refresh_from_db()
    assert (active.status, active.closed_at) == ("closed", now)
    assert events_of(active)[2:] == ["incidents.incident.contained.v1", "incidents.incident.closed.v1"]
    assert history_of(active, "status") == [
        ("insert", "reported"),
        ("update", "active"),
        ("update", "contained"),
        ("update", "closed"),
    ]


def test_dismiss_incident_keeps_the_reason(reported: Incident, cell_actor: Actor, now: datetime) -> None:
    dismiss_incident(incident=reported, actor=cell_actor, now=now, reason=" Fireworks ")
    reported.refresh_from_db()
    assert (reported.status, reported.dismissal_reason, reported.closed_at) == ("dismissed", "Fireworks", now)
    assert events_of(reported)[-1] == "incidents.incident.dismissed.v1"


def test_dismiss_incident_without_a_reason_is_refused(reported: Incident, now: datetime) -> None:
    with pytest.raises(DismissalReasonMissing):
        dismiss_incident(incident=reported, actor=SYSTEM, now=now, reason=" ")


def _verify(incident: Incident, actor: Actor, now: datetime) -> None:
    verify_incident(incident=incident, actor=actor, now=now)


def _make_official(incident: Incident, actor: Actor, now: datetime) -> None:
    verify_incident(incident=incident, actor=actor, now=now, verification=Verification.OFFICIAL)


def _contain(incident: Incident, actor: Actor, now: datetime) -> None:
    contain_incident(incident=incident, actor=actor, now=now)


def _close(incident: Incident, actor: Actor, now: datetime) -> None:
    close_incident(incident=incident, actor=actor, now=now)


def _dismiss(incident: Incident, actor: Actor, now: datetime) -> None:
    dismiss_incident(incident=incident, actor=actor, now=now, reason="A false alarm")


Verb = Callable[[Incident, Actor, datetime], None]
WAY_TO: dict[str, list[Verb]] = {
    "reported": [],
    "active": [_verify],
    "contained": [_verify, _contain],
    "closed": [_verify, _contain, _close],
    "dismissed": [_dismiss],
}
OUTCOMES: list[tuple[Verb, dict[str, str | type[DomainError]]]] = [
    (
        _make_official,
        {
            "reported": "active",
            "active": "active",
            "contained": "contained",
            "closed": IncidentNotOpen,
            "dismissed": IncidentNotOpen,
        },
    ),
    (
        _contain,
        {
            "reported": IncidentNotActive,
            "active": "contained",
            "contained": IncidentNotActive,
            "closed": IncidentNotActive,
            "dismissed": IncidentNotActive,
        },
    ),
    (
        _close,
        {
            "reported": IncidentNotContained,
            "active": IncidentNotContained,
            "contained": "closed",
            "closed": IncidentNotContained,
            "dismissed": IncidentNotContained,
        },
    ),
    (
        _dismiss,
        {
            "reported": "dismissed",
            "active": "dismissed",
            "contained": "dismissed",
            "closed": IncidentEnded,
            "dismissed": IncidentEnded,
        },
    ),
]


@pytest.mark.parametrize(
    ("verb", "status", "outcome"),
    [(verb, status, outcome) for verb, outcomes in OUTCOMES for status, outcome in outcomes.items()],
)
def test_every_verb_starts_from_its_own_states_only(
    verb: Verb, status: str, outcome: str | type[DomainError], ngo: Organisation, now: datetime
) -> None:
    incident = make.incident(ngo, now=now)
    for step in WAY_TO[status]:
        step(incident, SYSTEM, now)
    if isinstance(outcome, str):
        verb(incident, SYSTEM, now)
    else:
        with pytest.raises(outcome):
            verb(incident, SYSTEM, now)
    incident.refresh_from_db()
    assert incident.status == (outcome if isinstance(outcome, str) else status)


@pytest.mark.parametrize("verb", [_verify, _dismiss])
def test_only_the_cell_decides_what_is_true(verb: Verb, reported: Incident, ngo_actor: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        verb(reported, ngo_actor, now)


@pytest.mark.parametrize("verb", [_contain, _close])
def test_a_caseworker_and_another_organisation_do_not_conclude_an_incident(
    verb: Verb, active: Incident, ngo: Organisation, provider_actor: Actor, now: datetime
) -> None:
    for actor in (member(ngo, Role.CASEWORKER), provider_actor):
        with pytest.raises(NotAllowed):
            verb(active, actor, now)
