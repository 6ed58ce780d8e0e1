"""Requests that may be the same one: people are warned, as far as each may see; nothing is blocked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.change_aid_request import change_aid_request
from aid.actions.dismiss_possible_duplicate import NotAPossibleDuplicate, dismiss_possible_duplicate
from aid.actions.file_aid_request import NewContact, NewLine
from aid.actions.submit_aid_request import submit_aid_request
from aid.models import AidRequest, PossibleDuplicate
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import NotAllowed
from incidents.models import AffectedBuilding
from tests.factories import aid, incidents
from tests.faults.at_once import THREADS, at_once

PHONE = NewContact(phone="+380 44 123 45 67")
SAME_PHONE = NewContact(phone="(044) 123-45-67")
OTHER_PHONE = NewContact(phone="+380 44 123 45 68")


@pytest.fixture
def building(ngo: Organisation, now: datetime) -> AffectedBuilding:
    """Give a building that was hit."""
    return incidents.building(incidents.incident(ngo, now=now), ngo, now=now)


def noticed() -> list[tuple[Any, Any, list[str]]]:
    """Give the pairs that were noticed: the earlier, the later and why."""
    return list(PossibleDuplicate.objects.order_by("created_at").values_list("earlier", "later", "reasons"))


def test_same_phone_is_noticed_however_it_is_written(ngo: Organisation, now: datetime) -> None:
    first = aid.aid_request(ngo, now=now, contact=PHONE)
    aid.aid_request(ngo, now=now, contact=OTHER_PHONE)
    aid.aid_request(ngo, now=now, contact=NewContact(phone="ask the neighbour"))
    aid.aid_request(ngo, now=now, contact=NewContact(phone="ask the neighbour"))
    second = aid.aid_request(ngo, now=now, contact=SAME_PHONE)
    assert noticed() == [(first.pk, second.pk, ["phone"])]


def test_same_building_and_item_is_noticed_for_72_hours(
    ngo: Organisation, building: AffectedBuilding, now: datetime
) -> None:
    first = aid.aid_request(ngo, now=now, building=building, contact=PHONE)
    second = aid.aid_request(ngo, now=now, building=building, contact=PHONE)
    assert noticed() == [(first.pk, second.pk, ["phone", "building"])]
    AidRequest.objects.update(created_at=now - timedelta(hours=73))
    aid.aid_request(ngo, now=now, building=building)
    aid.aid_request(ngo, now=now, building=building, lines=[NewLine(aid.item("hot_meal"), 3)])
    assert PossibleDuplicate.objects.count() == 1


def test_ended_and_exercise_requests_are_nobodys_duplicates(ngo: Organisation, now: datetime) -> None:
    ended = aid.aid_request(ngo, now=now, contact=PHONE)
    cancel_aid_request(aid_request=ended, reason="Solved.", actor=SYSTEM, now=now)
    aid.aid_request(ngo, now=now, contact=PHONE, is_exercise=True)
    aid.aid_request(ngo, now=now, contact=PHONE)
    assert noticed() == []


def test_change_and_submission_notice_and_forget(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    first = aid.aid_request(ngo, now=now, contact=PHONE)
    second = aid.aid_request(ngo, now=now, contact=OTHER_PHONE)
    change_aid_request(aid_request=second, contact=SAME_PHONE, actor=ngo_actor, now=now)
    assert noticed() == [(first.pk, second.pk, ["phone"])]
    change_aid_request(aid_request=first, contact=NewContact(name="Olena"), actor=ngo_actor, now=now)
    assert noticed() == []
    draft = aid.aid_request(ngo, now=now, contact=PHONE, is_draft=True)
    PossibleDuplicate.objects.all().delete()
    submit_aid_request(aid_request=draft, actor=ngo_actor, now=now)
    assert noticed() == [(second.pk, draft.pk, ["phone"])]


def test_who_did_not_see_the_other_request_is_not_told_of_it(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    aid.aid_request(ngo, now=now, contact=PHONE)
    of_others = aid.aid_request(provider, now=now, contact=PHONE)
    event = Event.objects.get(type="aid.aid_request.possible_duplicate.v1")
    assert (event.subject_id, event.audience, event.is_public) == (of_others.pk, [], False)
    for actor, pairs in ((ngo_actor, 0), (provider_actor, 0), (cell_actor, 1)):
        assert PossibleDuplicate.objects.visible_to(actor).count() == pairs
        assert Event.objects.visible_to(actor).filter(pk=event.pk).count() == pairs


def test_reporters_are_told_of_their_own_pair_without_personal_data(ngo: Organisation, now: datetime) -> None:
    first, second = (aid.aid_request(ngo, now=now, contact=PHONE) for _number in range(2))
    event = Event.objects.get(type="aid.aid_request.possible_duplicate.v1")
    assert event.audience == [ngo.pk]
    assert event.data == {
        "ref": second.ref,
        "earlier": str(first.pk),
        "earlier_ref": first.ref,
        "reasons": ["phone"],
        "is_exercise": False,
    }
    assert aid.told(second) == ["aid_request.filed", "aid_request.possible_duplicate"]


def test_dismissed_pair_stays_dismissed(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    first, second = (aid.aid_request(ngo, now=now, contact=PHONE) for _number in range(2))
    of_others = aid.aid_request(provider, now=now, contact=PHONE)
    dismiss_possible_duplicate(aid_request=first, other=second, actor=ngo_actor, now=now)
    dismissed = PossibleDuplicate.objects.get(earlier=first, later=second)
    assert (dismissed.dismissed_at, dismissed.dismissed_by_id) == (now, ngo_actor.user_id)
    with pytest.raises(NotAPossibleDuplicate):
        dismiss_possible_duplicate(aid_request=second, other=first, actor=ngo_actor, now=now)
    with pytest.raises(NotAllowed):
        dismiss_possible_duplicate(aid_request=first, other=of_others, actor=ngo_actor, now=now)
    change_aid_request(aid_request=second, contact=SAME_PHONE, actor=ngo_actor, now=now)
    assert PossibleDuplicate.objects.undecided().about([first]).filter(later=second).count() == 0


@pytest.mark.django_db(transaction=True)
def test_requests_filed_at_the_same_moment_notice_each_other(ngo: Organisation, now: datetime) -> None:
    aid.item()
    at_once(lambda _number: aid.aid_request(ngo, now=now, contact=PHONE), range(THREADS))
    assert PossibleDuplicate.objects.count() == THREADS * (THREADS - 1) // 2
