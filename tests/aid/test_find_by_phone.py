"""Finding the requests of somebody who calls, through every door, on the record."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from aid.actions.file_aid_request import NewContact
from aid.actions.find_by_phone import TooManySearches, find_by_phone
from aid.actions.read_contact import read_contact
from aid.models import AidRequest
from coordination.access.actors import Actor
from coordination.access.enums import AlertKind, Role
from coordination.access.models import AccessRecord, Alert, Organisation
from coordination.outbox.models import Event
from coordination.records.errors import InvalidFields, NotAllowed
from tests.doors import graphql, rest
from tests.doors.test_admin import signed_in
from tests.factories import aid
from tests.factories.access import member

TYPED = "(050) 123-45-67"
SAME = "+380 50 123 4567"
BODY = {"phone": SAME, "purpose": "she calls to ask"}


@pytest.fixture
def filed(ngo: Organisation, now: datetime) -> AidRequest:
    """Give a request with a phone number."""
    return aid.aid_request(ngo, now=now, contact=NewContact(name="Олена", phone=TYPED))


def test_a_number_is_found_as_far_as_the_actor_may_read_contacts(
    filed: AidRequest,
    ngo: Organisation,
    provider: Organisation,
    ngo_actor: Actor,
    provider_actor: Actor,
    cell_actor: Actor,
    now: datetime,
) -> None:
    others = aid.aid_request(provider, now=now, contact=NewContact(phone=SAME))
    found = {
        name: set(find_by_phone(phone=SAME, purpose="she calls", actor=actor, now=now).refs)
        for name, actor in {"ngo": ngo_actor, "provider": provider_actor, "cell": cell_actor}.items()
    }
    assert found == {"ngo": {filed.ref}, "provider": {others.ref}, "cell": {filed.ref, others.ref}}
    with pytest.raises(NotAllowed):
        find_by_phone(phone=SAME, purpose="she calls", actor=member(ngo, Role.VIEWER), now=now)


def test_each_search_is_recorded_also_when_it_finds_nothing(filed: AidRequest, ngo_actor: Actor, now: datetime) -> None:
    find_by_phone(phone=SAME, purpose="she calls", actor=ngo_actor, now=now)
    find_by_phone(phone="+380501234500", purpose="he calls", actor=ngo_actor, now=now)
    records = AccessRecord.objects.order_by("created_at").values_list("user", "purpose", "subject_ids")
    assert list(records) == [(ngo_actor.user_id, "she calls", [filed.pk]), (ngo_actor.user_id, "he calls", [])]


def test_what_is_no_number_and_what_has_no_purpose_is_refused(ngo_actor: Actor, now: datetime) -> None:
    for phone, purpose in [("Olena", "she calls"), ("123", "she calls"), (SAME, " "), (SAME, "\0")]:
        with pytest.raises(InvalidFields):
            find_by_phone(phone=phone, purpose=purpose, actor=ngo_actor, now=now)


def test_numbers_cannot_be_tried_out(filed: AidRequest, ngo_actor: Actor, now: datetime, settings: object) -> None:
    settings.PHONE_SEARCHES_PER_HOUR = 3  # type: ignore[attr-defined] # pytest-django's
    for number in range(3):
        find_by_phone(phone=f"+38050123450{number}", purpose="guessing", actor=ngo_actor, now=now)
    with pytest.raises(TooManySearches):
        find_by_phone(phone=SAME, purpose="guessing", actor=ngo_actor, now=now)
    answer = rest.caller(ngo_actor).post("aid-requests/find-by-phone", BODY)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_searches")
    later = find_by_phone(phone=SAME, purpose="she calls", actor=ngo_actor, now=now + timedelta(hours=1))
    assert later.refs == [filed.ref]


def test_every_door_finds_it_and_none_in_an_address(filed: AidRequest, ngo_actor: Actor) -> None:
    assert rest.caller(ngo_actor).post("aid-requests/find-by-phone", BODY).json() == {"refs": [filed.ref]}
    assert rest.caller(ngo_actor).get("aid-requests/find-by-phone", BODY).status_code in (404, 405)
    found = graphql.caller(ngo_actor).change("findByPhone", "... on FoundByPhone { refs }", BODY)
    assert found == {"__typename": "FoundByPhone", "refs": [filed.ref]}
    desk = signed_in(ngo_actor)
    address = reverse("admin:aid_aidrequest_find_by_phone")
    assert address in desk.get(reverse("admin:aid_aidrequest_changelist")).content.decode()
    assert filed.ref in desk.post(address, BODY).content.decode()
    assert filed.ref not in desk.get(address, BODY).content.decode()


def test_many_readings_in_an_hour_raise_one_alert(
    filed: AidRequest, ngo: Organisation, ngo_actor: Actor, now: datetime, settings: object
) -> None:
    settings.CONTACT_READS_ALERT = 2  # type: ignore[attr-defined] # pytest-django's
    for reading in range(4):
        moment = now + timedelta(minutes=reading)
        read_contact(aid_request=filed, purpose="to call", actor=ngo_actor, now=moment)
        assert Alert.objects.count() == (reading >= 2)
    alert = Alert.objects.get()
    assert (alert.kind, alert.organisation, alert.user_id) == (AlertKind.MANY_CONTACTS_READ, ngo, ngo_actor.user_id)
    assert Event.objects.filter(type="access.alert.raised.v1").count() == 1
