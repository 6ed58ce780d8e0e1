"""Filing a request: what is written, what is refused and what is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from aid.actions.file_aid_request import AlreadyFiled, NewContact, NewLine, file_aid_request
from aid.models import AidRequest, Contact
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import InvalidFields, NotAllowed
from incidents.actions.dismiss_incident import dismiss_incident
from tests.factories import aid, incidents
from tests.factories.places import POZNIAKY, darnytskyi, kyiv


def test_request_of_untrusted_organisation_awaits_verification(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    district = darnytskyi(kyiv())
    filed = file_aid_request(
        reported_by=ngo,
        lines=[NewLine(aid.item(), 45), NewLine(aid.item("insulin"), 2, ["refrigerated", "refrigerated"])],
        location=POZNIAKY,
        people=3,
        urgency=2,
        members=[{"age": 71, "sex": "f", "disability": True}, {"age": 1}, {"age": 34, "sex": "m"}],
        vulnerabilities=["insulin"],
        client_ref="paper-form-17",
        actor=ngo_actor,
        now=now,
    )
    stored = AidRequest.objects.get(pk=filed.pk)
    assert (stored.status, stored.verified_at, stored.review_at) == ("submitted", None, now + timedelta(hours=48))
    assert (stored.area, stored.public_cell) == (district, "861e63bafffffff")
    assert (stored.members[1], stored.vulnerable_people) == ({"age": 1, "sex": "u", "disability": False}, 2)
    assert [(line.item.code, line.quantity, line.conditions) for line in stored.lines.order_by("-quantity")] == [
        ("drinking_water", 45, []),
        ("insulin", 2, ["refrigerated"]),
    ]
    assert aid.told(stored) == ["aid_request.filed"]


def test_request_of_trusted_organisation_is_verified_as_it_is_filed(ngo: Organisation, now: datetime) -> None:
    ngo.is_trusted = True
    ngo.save(update_fields=["is_trusted"])
    filed = aid.aid_request(ngo, now=now, urgency=4)
    assert (filed.status, filed.verified_at, filed.review_at) == ("verified", now, now + timedelta(days=14))
    assert aid.told(filed) == ["aid_request.filed", "aid_request.verified"]


def test_draft_of_trusted_organisation_stays_a_draft(ngo: Organisation, now: datetime) -> None:
    Organisation.objects.filter(pk=ngo.pk).update(is_trusted=True)
    filed = aid.aid_request(ngo, now=now, is_draft=True)
    assert (filed.status, filed.verified_at, aid.told(filed)) == ("draft", None, ["aid_request.filed"])


def test_event_tells_reference_state_and_cell_to_the_reporter_only(ngo: Organisation, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    event = Event.objects.get(subject_id=filed.pk)
    assert (event.audience, event.is_public, event.occurred_at) == ([ngo.pk], False, now)
    assert event.data == {
        "ref": filed.ref,
        "status": "submitted",
        "urgency": 2,
        "public_cell": filed.public_cell,
        "is_exercise": False,
    }


def test_contact_is_stored_sealed_and_outside_the_history(ngo: Organisation, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now, contact=NewContact(name="Оксана Бондар", phone="+380441234567"))
    contact = Contact.objects.get(aid_request=filed)
    assert (contact.name, contact.phone, contact.address, contact.notes) == ("Оксана Бондар", "+380441234567", "", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone FROM aid_contact")
        assert all(value.startswith("test:") for value in cursor.fetchone())


def test_history_names_the_author_and_the_organisation(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = file_aid_request(
        reported_by=ngo,
        lines=[NewLine(aid.item(), 45)],
        location=POZNIAKY,
        people=3,
        urgency=2,
        actor=ngo_actor,
        now=now,
    )
    assert aid.author_of(filed) == (str(ngo_actor.user_id), str(ngo.pk))


def test_client_ref_used_before_names_the_earlier_request(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    earlier = aid.aid_request(ngo, now=now, client_ref="paper-form-17")
    with pytest.raises(AlreadyFiled) as refusal:
        aid.aid_request(ngo, now=now, client_ref="paper-form-17")
    assert refusal.value.ref == earlier.ref
    assert earlier.ref in str(refusal.value)
    assert refusal.value.__context__ is None
    aid.aid_request(provider, now=now, client_ref="paper-form-17")
    assert AidRequest.objects.count() == 2


def test_member_of_another_organisation_may_not_file(ngo: Organisation, provider_actor: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        file_aid_request(
            reported_by=ngo,
            lines=[NewLine(aid.item(), 1)],
            location=POZNIAKY,
            people=1,
            urgency=2,
            actor=provider_actor,
            now=now,
        )


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"people": 0}, ("people", "too_few")),
        ({"urgency": 5}, ("urgency", "invalid_choice")),
        ({"vulnerabilities": ["poor"]}, ("vulnerabilities", "item_invalid")),
        ({"vulnerable_people": 4}, ("vulnerable_people", "too_many")),
        ({"members": [{}] * 4}, ("members", "too_many")),
        ({"members": [{"name": "Oksana"}]}, ("members.0", "unknown_field")),
        ({"members": [{"age": 30}, {"age": 121}]}, ("members.1.age", "invalid")),
        ({"members": [{"age": True}]}, ("members.0.age", "invalid")),
        ({"members": [{"sex": "female"}]}, ("members.0.sex", "invalid_choice")),
        ({"members": [{"disability": 1}]}, ("members.0.disability", "invalid")),
        ({"age_bands": {"0-17": -1}}, ("age_bands", "invalid")),
        ({"channel": "pigeon"}, ("channel", "invalid_choice")),
        ({"client_ref": "\0"}, ("client_ref", "null_character")),
        ({"contact": NewContact(phone="1" * 51)}, ("contact.phone", "max_length")),
        ({"contact": NewContact(notes="\0")}, ("contact.notes", "null_character")),
    ],
)
def test_wrong_field_is_named(
    fields: dict[str, Any], problem: tuple[str, str], ngo: Organisation, now: datetime
) -> None:
    with pytest.raises(InvalidFields) as refusal:
        aid.aid_request(ngo, now=now, **fields)
    assert [(found.field, found.code) for found in refusal.value.problems] == [problem]
    assert not AidRequest.objects.exists()


def test_all_wrong_fields_are_named_at_once(ngo: Organisation, now: datetime) -> None:
    old = aid.item("cassette", is_active=False)
    water = aid.item()
    lines = [NewLine(water, 0), NewLine(water, 10**12 + 1, ["shiny"]), NewLine(old, 1)]
    with pytest.raises(InvalidFields) as refusal:
        aid.aid_request(ngo, now=now, lines=lines, needed_by=now)
    assert [(found.field, found.code) for found in refusal.value.problems] == [
        ("needed_by", "in_the_past"),
        ("lines.0.quantity", "min_value"),
        ("lines.1.quantity", "max_value"),
        ("lines.1.conditions", "item_invalid"),
        ("lines.1.item", "repeated"),
        ("lines.2.item", "not_active"),
    ]


def test_request_without_lines_is_refused(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    with pytest.raises(InvalidFields) as refusal:
        file_aid_request(reported_by=ngo, lines=[], location=POZNIAKY, people=1, urgency=2, actor=ngo_actor, now=now)
    assert [(found.field, found.code) for found in refusal.value.problems] == [("lines", "empty")]


@pytest.mark.parametrize(
    ("members", "vulnerabilities", "counted"),
    [
        ([{"age": 1}, {"age": 2}, {"age": 59}], [], 1),
        ([{"age": 60}, {"age": None, "disability": True}], [], 2),
        ([{"age": 30}], ["pregnant_lactating"], 1),
        ([], [], 0),
    ],
)
def test_vulnerable_people_are_counted_from_the_members(
    members: list[dict[str, Any]], vulnerabilities: list[str], counted: int, ngo: Organisation, now: datetime
) -> None:
    filed = aid.aid_request(ngo, now=now, members=members, vulnerabilities=vulnerabilities)
    assert filed.vulnerable_people == counted


def test_building_brings_its_incident(ngo: Organisation, now: datetime) -> None:
    building = incidents.building(incidents.incident(ngo, now=now), ngo, now=now)
    assert aid.aid_request(ngo, now=now, building=building).incident == building.incident


def test_building_of_another_incident_is_refused(ngo: Organisation, now: datetime) -> None:
    building = incidents.building(incidents.incident(ngo, now=now), ngo, now=now)
    with pytest.raises(InvalidFields) as refusal:
        aid.aid_request(ngo, now=now, building=building, incident=incidents.incident(ngo, now=now))
    assert [found.field for found in refusal.value.problems] == ["building"]


def test_ended_incident_and_exercise_are_refused(ngo: Organisation, now: datetime) -> None:
    ended = dismiss_incident(
        incident=incidents.incident(ngo, now=now, is_exercise=True), reason="A drill siren.", actor=SYSTEM, now=now
    )
    with pytest.raises(InvalidFields) as refusal:
        aid.aid_request(ngo, now=now, incident=ended)
    assert [(found.field, found.code) for found in refusal.value.problems] == [
        ("incident", "not_open"),
        ("is_exercise", "not_the_incidents"),
    ]


def test_possible_duplicates_share_building_item_and_time(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    building = incidents.building(incidents.incident(ngo, now=now), ngo, now=now)
    filed = aid.aid_request(ngo, now=now, building=building)
    same = aid.aid_request(provider, now=now, building=building)
    aid.aid_request(provider, now=now)
    aid.aid_request(provider, now=now, building=building, lines=[NewLine(aid.item("insulin"), 1)])
    old = aid.aid_request(provider, now=now, building=building)
    AidRequest.objects.filter(pk=old.pk).update(created_at=now - timedelta(hours=73))
    ended = aid.aid_request(provider, now=now, building=building)
    AidRequest.objects.filter(pk=ended.pk).update(status="cancelled")
    assert list(AidRequest.objects.possible_duplicates_of(filed)) == [same]
