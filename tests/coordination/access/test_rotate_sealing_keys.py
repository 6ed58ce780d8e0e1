"""Keys are changed under a running site, and no text is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth as recovery_codes_auth
from allauth.mfa.totp.internal import auth as totp_auth
from allauth.mfa.utils import decrypt
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import override_settings

from aid.actions.file_aid_request import NewContact
from aid.models import AidRequest, Contact
from coordination.access.actions.rotate_sealing_keys import KeyedColumn, keyed_columns, rotate_batch
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.records.errors import NotAllowed
from coordination.webhooks.models import WebhookEndpoint
from tests.conftest import web_role
from tests.factories import aid
from tests.factories.access import member, user

OLD = "2025:b2xkLWtleS1vbGQta2V5LW9sZC1rZXktb2xkLWtleTA="
NEW = "2026:bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleTA="
ONLY_OLD = override_settings(SEALING_KEYS=[OLD], PHONE_INDEX_KEYS=[OLD])
BOTH = override_settings(SEALING_KEYS=[NEW, OLD], PHONE_INDEX_KEYS=[NEW, OLD])
ONLY_NEW = override_settings(SEALING_KEYS=[NEW], PHONE_INDEX_KEYS=[NEW])
PHONE = "+380501234567"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def sealed(ngo: Organisation, now: datetime) -> None:
    """Seal two families and one secret with the old key."""
    with ONLY_OLD:
        for name in ("Олена", "Тарас"):
            aid.aid_request(ngo, now=now, contact=NewContact(name=name, phone=PHONE))
        WebhookEndpoint.objects.create(organisation=ngo, url="https://example.org/hook", secret="whsec")
        person = user("olena")
        totp_auth.TOTP.activate(person, TOTP_SECRET)
        recovery_codes_auth.RecoveryCodes.activate(person)


def keys_in_use() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(ARRAY[name, phone, phone_index]) FROM aid_contact"
            " UNION SELECT secret FROM webhooks_webhookendpoint"
            " UNION SELECT COALESCE(data ->> 'secret', data ->> 'seed') FROM mfa_authenticator"
        )
        return {value.partition(":")[0] for (value,) in cursor.fetchall()}


def test_every_sealed_column_is_found() -> None:
    assert {str(column) for column in keyed_columns()} == {
        *(f"aid.contact.{name}" for name in ("name", "phone", "address", "notes", "phone_index")),
        "webhooks.webhookendpoint.secret",
        "mfa.authenticator.data.secret",
        "mfa.authenticator.data.seed",
    }


def test_everything_comes_under_the_newest_key_and_opens_without_the_old_one(sealed: None) -> None:
    assert keys_in_use() == {"2025"}
    with BOTH, web_role():
        call_command("rotate_sealing_keys")
    assert keys_in_use() == {"2026"}
    with ONLY_NEW:
        assert set(Contact.objects.values_list("name", "phone")) == {("Олена", PHONE), ("Тарас", PHONE)}
        assert WebhookEndpoint.objects.get().secret == "whsec"
        assert AidRequest.objects.with_phone(PHONE).count() == 2
        totp, codes = Authenticator.objects.order_by("-type")
        assert decrypt(totp.data["secret"]) == TOTP_SECRET
        assert codes.wrap().get_unused_codes()


def test_a_phone_is_found_before_and_while_its_index_is_rotated(sealed: None) -> None:
    with BOTH:
        assert AidRequest.objects.with_phone(PHONE).count() == 2
        (index,) = [column for column in keyed_columns() if column.name == "phone_index"]
        assert rotate_batch(column=index, actor=SYSTEM) == 2
        assert AidRequest.objects.with_phone(PHONE).count() == 2


def test_contacts_from_before_there_was_an_index_are_found_afterwards(ngo: Organisation, now: datetime) -> None:
    for phone in (PHONE, "ask the neighbour"):
        aid.aid_request(ngo, now=now, contact=NewContact(phone=phone))
    Contact.objects.update(phone_index="")
    assert not AidRequest.objects.with_phone(PHONE)
    call_command("rotate_sealing_keys")
    assert AidRequest.objects.with_phone(PHONE).count() == 1
    assert not AidRequest.objects.with_phone("ask the neighbour")


def test_an_interrupted_rotation_goes_on_where_it_stopped(sealed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coordination.access.actions.rotate_sealing_keys.BATCH", 1)
    with BOTH:
        name = next(column for column in keyed_columns() if str(column) == "aid.contact.name")
        assert [rotate_batch(column=name, actor=SYSTEM) for _batch in range(3)] == [1, 1, 0]


def test_the_check_changes_nothing(sealed: None, capsys: pytest.CaptureFixture[str]) -> None:
    with BOTH:
        call_command("rotate_sealing_keys", "--check")
    assert "aid.contact.name: 2 under key 2025" in capsys.readouterr().out
    assert keys_in_use() == {"2025"}


def test_a_lost_key_is_named_and_nobody_else_rotates(sealed: None, ngo: Organisation) -> None:
    with ONLY_NEW:
        with pytest.raises(CommandError, match="2025"):
            call_command("rotate_sealing_keys")
        column: KeyedColumn = next(iter(keyed_columns()))
        actor: Any = member(ngo)
        with pytest.raises(NotAllowed):
            rotate_batch(column=column, actor=actor)
