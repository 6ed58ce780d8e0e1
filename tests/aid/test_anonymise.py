"""What is left of people: nothing, wherever it once stood, and what statistics count."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessLog
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from aid.actions.anonymise_due import anonymise_due
from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.decline_match import decline_match
from aid.actions.erase_person import AlreadyAnonymous, erase_person
from aid.actions.file_aid_request import NewContact
from aid.actions.merge_duplicate import merge_duplicate
from aid.enums import AidRequestStatus, Sex, Vulnerability
from aid.models import AidRequest, Contact, Match
from coordination.access.actions.erase_user import erase_user
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import Role
from coordination.access.models import AccessRecord, ErasureTombstone, Organisation, User
from coordination.geo.cells import cell_centre
from coordination.records.errors import InvalidFields, NotAllowed
from coordination.web.models import IdempotencyRecord
from tests.conftest import web_role
from tests.doors import rest
from tests.doors.test_admin import page, signed_in
from tests.factories import aid
from tests.factories.access import member

HALF_A_YEAR = timedelta(days=181)
# What tells of the family below, all of it once in the database; the contact is sealed there.
CONTACT = NewContact(name="Оксана Бондар", phone="+380441234567")
TRACES = ("Bondar-7", "Bondar said no", "oxygen", "30.634123", '"disability": true')


@pytest.fixture
def family(ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime) -> AidRequest:
    """Give an open request of a family, which came in through REST and was declined by somebody."""
    aid.item()
    body = {
        "location": {"type": "Point", "coordinates": [30.634123, 50.398]},
        "people": 3,
        "members": [{"age": 81, "sex": Sex.FEMALE, "disability": True}],
        "vulnerabilities": [Vulnerability.OXYGEN],
        "urgency": 2,
        "client_ref": "Bondar-7",
        "lines": [{"item": "drinking_water", "quantity": 45}],
        "contact": {"name": CONTACT.name, "phone": CONTACT.phone},
    }
    answer = rest.caller(ngo_actor).post("aid-requests", body, Idempotency_Key="family")
    filed = AidRequest.objects.get(pk=answer.json()["id"])
    promised = aid.proposal(filed.lines.get(), aid.resource(provider, now=now), now=now)
    decline_match(match=promised, reason="Bondar said no", actor=SYSTEM, now=now)
    assert Contact.objects.exists()
    assert traces() == set(TRACES)
    return filed


def traces() -> set[str]:
    """Name what the database still holds of the family, in whichever table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT to_jsonb(row)::text FROM {table} AS row" for table in tables))  # noqa: S608 - our own tables
        held = "\n".join(row for (row,) in cursor.fetchall())
    return {trace for trace in TRACES if trace in held}


def test_what_is_due_is_reduced_wherever_it_stands(family: AidRequest, ngo_actor: Actor, now: datetime) -> None:
    cancel_aid_request(aid_request=family, reason="They went abroad", actor=ngo_actor, now=now)
    with web_role():
        assert anonymise_due(actor=SYSTEM, now=now + timedelta(days=179)) == 0
        assert anonymise_due(actor=SYSTEM, now=now + HALF_A_YEAR) == 1
        assert anonymise_due(actor=SYSTEM, now=now + HALF_A_YEAR) == 0
    left = AidRequest.objects.get()
    assert (left.anonymised_at, left.people, left.urgency) == (now + HALF_A_YEAR, 3, 2)
    assert (left.location.x, left.location.y) == pytest.approx(cell_centre(left.public_cell))
    assert left.lines.get().quantity == 45
    assert not Contact.objects.exists()
    assert traces() == set()
    assert {past.status_reason for past in left.history.all()} == {""}  # type: ignore[attr-defined] # made by tracking
    match = Match.objects.get()
    assert match.distance_m == match.distance_band_m
    assert {past.distance_m for past in match.history.all()} == {match.distance_m}  # type: ignore[attr-defined] # made by tracking


def test_open_requests_are_not_reduced_however_old(family: AidRequest, now: datetime) -> None:
    assert anonymise_due(actor=SYSTEM, now=now + timedelta(days=3_000)) == 0
    assert Contact.objects.exists()


def test_the_command_goes_on_until_nothing_is_due(
    ngo: Organisation, ngo_actor: Actor, now: datetime, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    for _family in range(3):
        filed = aid.aid_request(ngo, now=now, contact=CONTACT)
        cancel_aid_request(aid_request=filed, reason="Helped", actor=ngo_actor, now=now)
    settings.RETENTION_CONTACT_DAYS = 0
    call_command("anonymise_due")
    assert "3 requests anonymised" in capsys.readouterr().out
    assert not Contact.objects.exists()


def test_a_person_is_erased_at_once_and_an_open_request_is_cancelled(
    family: AidRequest, ngo: Organisation, now: datetime
) -> None:
    administrator = member(ngo, Role.ADMINISTRATOR)
    with web_role():
        erase_person(aid_request=family, reason="She asked us to", actor=administrator, now=now)
        with pytest.raises(AlreadyAnonymous):
            erase_person(aid_request=family, reason="She asked us to", actor=administrator, now=now)
    family.refresh_from_db()
    assert (family.status, family.anonymised_at) == (AidRequestStatus.CANCELLED, now)
    assert not Contact.objects.exists()
    assert traces() == set()
    assert not IdempotencyRecord.objects.filter(subject_id=family.pk).exists()
    assert ErasureTombstone.objects.get().subject_id == family.pk
    record = AccessRecord.objects.get()
    assert (record.user_id, record.purpose, record.subject_ids) == (
        administrator.user_id,
        "She asked us to",
        [family.pk],
    )


def test_what_was_merged_with_it_is_erased_with_it(family: AidRequest, ngo: Organisation, now: datetime) -> None:
    original = aid.aid_request(ngo, now=now)
    merge_duplicate(aid_request=family, original=original, actor=SYSTEM, now=now)
    assert Contact.objects.filter(aid_request=original).exists()
    with web_role():
        erase_person(aid_request=family, reason="She asked us to", actor=member(ngo, Role.ADMINISTRATOR), now=now)
    original.refresh_from_db()
    assert original.status == AidRequestStatus.CANCELLED
    assert not Contact.objects.exists()
    assert {mark.subject_id for mark in ErasureTombstone.objects.all()} == {family.pk, original.pk}


def test_only_administrators_of_the_reporter_and_the_cell_erase(
    family: AidRequest, ngo_actor: Actor, provider: Organisation, cell: Organisation, now: datetime
) -> None:
    for actor in (ngo_actor, member(provider, Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            erase_person(aid_request=family, reason="Because", actor=actor, now=now)
    administrator = member(cell, Role.ADMINISTRATOR)
    with pytest.raises(InvalidFields):
        erase_person(aid_request=family, reason=" ", actor=administrator, now=now)
    with web_role():
        erase_person(aid_request=family, reason="She asked us to", actor=administrator, now=now)
    assert not Contact.objects.exists()


def test_an_administrator_erases_by_a_button(family: AidRequest, ngo: Organisation, ngo_actor: Actor) -> None:
    address = page(AidRequest, "verb", family.pk, "erase")
    assert address not in signed_in(ngo_actor).get(page(AidRequest, "change", family.pk)).content.decode()
    desk = signed_in(member(ngo, Role.ADMINISTRATOR))
    assert address in desk.get(page(AidRequest, "change", family.pk)).content.decode()
    desk.post(address, {"reason": "She asked us to"})
    assert not Contact.objects.exists()
    assert traces() == set()


def test_histories_of_others_cannot_be_reduced(family: AidRequest) -> None:
    with web_role(), connection.cursor() as cursor:
        cursor.execute("SELECT aid_forget_history(%s)", [[family.pk]])
    assert traces() == set(TRACES)


def test_a_user_is_erased_from_the_account_its_history_and_the_sign_in_logs(cell: Organisation, now: datetime) -> None:
    administrator = member(cell, Role.ADMINISTRATOR)
    erased = User.objects.create_user("bondar", email="bondar@example.org", first_name="Oksana", last_name="Bondar")
    AccessLog.objects.create(username="bondar", ip_address="192.0.2.7", user_agent="phone")
    with web_role():
        erase_user(user=erased, reason="She left", actor=administrator, now=now)
    erased.refresh_from_db()
    assert (erased.is_active, erased.email, erased.get_full_name()) == (False, "", "")
    assert {past.username for past in erased.history.all()} == {erased.username}
    assert {past.last_name for past in erased.history.all()} == {""}
    assert not AccessLog.objects.exists()


def test_erasures_are_replayed_after_a_restore(
    family: AidRequest, ngo: Organisation, now: datetime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "tombstones.jsonl"
    erased = User.objects.create_user("bondar", email="bondar@example.org")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        erase_person(aid_request=family, reason="She asked us to", actor=SYSTEM, now=now)
        erase_user(user=erased, reason="She left", actor=SYSTEM, now=now)
        call_command("export_tombstones", str(kept))
        raise ZeroDivisionError  # the backup from before the erasures takes the database's place
    assert Contact.objects.exists()
    with web_role():
        call_command("replay_erasures", str(kept))
    assert "2 erasures replayed" in capsys.readouterr().out
    assert not Contact.objects.exists()
    assert traces() == set()
    assert not User.objects.filter(username="bondar").exists()
    call_command("replay_erasures", str(kept))
    kept.write_text("{}")
    with pytest.raises(CommandError, match="Line 1"):
        call_command("replay_erasures", str(kept))
