"""The second wall: what the database itself refuses to the role of the web process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from aid.actions.file_aid_request import NewContact
from aid.models import AidRequest, Contact
from coordination.access.actors import PUBLIC, SYSTEM, Actor, actor_for_user
from coordination.access.enums import DataClass, Role, Scope
from coordination.access.models import AccessRecord, Organisation, SharingAgreement, User
from coordination.access.wall import seen_as
from coordination.areas.models import Area
from coordination.webhooks.models import WebhookEndpoint
from tests.conftest import web_role
from tests.factories import aid
from tests.factories.access import member
from tests.factories.places import kyiv

OLENA = NewContact(name="Олена Коваль", phone="+380501234567")


@pytest.fixture
def filed(ngo: Organisation, now: datetime) -> AidRequest:
    """Give a request whose contact is known."""
    return aid.aid_request(ngo, now=now, contact=OLENA)


def names() -> list[str]:
    """Read every contact, by a queryset that forgot the guard."""
    return [contact.name for contact in Contact.objects.all()]


def test_a_forgotten_guard_finds_nothing(filed: AidRequest) -> None:
    assert names() == [OLENA.name]
    with web_role():
        assert names() == []
        assert Contact.objects.update(phone="") == 0
        assert Contact.objects.all().delete()[0] == 0


def test_contacts_show_to_their_own_organisation_and_the_cell_alone(
    filed: AidRequest, ngo: Organisation, ngo_actor: Actor, provider_actor: Actor, cell_actor: Actor
) -> None:
    seen = {}
    actors = {
        "own": ngo_actor,
        "own, without the scope": member(ngo, Role.VIEWER),
        "another": provider_actor,
        "the cell": cell_actor,
        "the system": SYSTEM,
        "the public": PUBLIC,
    }
    with web_role():
        for name, actor in actors.items():
            with seen_as(actor):
                seen[name] = names() == [OLENA.name]
    assert seen == {
        "own": True,
        "own, without the scope": False,
        "another": False,
        "the cell": True,
        "the system": True,
        "the public": False,
    }


def test_contacts_show_to_whom_they_were_shared_with_or_released_to(
    filed: AidRequest, ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    agreement = SharingAgreement.objects.create(
        giver=ngo,
        receiver=provider,
        classes=[DataClass.EXACT_PLACE],
        purpose="winter",
        until=now + timedelta(days=1),
    )
    with web_role():
        with seen_as(actor_for_user(User.objects.get(pk=provider_actor.user_id))):
            assert names() == []
        with seen_as(provider_actor, released_ids=[filed.pk]):
            assert names() == [OLENA.name]
            assert Contact.objects.update(phone="") == 0
    agreement.classes = [DataClass.IDENTITY]
    agreement.save()
    with web_role():
        with seen_as(actor_for_user(User.objects.get(pk=provider_actor.user_id))):
            assert names() == [OLENA.name]
            assert Contact.objects.update(phone="") == 0
        with seen_as(provider_actor, scope=Scope.AID_WRITE):
            assert names() == []


def test_a_cell_with_areas_sees_contacts_there_and_where_nobody_knows(
    filed: AidRequest, cell: Organisation, cell_actor: Actor
) -> None:
    here, elsewhere = kyiv(), Area.objects.create(pcode="UA63", level=1, name_uk="Харків", name_en="Kharkiv")
    seen = []
    for placed, answered in [(None, elsewhere), (here, elsewhere), (here, here)]:
        AidRequest.objects.update(area=placed)
        cell.areas.set([answered])
        actor = actor_for_user(User.objects.get(pk=cell_actor.user_id))
        with web_role(), seen_as(actor):
            seen.append(bool(names()))
    assert seen == [True, False, True]


def test_the_wall_closes_behind_each_block(filed: AidRequest, ngo_actor: Actor, provider_actor: Actor) -> None:
    with web_role(), transaction.atomic():
        with seen_as(ngo_actor):
            with seen_as(provider_actor):
                assert names() == []
            assert names() == [OLENA.name]
            with pytest.raises(DatabaseError), seen_as(provider_actor), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            assert names() == [OLENA.name]
        assert names() == []


@pytest.mark.django_db(transaction=True)
def test_a_pooled_connection_carries_nothing_over(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    aid.aid_request(ngo, now=now, contact=OLENA)
    with web_role():
        with seen_as(ngo_actor):
            assert names() == [OLENA.name]
        assert names() == []
        with pytest.raises(ZeroDivisionError), seen_as(ngo_actor):
            raise ZeroDivisionError
        assert names() == []


def test_nobody_writes_a_contact_for_others(filed: AidRequest, ngo_actor: Actor, provider_actor: Actor) -> None:
    Contact.objects.all().delete()
    with web_role():
        for actor in (provider_actor, PUBLIC):
            with pytest.raises(DatabaseError, match="row-level security"), seen_as(actor):
                Contact(aid_request=filed, name="Somebody").save(force_insert=True)
        with seen_as(ngo_actor):
            Contact(aid_request=filed, name=OLENA.name).save(force_insert=True)
    assert names() == [OLENA.name]


def test_a_search_behind_the_wall_tells_requests_and_nothing_else(filed: AidRequest, now: datetime) -> None:
    with web_role():
        assert list(AidRequest.objects.with_phone("050 123 45 67")) == [filed]
        assert list(AidRequest.objects.with_phone("050 123 45 68")) == []
        assert list(AidRequest.objects.with_phone("ask the neighbour")) == []
        assert names() == []


def test_secrets_of_webhooks_show_to_their_own_organisation_alone(
    ngo: Organisation, ngo_actor: Actor, provider_actor: Actor
) -> None:
    WebhookEndpoint.objects.create(organisation=ngo, url="https://example.org/hook", secret="whsec")
    with web_role():
        assert not WebhookEndpoint.objects.exists()
        with seen_as(provider_actor):
            assert not WebhookEndpoint.objects.exists()
        with seen_as(ngo_actor):
            assert WebhookEndpoint.objects.get().secret == "whsec"


def test_what_was_recorded_stays_as_it_is(filed: AidRequest, ngo: Organisation) -> None:
    AccessRecord.objects.create(organisation=ngo, purpose="to deliver", subject="aid.contact", subject_ids=[filed.pk])
    history = type(filed.history.get()).objects  # type: ignore[attr-defined] # made by tracking
    forbidden: list[Callable[[], object]] = [
        lambda: AccessRecord.objects.update(purpose=""),
        lambda: AccessRecord.objects.all().delete(),
        lambda: history.update(status="closed"),
        lambda: history.all().delete(),
        lambda: connection.cursor().execute("ALTER TABLE aid_contact NO FORCE ROW LEVEL SECURITY"),
        lambda: connection.cursor().execute("TRUNCATE access_accessrecord"),
    ]
    for change in forbidden:
        with pytest.raises(DatabaseError), web_role(), transaction.atomic():
            change()


def test_the_role_bypasses_nothing_and_owns_nothing(db: None, settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
            " EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)"
            " FROM pg_roles WHERE rolname = %s",
            [settings.DATABASE_ROLE],
        )
        assert cursor.fetchone() == (False, False, False, False, False)
