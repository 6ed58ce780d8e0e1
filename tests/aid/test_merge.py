"""Two requests for the same become one, and two again where that was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aid.actions.audit_quantities import audit_quantities
from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.change_aid_request import change_aid_request
from aid.actions.close_aid_request import close_aid_request
from aid.actions.decline_match import decline_match
from aid.actions.ending import AidRequestNotOpen
from aid.actions.file_aid_request import NewContact, NewLine
from aid.actions.merge_duplicate import ExerciseAndReal, NotAnOriginal, OriginalNotAsFar, merge_duplicate
from aid.actions.undo_merge import NotMerged, undo_merge
from aid.actions.verify_aid_request import verify_aid_request
from aid.models import AidRequest, Contact, DuplicateMerge, Match, RequestLine
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import NotAllowed
from tests.factories import aid

CONTACT = NewContact(name="Олена", phone="+380441234567", address="Дарницька 5", notes="Third floor")


@pytest.fixture
def original(ngo: Organisation, now: datetime) -> AidRequest:
    """Give a verified request for 45 litres, without a contact."""
    return aid.line(ngo, now=now, urgency=3).aid_request


@pytest.fixture
def duplicate(ngo: Organisation, now: datetime) -> AidRequest:
    """Give a verified request of the same household: more water, meals, more urgently."""
    filed = aid.aid_request(
        ngo,
        now=now,
        lines=[NewLine(aid.item(), 60, ["home_delivery"]), NewLine(aid.item("hot_meal"), 3)],
        urgency=1,
        needed_by=now + timedelta(hours=5),
        contact=CONTACT,
    )
    return verify_aid_request(aid_request=filed, actor=SYSTEM, now=now)


def asked(aid_request: AidRequest) -> dict[str, int]:
    """Give what a request asks for."""
    lines = RequestLine.objects.filter(aid_request=aid_request)
    return dict(lines.order_by("item__code").values_list("item__code", "quantity"))


def merged(duplicate: AidRequest, original: AidRequest, now: datetime, actor: Actor = SYSTEM) -> AidRequest:
    """Merge and give the original as it is then."""
    merge_duplicate(aid_request=duplicate, original=original, actor=actor, now=now)
    return AidRequest.objects.get(pk=original.pk)


def test_original_asks_for_all_that_either_asked_for(
    duplicate: AidRequest, original: AidRequest, ngo_actor: Actor, now: datetime
) -> None:
    taken = merged(duplicate, original, now, ngo_actor)
    assert asked(taken) == {"drinking_water": 60, "hot_meal": 3}
    assert taken.lines.get(item__code="drinking_water").conditions == ["home_delivery"]
    assert (taken.urgency, taken.needed_by, taken.status) == (1, now + timedelta(hours=5), "verified")
    assert Contact.objects.get(aid_request=taken).name == CONTACT.name
    duplicate.refresh_from_db()
    assert (duplicate.status, duplicate.duplicate_of, duplicate.closed_at) == ("duplicate", original, now)
    assert asked(duplicate) == {"drinking_water": 60, "hot_meal": 3}
    merge = DuplicateMerge.objects.get()
    assert (merge.previous_status, merge.merged_at, merge.undone_at) == ("verified", now, None)
    assert CONTACT.name not in str(merge.changes)
    assert aid.told(original)[-1] == "aid_request.changed"
    assert Event.objects.get(type="aid.aid_request.duplicate.v1").data["duplicate_of"] == original.ref


def test_undone_merge_leaves_both_as_they_were(
    duplicate: AidRequest, original: AidRequest, ngo_actor: Actor, now: datetime
) -> None:
    merged(duplicate, original, now)
    back = undo_merge(aid_request=duplicate, actor=ngo_actor, now=now)
    assert (back.status, back.duplicate_of, back.closed_at) == ("verified", None, None)
    original.refresh_from_db()
    assert (asked(original), original.urgency, original.needed_by) == ({"drinking_water": 45}, 3, None)
    assert original.lines.get().conditions == []
    assert list(Contact.objects.values_list("aid_request", flat=True)) == [duplicate.pk]
    with pytest.raises(NotMerged):
        undo_merge(aid_request=duplicate, actor=ngo_actor, now=now)
    assert merged(duplicate, original, now).urgency == 1


def test_merge_frees_promises_of_the_duplicate_and_its_pairs_may_be_proposed_again(
    duplicate: AidRequest, original: AidRequest, provider: Organisation, now: datetime
) -> None:
    water = aid.resource(provider, now=now, total=200)
    promised = aid.acceptance(duplicate.lines.get(item__code="drinking_water"), water, now=now)
    proposed = aid.proposal(original.lines.get(), water, now=now)
    merged(duplicate, original, now)
    reasons = dict(Match.objects.values_list("pk", "status_reason"))
    assert reasons == {promised.pk: "aid_request_merged", proposed.pk: "aid_request_changed"}
    assert aid.held(water) == (0, 0)
    assert audit_quantities(actor=SYSTEM) == []


def test_undo_takes_nothing_back_that_is_promised_or_was_changed_since(
    duplicate: AidRequest, original: AidRequest, provider: Organisation, now: datetime
) -> None:
    merged(duplicate, original, now)
    meals = aid.resource(provider, now=now, item=aid.item("hot_meal"))
    aid.acceptance(original.lines.get(item__code="hot_meal"), meals, now=now, quantity=2)
    change_aid_request(
        aid_request=original,
        lines=[NewLine(aid.item(), 50), NewLine(aid.item("hot_meal"), 3)],
        contact=NewContact(name="Taras"),
        urgency=2,
        actor=SYSTEM,
        now=now,
    )
    undo_merge(aid_request=duplicate, actor=SYSTEM, now=now)
    original.refresh_from_db()
    assert (asked(original), original.urgency, original.needed_by) == (
        {"drinking_water": 50, "hot_meal": 2},
        2,
        None,
    )
    assert Contact.objects.get(aid_request=original).name == "Taras"
    assert audit_quantities(actor=SYSTEM) == []


def test_refusal_for_a_line_that_is_taken_back_goes_over_to_the_duplicate(
    duplicate: AidRequest, original: AidRequest, provider: Organisation, now: datetime
) -> None:
    merged(duplicate, original, now)
    meals = aid.resource(provider, now=now, item=aid.item("hot_meal"))
    refused = aid.proposal(original.lines.get(item__code="hot_meal"), meals, now=now)
    decline_match(match=refused, actor=SYSTEM, now=now)
    undo_merge(aid_request=duplicate, actor=SYSTEM, now=now)
    refused.refresh_from_db()
    assert refused.line.aid_request == duplicate
    assert asked(original) == {"drinking_water": 45}


def test_closed_original_takes_the_duplicate_in_and_stays_as_it_was(
    duplicate: AidRequest, original: AidRequest, now: datetime
) -> None:
    close_aid_request(aid_request=original, actor=SYSTEM, now=now)
    taken = merged(duplicate, original, now)
    assert (taken.status, asked(taken)) == ("closed", {"drinking_water": 45})
    assert DuplicateMerge.objects.get().changes == []
    assert undo_merge(aid_request=duplicate, actor=SYSTEM, now=now).status == "verified"


def test_own_contact_and_stricter_consent_stay(ngo: Organisation, now: datetime) -> None:
    original = aid.aid_request(ngo, now=now, contact=NewContact(name="Taras"), consent="given")
    duplicate = aid.aid_request(ngo, now=now, contact=CONTACT, consent="refused")
    taken = merged(duplicate, original, now)
    assert (Contact.objects.get(aid_request=taken).name, taken.consent) == ("Taras", "refused")
    undo_merge(aid_request=duplicate, actor=SYSTEM, now=now)
    taken.refresh_from_db()
    assert (Contact.objects.get(aid_request=taken).name, taken.consent) == ("Taras", "given")


def test_what_nobody_verified_is_not_verified_by_merging(
    ngo: Organisation, ngo_actor: Actor, original: AidRequest, cell_actor: Actor, now: datetime
) -> None:
    unproven = aid.aid_request(ngo, now=now, lines=[NewLine(aid.item(), 500)])
    assert merged(unproven, original, now, ngo_actor).status == "submitted"
    verify_aid_request(aid_request=original, actor=cell_actor, now=now)
    other = aid.aid_request(ngo, now=now, lines=[NewLine(aid.item(), 600)])
    assert merged(other, original, now, cell_actor).status == "verified"


def test_wrong_originals_are_refused_by_name(
    duplicate: AidRequest, original: AidRequest, ngo: Organisation, now: datetime
) -> None:
    came_to_nothing = aid.aid_request(ngo, now=now)
    cancel_aid_request(aid_request=came_to_nothing, reason="Left.", actor=SYSTEM, now=now)
    for wrong, refusal in (
        (duplicate, NotAnOriginal),
        (came_to_nothing, NotAnOriginal),
        (aid.aid_request(ngo, now=now, is_exercise=True), ExerciseAndReal),
        (aid.aid_request(ngo, now=now), OriginalNotAsFar),
    ):
        with pytest.raises(refusal):
            merge_duplicate(aid_request=duplicate, original=wrong, actor=SYSTEM, now=now)
    merged(duplicate, original, now)
    with pytest.raises(AidRequestNotOpen):
        merge_duplicate(aid_request=duplicate, original=original, actor=SYSTEM, now=now)
    with pytest.raises(NotAnOriginal):
        merge_duplicate(aid_request=original, original=duplicate, actor=SYSTEM, now=now)


def test_requests_of_two_organisations_are_merged_by_the_cell_alone_and_neither_learns_of_the_other(
    duplicate: AidRequest,
    provider: Organisation,
    ngo_actor: Actor,
    provider_actor: Actor,
    cell_actor: Actor,
    now: datetime,
) -> None:
    of_others = aid.line(provider, now=now).aid_request
    for actor in (ngo_actor, provider_actor):
        with pytest.raises(NotAllowed):
            merge_duplicate(aid_request=duplicate, original=of_others, actor=actor, now=now)
    merged(duplicate, of_others, now, cell_actor)
    assert "duplicate_of" not in Event.objects.get(type="aid.aid_request.duplicate.v1").data
    with pytest.raises(NotAllowed):
        undo_merge(aid_request=duplicate, actor=ngo_actor, now=now)
    assert undo_merge(aid_request=duplicate, actor=cell_actor, now=now).status == "verified"
