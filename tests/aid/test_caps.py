"""What one organisation may hold at once: whoever invents offers collects no more needs than this."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest

from aid.actions.accept_match import TooManyOpenMatches, accept_match
from aid.actions.audit_quantities import audit_quantities
from aid.actions.book_plan import book_plan
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.match_waiting import match_waiting
from aid.actions.offer_resource import TooManyOffers
from aid.actions.plan_delivery import plan_delivery
from aid.actions.withdraw_resource import withdraw_resource
from aid.enums import MatchStatus, Urgency
from aid.matching.candidates import Scope
from aid.matching.planning import plan_for
from aid.models import Match, Resource
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from tests.factories import aid
from tests.factories.access import organisation
from tests.faults.at_once import at_once


def allow(provider: Organisation, open_matches: int) -> None:
    """Let an organisation hold so many open matches."""
    Organisation.objects.filter(pk=provider.pk).update(open_matches_max=open_matches)


def sweep(now: datetime) -> dict[str, Any]:
    """Match whatever waits and give the counts of the run; nothing where there was none."""
    run = match_waiting(scope=Scope(), actor=SYSTEM, now=now)
    return run.counts if run else {}


def test_acceptance_beyond_the_cap_is_refused_until_something_has_left(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    water = aid.resource(provider, now=now)
    first, second = (aid.proposal(aid.line(ngo, now=now, quantity=5), water, now=now) for _number in range(2))
    allow(provider, 1)
    accept_match(match=first, actor=provider_actor, now=now)
    with pytest.raises(TooManyOpenMatches):
        accept_match(match=second, actor=provider_actor, now=now)
    delivery = plan_delivery(matches=[first], actor=SYSTEM, now=now)
    with pytest.raises(TooManyOpenMatches):
        accept_match(match=second, actor=provider_actor, now=now)
    dispatch_delivery(delivery=delivery, actor=SYSTEM, now=now)
    assert accept_match(match=second, actor=provider_actor, now=now).status == "accepted"


def test_organisation_that_nobody_vetted_may_hold_less(ngo: Organisation, now: datetime, settings: Any) -> None:
    settings.OPEN_MATCHES_MAX, settings.OPEN_MATCHES_MAX_UNVETTED = 3, 1
    stranger, known = organisation("Unknown", is_vetted=False), organisation("Known")
    for provider in (stranger, known):
        water = aid.resource(provider, now=now)
        proposals = [aid.proposal(aid.line(ngo, now=now, quantity=5), water, now=now) for _number in range(4)]
        for match in proposals:
            with suppress(TooManyOpenMatches):
                accept_match(match=match, actor=SYSTEM, now=now)
    accepted = Match.objects.filter(status=MatchStatus.ACCEPTED).values_list("resource__provider", flat=True)
    assert sorted(accepted) == sorted([stranger.pk, known.pk, known.pk, known.pk])


def test_plan_books_the_most_urgent_up_to_the_cap_and_others_serve_the_rest(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    lines = [
        aid.line(ngo, now=now, quantity=5, urgency=urgency)
        for urgency in (Urgency.ROUTINE, Urgency.LIFE_THREATENING, Urgency.SOON, Urgency.URGENT)
    ]
    aid.resource(provider, now=now, service_radius_m=15_000)
    allow(provider, 2)
    counts = sweep(now)
    assert (counts["proposals"], counts["booked"], counts["stale"], counts["beyond_cap"]) == (4, 2, 0, 2)
    served = set(Match.objects.values_list("line__aid_request__urgency", flat=True))
    assert served == {Urgency.LIFE_THREATENING, Urgency.URGENT}
    # Full: it is not even looked at, so the other, farther away, has its turn.
    assert sweep(now) == {}
    other = organisation("Podil Kitchen")
    aid.resource(other, now=now, location=aid.PODIL, service_radius_m=30_000)
    assert sweep(now)["booked"] == 2
    assert set(Match.objects.filter(resource__provider=other).values_list("line", flat=True)) == {
        lines[0].pk,
        lines[2].pk,
    }
    assert audit_quantities(actor=SYSTEM) == []


def test_decision_made_before_the_cap_was_reached_is_cut_when_booked(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    aid.line(ngo, now=now, quantity=5)
    water = aid.resource(provider, now=now, service_radius_m=15_000)
    decided = plan_for(Scope(), now=now)
    allow(provider, 1)
    aid.proposal(aid.line(ngo, now=now, quantity=5), water, now=now)
    assert book_plan(decision=decided, actor=SYSTEM, now=now).counts["booked"] == 0
    assert Match.objects.count() == 1


def test_offers_of_an_organisation_that_nobody_vetted_are_limited(
    provider: Organisation, now: datetime, settings: Any
) -> None:
    settings.OPEN_OFFERS_MAX_UNVETTED = 2
    stranger = organisation("Unknown", is_vetted=False)
    first, _second = (aid.resource(stranger, now=now) for _number in range(2))
    with pytest.raises(TooManyOffers):
        aid.resource(stranger, now=now)
    withdraw_resource(resource=first, actor=SYSTEM, now=now)
    aid.resource(stranger, now=now)
    for _number in range(3):
        aid.resource(provider, now=now)
    assert Resource.objects.filter(provider=stranger).count() == 3


@pytest.mark.django_db(transaction=True)
def test_thirty_acceptances_by_eight_threads_stop_at_the_cap(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    proposals = [
        aid.proposal(aid.line(ngo, now=now, quantity=1), aid.resource(provider, now=now), now=now)
        for _number in range(30)
    ]
    allow(provider, 7)

    def accept(match: Match) -> bool:
        try:
            accept_match(match=match, actor=SYSTEM, now=now)
        except TooManyOpenMatches:
            return False
        return True

    assert sum(at_once(accept, proposals)) == Match.objects.filter(status=MatchStatus.ACCEPTED).count() == 7
    assert audit_quantities(actor=SYSTEM) == []


@pytest.mark.django_db(transaction=True)
def test_plans_booked_at_the_same_time_stop_at_the_cap_together(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    plans = []
    for code in ("drinking_water", "hot_meal", "blanket", "torch"):
        thing = aid.item(code)
        aid.resource(provider, now=now, item=thing, service_radius_m=15_000)
        for _number in range(3):
            aid.line(ngo, now=now, quantity=1, of=thing)
        plans.append(plan_for(Scope(item_ids=[thing.pk]), now=now))
    allow(provider, 5)
    runs = at_once(lambda decided: book_plan(decision=decided, actor=SYSTEM, now=now), plans)
    assert sum(run.counts["booked"] for run in runs) == Match.objects.count() == 5
    assert audit_quantities(actor=SYSTEM) == []
