"""The life of a request after it was filed: who moves it, from where, and what it lets go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from aid.actions.accept_match import AidRequestNotVerified, accept_match
from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.change_aid_request import LessThanPromised, LineIsMatched, change_aid_request
from aid.actions.close_aid_request import NotVerified, close_aid_request
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.ending import AidRequestNotOpen
from aid.actions.file_aid_request import NewContact, NewLine
from aid.actions.plan_delivery import plan_delivery
from aid.actions.read_contact import NoContact, read_contact
from aid.actions.reject_aid_request import reject_aid_request
from aid.actions.renew_aid_request import renew_aid_request
from aid.actions.submit_aid_request import NotADraft, submit_aid_request
from aid.actions.verify_aid_request import NotAwaitingVerification, verify_aid_request
from aid.models import AidRequest, Contact, Delivery, Match
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import AccessRecord, Organisation
from coordination.records.errors import InvalidFields, NotAllowed
from tests.factories import aid
from tests.factories.places import SALTIVKA

LATER = timedelta(hours=1)


def test_submit_draft_makes_it_await_verification(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    draft = aid.aid_request(ngo, now=now, is_draft=True)
    submitted = submit_aid_request(aid_request=draft, actor=ngo_actor, now=now + LATER)
    assert (submitted.status, submitted.review_at) == ("submitted", now + LATER + timedelta(hours=48))
    assert aid.told(draft) == ["aid_request.filed", "aid_request.submitted"]
    with pytest.raises(NotADraft):
        submit_aid_request(aid_request=draft, actor=ngo_actor, now=now)


def test_verify_is_for_the_cell_and_happens_once(
    ngo: Organisation, ngo_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now)
    with pytest.raises(NotAllowed):
        verify_aid_request(aid_request=filed, actor=ngo_actor, now=now)
    verified = verify_aid_request(aid_request=filed, actor=cell_actor, now=now + LATER)
    assert (verified.status, verified.verified_at) == ("verified", now + LATER)
    with pytest.raises(NotAwaitingVerification):
        verify_aid_request(aid_request=filed, actor=cell_actor, now=now)
    assert aid.told(filed) == ["aid_request.filed", "aid_request.verified"]


End = Callable[[AidRequest, Actor, datetime], AidRequest]


def reject(aid_request: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    return reject_aid_request(aid_request=aid_request, reason="Not in Kyiv.", actor=actor, now=now)


def cancel(aid_request: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    return cancel_aid_request(aid_request=aid_request, reason="The neighbours helped.", actor=actor, now=now)


def close(aid_request: AidRequest, actor: Actor, now: datetime) -> AidRequest:
    return close_aid_request(aid_request=aid_request, actor=actor, now=now)


@pytest.mark.parametrize(
    ("end", "status", "reason", "again"),
    [
        (reject, "rejected", "Not in Kyiv.", AidRequestNotOpen),
        (cancel, "cancelled", "The neighbours helped.", AidRequestNotOpen),
        (close, "closed", "", NotVerified),
    ],
)
def test_ended_request_frees_what_has_not_left(
    end: End,
    status: str,
    reason: str,
    again: type[Exception],
    ngo: Organisation,
    provider: Organisation,
    cell_actor: Actor,
    now: datetime,
) -> None:
    line = aid.line(ngo, now=now, quantity=50)
    water = aid.resource(provider, now=now, total=100)
    proposed = aid.proposal(line, water, now=now, quantity=10)
    accepted = aid.acceptance(line, aid.resource(provider, now=now, total=9), now=now, quantity=9)
    planned_delivery = plan_delivery(matches=[accepted], actor=SYSTEM, now=now)
    sent = aid.acceptance(line, aid.resource(provider, now=now, total=20), now=now, quantity=20)
    dispatch_delivery(delivery=plan_delivery(matches=[sent], actor=SYSTEM, now=now), actor=SYSTEM, now=now)
    assert aid.served(line) == (19, 20, 0)

    ended = end(line.aid_request, cell_actor, now + LATER)

    assert (ended.status, ended.status_reason, ended.closed_at) == (status, reason, now + LATER)
    assert dict(Match.objects.values_list("pk", "status")) == {
        proposed.pk: "cancelled",
        accepted.pk: "cancelled",
        sent.pk: "accepted",
    }
    assert aid.served(line) == (0, 20, 0)
    assert (aid.held(water), aid.held(accepted.resource), aid.held(sent.resource)) == ((0, 0), (0, 0), (0, 20))
    failed = Delivery.objects.get(pk=planned_delivery.pk)
    assert (failed.status, failed.failure_reason) == ("failed", "aid_request_ended")
    assert aid.told(proposed) == ["match.cancelled"]
    assert aid.told(line.aid_request)[-1] == f"aid_request.{status}"
    with pytest.raises(again):
        end(line.aid_request, cell_actor, now + LATER)


def test_reject_and_cancel_need_a_reason(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    with pytest.raises(InvalidFields):
        reject_aid_request(aid_request=filed, reason=" ", actor=cell_actor, now=now)
    with pytest.raises(InvalidFields):
        cancel_aid_request(aid_request=filed, reason="x" * 301, actor=cell_actor, now=now)


def test_untrusted_reporter_may_cancel_but_not_reject_its_own(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now)
    with pytest.raises(NotAllowed):
        reject(filed, ngo_actor, now)
    assert cancel(filed, ngo_actor, now).status == "cancelled"


def test_renew_moves_the_review_on(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, urgency=3)
    AidRequest.objects.filter(pk=filed.pk).update(follow_up="cell")
    renewed = renew_aid_request(aid_request=filed, actor=ngo_actor, now=now + LATER)
    assert (renewed.review_at, renewed.follow_up) == (now + LATER + timedelta(days=14), "none")
    cancel(filed, ngo_actor, now)
    with pytest.raises(AidRequestNotOpen):
        renew_aid_request(aid_request=filed, actor=ngo_actor, now=now)


def change(aid_request: AidRequest, actor: Actor, now: datetime, **changes: Any) -> AidRequest:
    return change_aid_request(aid_request=aid_request, actor=actor, now=now, **changes)


def test_change_keeps_what_is_not_named(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, vulnerable_people=2, contact=NewContact(name="Oksana"))
    changed = change(filed, cell_actor, now + LATER, urgency=3, contact=NewContact(name="Taras"))
    assert (changed.urgency, changed.people, changed.vulnerable_people, changed.status) == (3, 3, 2, "submitted")
    assert changed.review_at == now + LATER + timedelta(days=14)
    assert Contact.objects.get().name == "Taras"
    assert [(line.item.code, line.quantity) for line in changed.lines.all()] == [("drinking_water", 45)]
    assert aid.told(filed) == ["aid_request.filed", "aid_request.changed"]


def test_change_of_lines_lets_proposals_go_and_keeps_promises(
    ngo: Organisation, provider: Organisation, cell_actor: Actor, now: datetime
) -> None:
    line = aid.line(ngo, now=now, quantity=45)
    stock = aid.resource(provider, now=now)
    aid.acceptance(line, stock, now=now, quantity=20)
    proposed = aid.proposal(line, stock, now=now, quantity=25)
    insulin = aid.item("insulin")
    change(line.aid_request, cell_actor, now, lines=[NewLine(line.item, 30), NewLine(insulin, 2)])
    assert aid.held(stock) == (20, 0)
    assert aid.served(line) == (20, 0, 0)
    proposed.refresh_from_db()
    assert (proposed.status, proposed.status_reason) == ("cancelled", "aid_request_changed")
    assert set(line.aid_request.lines.values_list("item__code", "quantity")) == {("drinking_water", 30), ("insulin", 2)}


def test_change_cannot_ask_for_less_than_is_promised_nor_drop_what_was_offered(
    ngo: Organisation, provider: Organisation, cell_actor: Actor, now: datetime
) -> None:
    line = aid.line(ngo, now=now, quantity=45)
    stock = aid.resource(provider, now=now)
    aid.acceptance(line, stock, now=now, quantity=20)
    with pytest.raises(LessThanPromised) as refusal:
        change(line.aid_request, cell_actor, now, lines=[NewLine(line.item, 19)])
    assert refusal.value.field == "lines.0.quantity"
    with pytest.raises(LineIsMatched):
        change(line.aid_request, cell_actor, now, lines=[NewLine(aid.item("insulin"), 2)])
    assert aid.served(line) == (20, 0, 0)


def test_line_that_nobody_was_offered_can_be_taken_out(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, lines=[NewLine(aid.item(), 5), NewLine(aid.item("insulin"), 2)])
    changed = change(filed, ngo_actor, now, lines=[NewLine(aid.item("insulin"), 2)])
    assert list(changed.lines.values_list("item__code", flat=True)) == ["insulin"]


def test_verified_request_changed_by_untrusted_reporter_awaits_verification_again(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    line = aid.line(ngo, now=now)
    proposed = aid.proposal(line, aid.resource(provider, now=now), now=now)
    assert change(line.aid_request, ngo_actor, now, consent="given").status == "verified"
    assert change(line.aid_request, cell_actor, now, people=4).status == "verified"
    changed = change(line.aid_request, ngo_actor, now, people=400)
    assert (changed.status, changed.verified_at) == ("submitted", None)
    with pytest.raises(AidRequestNotVerified):
        accept_match(match=proposed, actor=provider_actor, now=now)


def test_change_of_place_moves_the_public_cell(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    changed = change(filed, ngo_actor, now, location=SALTIVKA)
    assert changed.public_cell != filed.public_cell


def test_change_does_not_complain_about_what_time_made_true(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, needed_by=now + LATER)
    assert change(filed, ngo_actor, now + 2 * LATER, people=4).people == 4
    with pytest.raises(InvalidFields) as refusal:
        change(filed, ngo_actor, now + 2 * LATER, needed_by=now + LATER, people=0)
    assert [problem.field for problem in refusal.value.problems] == ["people", "needed_by"]


def test_read_contact_leaves_an_access_record(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, contact=NewContact(name="Oksana", phone="+380441234567"))
    contact = read_contact(aid_request=filed, purpose="Call before delivery", actor=ngo_actor, now=now)
    assert (contact.name, contact.phone) == ("Oksana", "+380441234567")
    record = AccessRecord.objects.get()
    assert (record.user_id, record.organisation_id, record.subject) == (ngo_actor.user_id, ngo.pk, "aid.contact")
    assert (record.subject_ids, record.purpose, record.read_at) == ([contact.pk], "Call before delivery", now)


def test_read_contact_refuses_strangers_missing_purposes_and_missing_contacts(
    ngo: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now)
    with pytest.raises(NotAllowed):
        read_contact(aid_request=filed, purpose="Curiosity", actor=provider_actor, now=now)
    with pytest.raises(InvalidFields):
        read_contact(aid_request=filed, purpose=" ", actor=ngo_actor, now=now)
    with pytest.raises(NoContact):
        read_contact(aid_request=filed, purpose="Call before delivery", actor=ngo_actor, now=now)
    assert not AccessRecord.objects.exists()
