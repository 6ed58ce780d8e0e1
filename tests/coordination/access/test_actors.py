"""What an actor is given by others: read once, in few statements, and the same ever after."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aid.models import AidRequest, Contact, Delivery, Match, RequestLine, Resource, Shelter, ShelterStay
from coordination.access.actors import PUBLIC, SYSTEM, Actor, Grant
from coordination.access.enums import DataClass, Scope
from coordination.access.models import Caseload, Organisation
from coordination.areas.models import Area
from coordination.outbox.models import Event
from incidents.models import AffectedBuilding, DamageAssessment, ImpactSite, Incident, Outage
from tests.factories import aid
from tests.factories.access import agreement, member, organisation
from tests.factories.places import POZNIAKY, SALTIVKA, darnytskyi, kyiv

GUARDED: list[type[Any]] = [
    AffectedBuilding, AidRequest, Contact, DamageAssessment, Delivery, Event, ImpactSite, Incident, Match, Outage,
    RequestLine, Resource, Shelter, ShelterStay,
]  # fmt: skip
EVERYTHING = frozenset(Scope.values)
READING = frozenset({Scope.AID_READ, Scope.INCIDENTS_READ})


def _in(*grants: tuple[Organisation, frozenset[str]]) -> Actor:
    return Actor(grants={of.pk: Grant(scopes=scopes, is_cell=of.is_cell) for of, scopes in grants})


def _statements(actor: Actor) -> list[str]:
    return [str(model.objects.visible_to(actor).query) for model in GUARDED]


@pytest.fixture
def city(db: None) -> Area:
    """Give the city of Kyiv."""
    return kyiv()


@pytest.fixture
def district(city: Area) -> Area:
    """Give the city's district around Pozniaky."""
    return darnytskyi(city)


def test_agreement_shares_a_whole_organisation(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    agreement(ngo, provider, DataClass.EXACT_PLACE, now=now)
    actor = member(provider)
    assert (actor.shared().organisation_ids, actor.shared().caseload_ids) == ({ngo.pk}, set())
    assert actor.shared(DataClass.EXACT_PLACE).organisation_ids == {ngo.pk}
    assert actor.shared(DataClass.HEALTH).organisation_ids == set()


def test_agreement_limited_to_areas_shares_the_caseloads_there_and_below(
    ngo: Organisation, provider: Organisation, city: Area, district: Area, now: datetime
) -> None:
    elsewhere = Area.objects.create(pcode="UA63", level=1, name_uk="Харківська", name_en="Kharkivska")
    caseloads = [Caseload.objects.of(ngo, area) for area in (city, district, elsewhere)]
    Caseload.objects.of(organisation("Somebody Else"), district)
    agreement(ngo, provider, now=now, areas=[city])
    shared = member(provider).shared()
    assert shared.organisation_ids == set()
    assert shared.caseload_ids == {caseload.pk for caseload in caseloads[:2] if caseload}


@pytest.mark.parametrize("ended", ["expired", "of somebody else", "giver inactive"])
def test_agreement_that_does_not_hold_shares_nothing(
    ended: str, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    agreement(
        ngo,
        organisation("Somebody Else") if ended == "of somebody else" else provider,
        now=now,
        days=-1 if ended == "expired" else 30,
    )
    if ended == "giver inactive":
        Organisation.objects.filter(pk=ngo.pk).update(is_active=False)
    assert member(provider).shared().organisation_ids == set()


def test_agreement_is_used_by_the_receiver_s_grant_alone(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    agreement(ngo, provider, DataClass.IDENTITY, DataClass.HEALTH, now=now)
    other = organisation("Somebody Else")
    counter = _in((provider, READING), (other, EVERYTHING))
    assert counter.shared(DataClass.HEALTH).organisation_ids == {ngo.pk}
    assert counter.shared(DataClass.IDENTITY).organisation_ids == set()
    assert counter.narrowed_to(Scope.AID_WRITE).shared().organisation_ids == set()
    caseworker = _in((provider, EVERYTHING), (other, READING))
    assert caseworker.shared(DataClass.IDENTITY).organisation_ids == {ngo.pk}


def test_several_organisations_are_given_what_each_is(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    own, giver = organisation("Red Kettle"), organisation("Dnipro Kitchen")
    agreement(ngo, own, now=now)
    agreement(giver, provider, now=now)
    assert set(_in((own, READING), (provider, READING)).shared().organisation_ids) == {ngo.pk, giver.pk}


def test_cell_without_areas_sees_everywhere_and_one_with_areas_there_and_below(
    cell: Organisation, city: Area, district: Area
) -> None:
    everywhere = member(cell)
    assert (everywhere.sees_everywhere, everywhere.area_ids) == (True, set())
    cell.areas.add(city)
    limited = member(cell, username="ihor")
    assert (limited.is_cell, limited.sees_everywhere) == (True, False)
    assert limited.area_ids == {city.pk, district.pk}


@pytest.mark.parametrize(("within", "may"), [("here", True), ("elsewhere", False), ("unknown", True), ("all", False)])
def test_limited_cell_speaks_for_others_where_it_answers(
    within: str, may: bool, cell: Organisation, ngo: Organisation, city: Area, district: Area
) -> None:
    cell.areas.add(district)
    places: dict[str, list[UUID | None] | None] = {
        "here": [district.pk],
        "elsewhere": [city.pk],
        "unknown": [None],
        "all": None,
    }
    where = places[within]
    actor = member(cell)
    assert actor.may_for(Scope.AID_WRITE, ngo.pk, within=where) is may
    assert actor.may_for(Scope.AID_WRITE, cell.pk, within=where)
    assert SYSTEM.may_for(Scope.AID_WRITE, ngo.pk, within=where)
    assert not PUBLIC.may_for(Scope.AID_WRITE, ngo.pk, within=where)


def test_areas_that_lie_below_each_other_end_the_walk(cell: Organisation, city: Area, district: Area) -> None:
    Area.objects.filter(pk=city.pk).update(parent=district)
    cell.areas.add(district)
    assert set(member(cell).area_ids) == {city.pk, district.pk}


def test_actor_is_read_in_six_statements_once(
    cell: Organisation, ngo: Organisation, provider: Organisation, district: Area, now: datetime
) -> None:
    cell.areas.add(district)
    agreement(ngo, provider, now=now, areas=[district])
    agreement(ngo, cell, now=now)
    aid.proposal(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now)
    actor = _in((cell, EVERYTHING), (provider, EVERYTHING))
    with CaptureQueriesContext(connection) as queries:
        _statements(actor)
    # The cell's areas and those below; the agreements, the areas below theirs and their caseloads; what was promised.
    assert len(queries) == 6
    with CaptureQueriesContext(connection) as queries:
        _statements(actor)
    assert len(queries) == 0


@pytest.mark.parametrize("actor", [PUBLIC, SYSTEM], ids=["public", "system"])
def test_nobody_in_particular_is_read_in_no_statement(actor: Actor, db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        rules = [model.objects.rules_for(actor) for model in GUARDED]
    assert (len(rules), len(queries)) == (len(GUARDED), 0)


def test_guard_is_the_same_for_the_same_grants_and_at_any_time(
    ngo: Organisation, provider: Organisation, district: Area, now: datetime
) -> None:
    agreement(ngo, provider, DataClass.HEALTH, now=now, areas=[district])
    aid.proposal(aid.line(ngo, now=now), aid.resource(provider, now=now), now=now)
    actor = member(provider)
    first = _statements(actor)
    # What changes later is seen by the next HTTP request, not in the middle of this one.
    agreement(organisation("Somebody Else"), provider, now=now)
    aid.proposal(aid.line(ngo, now=now, location=SALTIVKA), aid.resource(provider, now=now), now=now)
    assert _statements(actor) == first
    again = member(provider, username="oksana")
    assert _statements(again) != first
    same = member(provider, username="petro")
    assert _statements(same) == _statements(again)


def test_requests_lie_in_the_caseload_of_their_organisation_and_area(
    ngo: Organisation, provider: Organisation, district: Area, now: datetime
) -> None:
    here = [aid.aid_request(of, now=now, location=POZNIAKY) for of in (ngo, ngo, provider)]
    nowhere = aid.aid_request(ngo, now=now, location=SALTIVKA)
    assert nowhere.caseload is None
    caseloads = [(each.caseload.organisation_id, each.caseload.area_id) for each in here if each.caseload]
    assert caseloads == [(ngo.pk, district.pk), (ngo.pk, district.pk), (provider.pk, district.pk)]
    assert Caseload.objects.count() == 2
