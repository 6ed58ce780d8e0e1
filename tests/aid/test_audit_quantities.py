"""The audit is silent through every verb that moves a quantity, and hears every counter that is off by one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from aid.actions.accept_match import accept_match
from aid.actions.audit_quantities import Difference, audit_quantities
from aid.actions.book_plan import book_plan
from aid.actions.cancel_match import cancel_match
from aid.actions.check_in import check_in
from aid.actions.check_out import check_out
from aid.actions.confirm_delivery import confirm_delivery
from aid.actions.decline_match import decline_match
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.fail_delivery import fail_delivery
from aid.actions.plan_delivery import plan_delivery
from aid.actions.plan_stay import plan_stay
from aid.actions.return_delivery import return_delivery
from aid.enums import ShelterKind
from aid.matching.candidates import Scope
from aid.matching.planning import plan_for
from aid.models import Delivery, Match, RequestLine, Resource, ShelterStay
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.records.errors import NotAllowed
from tests.factories import aid
from tests.factories.access import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(ngo: Organisation, provider: Organisation, now: datetime) -> Match:
    """Give a booked proposal of 45 of 100 litres."""
    aid.line(ngo, now=now)
    aid.resource(provider, now=now, service_radius_m=15_000)
    book_plan(decision=plan_for(Scope(), now=now), actor=SYSTEM, now=now)
    return Match.objects.get()


def assert_counters(*, resource: tuple[int, int], line: tuple[int, int, int]) -> None:
    assert Resource.objects.values_list("reserved", "consumed").get() == resource
    assert RequestLine.objects.values_list("reserved", "dispatched", "delivered").get() == line
    assert audit_quantities(actor=SYSTEM) == []


def on_its_way(match: Match, now: datetime) -> Delivery:
    accept_match(match=match, actor=SYSTEM, now=now)
    delivery = plan_delivery(matches=[Match.objects.get()], actor=SYSTEM, now=now)
    assert_counters(resource=(45, 0), line=(45, 0, 0))
    return dispatch_delivery(delivery=delivery, actor=SYSTEM, now=now)


def test_proposed_and_declined(match: Match, now: datetime) -> None:
    assert_counters(resource=(45, 0), line=(45, 0, 0))
    decline_match(match=match, actor=SYSTEM, now=now)
    assert_counters(resource=(0, 0), line=(0, 0, 0))


def test_accepted_and_cancelled(match: Match, now: datetime) -> None:
    accept_match(match=match, actor=SYSTEM, now=now)
    assert_counters(resource=(45, 0), line=(45, 0, 0))
    cancel_match(match=match, reason="The van broke down.", actor=SYSTEM, now=now)
    assert_counters(resource=(0, 0), line=(0, 0, 0))


def test_dispatched_and_delivered_in_part(match: Match, now: datetime) -> None:
    delivery = on_its_way(match, now)
    assert_counters(resource=(0, 45), line=(0, 45, 0))
    confirm_delivery(delivery=delivery, quantities={match.pk: 40}, actor=SYSTEM, now=now)
    assert_counters(resource=(0, 45), line=(0, 40, 40))


def test_failed_and_returned(match: Match, now: datetime) -> None:
    delivery = on_its_way(match, now)
    fail_delivery(delivery=delivery, reason="The bridge is closed.", actor=SYSTEM, now=now)
    assert_counters(resource=(0, 45), line=(0, 0, 0))
    return_delivery(delivery=delivery, actor=SYSTEM, now=now)
    assert_counters(resource=(0, 0), line=(0, 0, 0))


def test_nothing_arrived(match: Match, now: datetime) -> None:
    delivery = on_its_way(match, now)
    confirm_delivery(delivery=delivery, quantities={match.pk: 0}, actor=SYSTEM, now=now)
    assert_counters(resource=(0, 45), line=(0, 0, 0))


def test_stays_matched_and_walked_in(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    shelter = aid.shelter(provider, now=now, service_radius_m=30_000)
    aid.line(ngo, now=now, quantity=4, of=aid.place_item(ShelterKind.COLLECTIVE_CENTRE))
    book_plan(decision=plan_for(Scope(), now=now), actor=SYSTEM, now=now)
    walked_in = plan_stay(shelter=shelter, party_size=3, actor=SYSTEM, now=now)
    assert_counters(resource=(7, 0), line=(4, 0, 0))
    accept_match(match=Match.objects.get(), actor=SYSTEM, now=now)
    assert_counters(resource=(7, 0), line=(4, 0, 0))
    for stay in ShelterStay.objects.all():
        check_in(stay=stay, actor=SYSTEM, now=now)
    assert_counters(resource=(0, 7), line=(0, 4, 4))
    check_out(stay=walked_in, actor=SYSTEM, now=now)
    assert_counters(resource=(0, 4), line=(0, 4, 4))


@pytest.mark.parametrize(
    ("model", "noun", "counter"),
    [
        (Resource, "resource", "reserved"),
        (Resource, "resource", "consumed"),
        (RequestLine, "line", "reserved"),
        (RequestLine, "line", "dispatched"),
    ],
)
def test_counter_off_by_one_is_named(
    match: Match, model: type[Resource | RequestLine], noun: str, counter: str
) -> None:
    row = model._default_manager.get()
    right = getattr(row, counter)
    wrong = right - 1 if right else right + 1
    # One reservation less makes room for the unit too many: the database refuses an overfilled line.
    model._default_manager.update(**({"reserved": 44} | {counter: wrong}))
    expected = {Difference(noun, row.pk, "reserved", 44, 45), Difference(noun, row.pk, counter, wrong, right)}
    assert set(audit_quantities(actor=SYSTEM)) == expected


def test_delivered_counter_is_counted_too(match: Match, now: datetime) -> None:
    confirm_delivery(delivery=on_its_way(match, now), actor=SYSTEM, now=now)
    RequestLine.objects.update(delivered=44)
    assert audit_quantities(actor=SYSTEM) == [Difference("line", match.line_id, "delivered", 44, 45)]


def test_command_is_silent_on_a_good_day_and_fails_on_a_bad_one(match: Match, now: datetime) -> None:
    told = StringIO()
    call_command("audit_quantities", stdout=told)
    assert told.getvalue() == "Every counter is right.\n"
    Match.objects.update(quantity=44, updated_at=now - timedelta(days=1))
    told = StringIO()
    with pytest.raises(CommandError, match="2 counters are wrong"):
        call_command("audit_quantities", "--json", stdout=told)
    assert [(wrong["noun"], wrong["stored"], wrong["counted"]) for wrong in json.loads(told.getvalue())] == [
        ("line", 45, 44),
        ("resource", 45, 44),
    ]


def test_provider_may_not_audit(provider: Organisation) -> None:
    with pytest.raises(NotAllowed):
        audit_quantities(actor=member(provider))
