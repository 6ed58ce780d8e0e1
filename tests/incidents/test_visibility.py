"""Who sees what happened, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aid.models import AidRequest
from coordination.access.actors import PUBLIC, SYSTEM, Actor, Grant
from coordination.access.disclosure import readable
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.records.clock import database_now
from coordination.records.errors import NotAllowed
from coordination.records.visibility import Disclosure
from coordination.web.filters import changed_since
from incidents.actions.dismiss_incident import dismiss_incident
from incidents.actions.verify_incident import verify_incident
from incidents.models import (
    AccessConstraint,
    AffectedBuilding,
    CasualtyReport,
    DamageAssessment,
    ImpactSite,
    Incident,
    Outage,
)
from tests.factories import incidents as make
from tests.factories.access import organisation
from tests.factories.places import POZNIAKY, darnytskyi

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
COARSE, EXACT = Disclosure.COARSE, Disclosure.EXACT
CHILDREN: list[type[Any]] = [CasualtyReport, ImpactSite, AffectedBuilding, DamageAssessment, Outage]


@dataclass(frozen=True)
class Watchers:
    """Everybody who could look: by name, in the order of how much they may see."""

    public: Actor
    stranger: Actor
    helper: Actor
    asker: Actor
    reporter: Actor
    cell: Actor
    system: Actor

    def levels(self, model: type[Any]) -> dict[str, Disclosure | None]:
        """Say at which level each sees the one row of a model, None where it is not seen."""
        return {name: self._level(actor, model) for name, actor in vars(self).items()}

    @staticmethod
    def _level(actor: Actor, model: type[Any]) -> Disclosure | None:
        rows = list(model.objects.visible_to(actor))
        assert len(rows) <= 1, "a rule that joins gave one row twice"
        return Disclosure(rows[0].disclosure) if rows else None


@pytest.fixture
def helper(now: datetime) -> Organisation:
    """Give a trusted organisation that adds to incidents of others."""
    return organisation("Fire brigade", is_trusted=True)


@pytest.fixture
def asker(now: datetime) -> Organisation:
    """Give an organisation that files aid requests."""
    return organisation("Block 12 residents")


@pytest.fixture
def watchers(
    ngo: Organisation, helper: Organisation, asker: Organisation, provider: Organisation, cell: Organisation
) -> Watchers:
    """Give an actor of each kind; the incident is the ngo's, its children the helper's."""
    return Watchers(
        public=PUBLIC,
        stranger=_member(provider),
        helper=_member(helper),
        asker=_member(asker),
        reporter=_member(ngo),
        cell=_member(cell),
        system=SYSTEM,
    )


def _member(of: Organisation, *scopes: str) -> Actor:
    return Actor(grants={of.pk: Grant(scopes=frozenset(scopes or {"incidents:read"}), is_cell=of.is_cell)})


def _ask_for_aid(asker: Organisation, incident: Incident, now: datetime, building: AffectedBuilding | None) -> None:
    AidRequest.objects.create(
        reported_by=asker,
        incident=incident,
        building=building,
        location=POZNIAKY,
        public_cell="861e28947ffffff",
        people=3,
        urgency=1,
        review_at=now + 48 * HOUR,
    )


def _fill(incident: Incident, helper: Organisation, asker: Organisation, now: datetime) -> None:
    """Give an incident one child of each kind, and a request for aid that names it and its building."""
    make.impact_site(incident, helper, now=now)
    building = make.building(incident, helper, now=now)
    make.assessment(building, helper, now=now)
    make.casualties(incident, helper, now=now)
    make.outage(helper, now=now, incident=incident)
    _ask_for_aid(asker, incident, now, building)


def _told(
    public: Disclosure | None, stranger: Disclosure | None, helper: Disclosure | None, asker: Disclosure | None
) -> dict[str, Disclosure | None]:
    return {
        "public": public,
        "stranger": stranger,
        "helper": helper,
        "asker": asker,
        "reporter": EXACT,
        "cell": EXACT,
        "system": EXACT,
    }


def test_unverified_incident_is_its_reporters_its_askers_and_the_cells(
    watchers: Watchers, ngo: Organisation, helper: Organisation, asker: Organisation, now: datetime
) -> None:
    _fill(make.incident(ngo, now=now), helper, asker, now)
    assert watchers.levels(Incident) == _told(None, None, None, COARSE)
    assert watchers.levels(CasualtyReport) == _told(None, None, EXACT, COARSE)
    assert watchers.levels(ImpactSite) == _told(None, None, EXACT, None)
    assert watchers.levels(AffectedBuilding) == _told(None, None, EXACT, EXACT)
    assert watchers.levels(DamageAssessment) == _told(None, None, EXACT, None)
    assert watchers.levels(Outage) == _told(None, None, EXACT, COARSE)


def test_incident_under_embargo_is_told_to_members_coarsely(
    watchers: Watchers, ngo: Organisation, helper: Organisation, asker: Organisation, now: datetime
) -> None:
    _fill(make.confirmed_incident(ngo, now=now), helper, asker, now)
    assert watchers.levels(Incident) == _told(None, COARSE, COARSE, COARSE)
    assert watchers.levels(CasualtyReport) == _told(None, COARSE, EXACT, COARSE)
    assert watchers.levels(ImpactSite) == _told(None, COARSE, EXACT, COARSE)
    assert watchers.levels(AffectedBuilding) == _told(None, None, EXACT, EXACT)
    assert watchers.levels(DamageAssessment) == _told(None, None, EXACT, None)
    assert watchers.levels(Outage) == _told(None, COARSE, EXACT, COARSE)


def test_public_incident_is_told_to_all_coarsely_but_not_its_places(
    watchers: Watchers, ngo: Organisation, helper: Organisation, asker: Organisation, now: datetime
) -> None:
    incident = make.incident(ngo, now=now)
    _fill(incident, helper, asker, now)
    verify_incident(incident=incident, actor=SYSTEM, now=now, public_from=now - HOUR)
    assert watchers.levels(Incident) == _told(COARSE, COARSE, COARSE, COARSE)
    assert watchers.levels(CasualtyReport) == _told(COARSE, COARSE, EXACT, COARSE)
    assert watchers.levels(ImpactSite) == _told(None, COARSE, EXACT, COARSE)
    assert watchers.levels(AffectedBuilding) == _told(None, None, EXACT, EXACT)
    assert watchers.levels(DamageAssessment) == _told(None, None, EXACT, None)
    assert watchers.levels(Outage) == _told(COARSE, COARSE, EXACT, COARSE)


def test_dismissed_incident_is_told_to_nobody_new(
    watchers: Watchers, ngo: Organisation, helper: Organisation, asker: Organisation, now: datetime
) -> None:
    incident = make.incident(ngo, now=now)
    _fill(incident, helper, asker, now)
    verify_incident(incident=incident, actor=SYSTEM, now=now, public_from=now - HOUR)
    dismiss_incident(incident=incident, actor=SYSTEM, now=now, reason="Reported twice")
    assert watchers.levels(Incident) == _told(None, None, None, COARSE)
    assert watchers.levels(CasualtyReport) == _told(None, None, EXACT, COARSE)
    assert watchers.levels(ImpactSite) == _told(None, None, EXACT, None)
    assert watchers.levels(Outage) == _told(None, None, EXACT, COARSE)


def test_exercise_is_never_public(watchers: Watchers, ngo: Organisation, helper: Organisation, now: datetime) -> None:
    drill = make.public_incident(ngo, now=now, is_exercise=True)
    make.casualties(drill, helper, now=now)
    make.outage(helper, now=now, incident=drill)
    make.outage(organisation("Blue team", is_exercise=True), now=now)
    assert list(Incident.objects.visible_to(PUBLIC)) == []
    assert list(CasualtyReport.objects.visible_to(PUBLIC)) == []
    assert list(Outage.objects.visible_to(PUBLIC)) == []
    assert watchers.levels(Incident)["stranger"] == COARSE


def test_a_site_struck_later_hides_a_public_incident_again(ngo: Organisation, now: datetime) -> None:
    incident = make.public_incident(ngo, now=now)
    assert list(Incident.objects.visible_to(PUBLIC)) == [incident]
    make.impact_site(incident, ngo, now=now)
    assert list(Incident.objects.visible_to(PUBLIC)) == []


def test_a_member_without_the_scope_sees_what_the_public_sees(ngo: Organisation, now: datetime) -> None:
    confirmed = make.confirmed_incident(ngo, now=now)
    make.impact_site(confirmed, ngo, now=now)
    told = make.public_incident(ngo, now=now)
    counter = _member(organisation("Counter"), "aid:read")
    assert list(Incident.objects.visible_to(counter)) == [told]
    assert list(ImpactSite.objects.visible_to(counter)) == []


def test_unlinked_outage_waits_as_if_it_were_of_a_strike(
    watchers: Watchers, helper: Organisation, now: datetime
) -> None:
    outage = make.outage(helper, now=now, started_at=now - 100 * HOUR, areas=[darnytskyi()])
    assert watchers.levels(Outage) == _told(None, COARSE, EXACT, COARSE) | {"reporter": COARSE}
    Outage.objects.update(created_at=now - 12 * HOUR - MINUTE)
    assert watchers.levels(Outage) == _told(COARSE, COARSE, EXACT, COARSE) | {"reporter": COARSE}
    # Whoever links it later hides it again.
    Outage.objects.filter(pk=outage.pk).update(incident=make.confirmed_incident(helper, now=now))
    assert watchers.levels(Outage)["public"] is None


@pytest.mark.parametrize(("ahead", "public"), [(4 * HOUR, COARSE), (2 * HOUR, None)])
def test_outage_announced_well_ahead_is_told_at_once(
    ahead: timedelta, public: Disclosure | None, watchers: Watchers, helper: Organisation, now: datetime
) -> None:
    make.outage(helper, now=now, started_at=now + ahead)
    assert watchers.levels(Outage)["public"] == public


def test_outage_follows_the_embargo_of_its_incident(ngo: Organisation, helper: Organisation, now: datetime) -> None:
    incident = make.public_incident(ngo, now=now)
    outage = make.outage(helper, now=now, incident=incident)
    assert list(Outage.objects.visible_to(PUBLIC)) == [outage]
    make.impact_site(incident, ngo, now=now)
    assert list(Outage.objects.visible_to(PUBLIC)) == []


@pytest.mark.parametrize(("by", "public"), [({}, None), ({"is_trusted": True}, COARSE), ({"is_cell": True}, COARSE)])
def test_figures_of_nobody_trusted_reach_members_only(
    by: dict[str, bool], public: Disclosure | None, watchers: Watchers, ngo: Organisation, now: datetime
) -> None:
    make.casualties(make.public_incident(ngo, now=now), organisation("Somebody", **by), now=now)
    assert watchers.levels(CasualtyReport) == _told(public, COARSE, COARSE, COARSE)


def test_access_constraint_is_told_to_all_who_take_part(watchers: Watchers, ngo: Organisation, now: datetime) -> None:
    make.access_constraint(ngo, now=now)
    assert watchers.levels(AccessConstraint) == _told(None, EXACT, EXACT, EXACT)


@pytest.mark.parametrize("model", [Incident, *CHILDREN, AccessConstraint])
@pytest.mark.parametrize("aid_requests", [1, 3])
def test_visible_to_is_one_query_and_no_row_comes_twice(
    model: type[Any],
    aid_requests: int,
    watchers: Watchers,
    ngo: Organisation,
    helper: Organisation,
    asker: Organisation,
    now: datetime,
) -> None:
    incident = make.confirmed_incident(ngo, now=now)
    _fill(incident, helper, asker, now)
    make.access_constraint(ngo, now=now)
    for _again in range(aid_requests - 1):
        _ask_for_aid(asker, incident, now, AffectedBuilding.objects.get())
    for actor in vars(watchers).values():
        # What an actor's organisations are given is read on first use and remembered.
        model.objects.rules_for(actor)
        with CaptureQueriesContext(connection) as queries:
            assert len(model.objects.visible_to(actor)) <= 1
        assert len(queries) <= 1


class TestLimitedCell:
    """A cell that answers for a district: exactly what lies there, or nobody knows where; otherwise as a member."""

    @pytest.fixture
    def district(self, db: None) -> Area:
        """Give the district for which the cell answers."""
        return darnytskyi()

    @pytest.fixture
    def limited(self, cell: Organisation, district: Area) -> Actor:
        """Give a member of the cell."""
        cell.areas.add(district)
        return _member(cell, "incidents:read", "incidents:write")

    @pytest.fixture
    def elsewhere(self, db: None) -> Area:
        """Give a district for which it does not answer."""
        return Area.objects.create(katottg="UA80000000000479391", level=5, name_uk="Оболонський", name_en="Obolonskyi")

    def test_incident_is_seen_exactly_in_one_of_its_areas_or_in_none(
        self, limited: Actor, district: Area, elsewhere: Area, ngo: Organisation, now: datetime
    ) -> None:
        both = make.incident(ngo, now=now, areas=[elsewhere, district])
        nowhere = make.incident(ngo, now=now, areas=[])
        told = make.confirmed_incident(ngo, now=now, areas=[elsewhere])
        make.incident(ngo, now=now, areas=[elsewhere])
        Incident.objects.get(pk=nowhere.pk).areas.clear()
        seen = {row.pk: row.disclosure for row in Incident.objects.visible_to(limited)}
        assert seen == {both.pk: EXACT, nowhere.pk: EXACT, told.pk: COARSE}

    @pytest.mark.parametrize("is_here", [True, False])
    def test_children_are_seen_exactly_where_they_lie(
        self,
        is_here: bool,
        limited: Actor,
        district: Area,
        elsewhere: Area,
        ngo: Organisation,
        helper: Organisation,
        now: datetime,
    ) -> None:
        area = district if is_here else elsewhere
        incident = make.confirmed_incident(ngo, now=now, areas=[area])
        make.impact_site(incident, helper, now=now, area=area)
        make.assessment(make.building(incident, helper, now=now, area=area), helper, now=now)
        make.casualties(incident, helper, now=now)
        make.outage(helper, now=now, incident=incident, areas=[area])
        seen = {model: [row.disclosure for row in model.objects.visible_to(limited)] for model in CHILDREN}
        told = [] if not is_here else [EXACT]
        coarsely = [EXACT] if is_here else [COARSE]
        assert seen == {
            CasualtyReport: coarsely,
            ImpactSite: coarsely,
            AffectedBuilding: told,
            DamageAssessment: told,
            Outage: coarsely,
        }

    def test_incident_elsewhere_is_not_its_to_verify(
        self, limited: Actor, district: Area, elsewhere: Area, ngo: Organisation, now: datetime
    ) -> None:
        verify_incident(incident=make.incident(ngo, now=now, areas=[district]), actor=limited, now=now)
        with pytest.raises(NotAllowed):
            verify_incident(incident=make.incident(ngo, now=now, areas=[elsewhere]), actor=limited, now=now)


def test_what_is_told_coarsely_changes_when_its_coarse_fields_do(
    watchers: Watchers, ngo: Organisation, now: datetime
) -> None:
    incident = make.confirmed_incident(ngo, now=now)
    since = database_now()
    Incident.objects.filter(pk=incident.pk).update(description="Balcony of the third floor")
    seen = {
        name: [row.pk for row in changed_since(Incident.objects.visible_to(actor), since)]
        for name, actor in vars(watchers).items()
    }
    assert [name for name, rows in seen.items() if rows] == ["reporter", "cell", "system"]
    Incident.objects.filter(pk=incident.pk).update(title="Two houses hit")
    assert list(changed_since(Incident.objects.visible_to(watchers.stranger), since)) == [incident]
    row = Incident.objects.visible_to(watchers.stranger).get()
    assert readable(row, "updated_at") == "coarse_updated_at"
    assert readable(Incident.objects.visible_to(watchers.cell).get(), "updated_at") == "updated_at"
