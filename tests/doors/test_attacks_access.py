"""Attacks on who sees what, by those who came too far once: what they were given must not outlive its reason."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from psycopg import sql

from aid.actions.erase_person import erase_person
from aid.actions.file_aid_request import NewContact, NewLine
from aid.actions.merge_duplicate import merge_duplicate
from aid.actions.plan_delivery import plan_delivery
from aid.actions.release_match import release_match
from aid.actions.verify_aid_request import verify_aid_request
from aid.models import Contact, PossibleDuplicate
from coordination.access.actions.erase_user import erase_user
from coordination.access.actions.raise_alert import raise_alert
from coordination.access.actions.register_organisation import register_organisation
from coordination.access.actions.reset_sign_in import reset_sign_in
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import AlertKind, DataClass, Role, Scope
from coordination.access.keys import actor_for_token, issue_key, make_key
from coordination.access.models import AccessRecord, ApiClient, Membership, Organisation, User
from coordination.records.errors import DomainError
from tests.doors.people import PASSWORD, is_signed_in, may, set_up_app, sign_in
from tests.doors.rest import Caller, caller, machine, results
from tests.factories import aid, incidents
from tests.factories.access import agreement, member, organisation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CONTACT = NewContact(name="Олена Коваль", phone="+380441234567", address="Дарницька 5")
PURPOSE = {"purpose": "to agree on a time"}


@pytest.fixture(autouse=True)
def _nothing_counted_before(db: None) -> None:
    cache.clear()


@override_settings(MFA_REQUIRED=True)
def test_a_password_alone_makes_no_key_that_may_more(ngo: Organisation, now: datetime) -> None:
    olena = member(ngo, Role.CASEWORKER, "olena")
    person = User.objects.get(pk=olena.user_id)
    held = make_key(user=person, scopes=[Scope.AID_READ, Scope.PII_READ], until=now + DAY)
    browser = Client()
    sign_in(browser, "olena")
    assert not may(browser, Scope.PII_READ)
    answer = browser.post(reverse("admin:access_apikey_verb", args=[held.row.pk, "rotate"]), {"overlap_h": 24})
    assert b"aid_live_" not in answer.content


@pytest.mark.django_db(transaction=True)
@override_settings(MFA_REQUIRED=True)
def test_a_session_that_showed_a_password_ends_when_a_second_factor_is_set_up(
    ngo: Organisation,
) -> None:
    member(ngo, Role.CASEWORKER, "olena")
    stolen, own = Client(), Client()
    sign_in(stolen, "olena")
    sign_in(own, "olena")
    set_up_app(own)
    assert may(own, Scope.PII_READ)
    assert not is_signed_in(stolen)


def test_erasing_one_of_a_chain_of_merged_erases_all(ngo: Organisation, now: datetime) -> None:
    one = aid.line(ngo, now=now, contact=CONTACT).aid_request
    two = aid.line(ngo, now=now).aid_request
    three = aid.line(ngo, now=now).aid_request
    merge_duplicate(aid_request=one, original=two, actor=SYSTEM, now=now)
    merge_duplicate(aid_request=two, original=three, actor=SYSTEM, now=now)
    assert Contact.objects.filter(aid_request=three).exists()
    erase_person(aid_request=one, reason="asked", actor=SYSTEM, now=now)
    assert not Contact.objects.exists()


def test_a_release_ends_when_the_people_refuse(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    line = aid.line(ngo, now=now, contact=CONTACT)
    match = aid.acceptance(line, aid.resource(provider, now=now), now=now)
    release_match(match=match, actor=SYSTEM, now=now)
    reader = caller(provider_actor)
    at = f"aid-requests/{line.aid_request_id}"
    assert reader.post(f"{at}/read-contact", PURPOSE).status_code == 200
    assert caller(ngo_actor).patch(at, {"consent": "refused"}).status_code == 200
    assert reader.post(f"{at}/read-contact", PURPOSE).status_code == 403
    assert reader.get(at).json()["location"] is None


def test_a_sandbox_is_told_nothing_of_what_really_happened(ngo: Organisation, now: datetime) -> None:
    real = incidents.confirmed_incident(None, now=now)
    sandbox = organisation("Drill", is_exercise=True, sandbox_of=ngo)
    incidents.impact_site(real, ngo, now=now)
    incidents.outage(ngo, now=now)
    incidents.access_constraint(ngo, now=now)
    member, drill = machine(ngo), machine(sandbox)
    for noun in ("incidents", "impact-sites", "outages", "access-constraints"):
        assert results(member.get(noun)), noun
        assert results(drill.get(noun)) == [], noun


def test_a_test_key_stays_one(ngo: Organisation, now: datetime) -> None:
    sandbox = organisation("Drill", is_exercise=True, sandbox_of=ngo)
    dmytro = member(sandbox, Role.COORDINATOR, "dmytro")
    key = issue_key(user=User.objects.get(pk=dmytro.user_id), scopes=Scope.values)
    assert key.startswith("aid_test_")
    aid.line(ngo, now=now)
    Membership.objects.create(user=User.objects.get(pk=dmytro.user_id), organisation=ngo, role=Role.COORDINATOR)
    assert results(Caller(key).get("aid-requests")) == []


def test_reading_by_agreement_is_recorded_for_who_was_given_it(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    other = organisation("A first organisation")
    reader = member(other, Role.CASEWORKER, "halyna")
    Membership.objects.create(user=User.objects.get(pk=reader.user_id), organisation=provider, role=Role.CASEWORKER)
    agreement(ngo, provider, DataClass.IDENTITY, now=now)
    line = aid.line(ngo, now=now, contact=CONTACT)
    assert caller(reader).post(f"aid-requests/{line.aid_request_id}/read-contact", PURPOSE).status_code == 200
    assert AccessRecord.objects.get().organisation_id == provider.pk


def test_who_manages_nobody_hears_of_no_alert(ngo: Organisation, now: datetime) -> None:
    raise_alert(kind=AlertKind.MANY_CONTACTS_READ, organisation=ngo, actor=SYSTEM, now=now)
    client = ApiClient.objects.create(organisation=ngo, name="map", scopes=[Scope.INCIDENTS_READ])
    system = Caller(issue_key(client=client, scopes=[Scope.INCIDENTS_READ]))
    for them in (system, caller(member(ngo, Role.VIEWER))):
        assert results(them.get("events")) == []
    assert len(results(caller(member(ngo, Role.ADMINISTRATOR)).get("events"))) == 1


def test_who_is_given_a_new_password_has_no_key_that_somebody_made_before(ngo: Organisation, now: datetime) -> None:
    olena = member(ngo, Role.CASEWORKER, "olena")
    key = issue_key(user=User.objects.get(pk=olena.user_id), scopes=Scope.values)
    reset_sign_in(user=User.objects.get(pk=olena.user_id), actor=Actor(is_operator=True), now=now)
    assert actor_for_token(key, now=now) is None


def test_no_exercise_is_a_cell(now: datetime) -> None:
    with pytest.raises(DomainError):
        register_organisation(name="Drill", type_="other", is_cell=True, is_exercise=True, actor=SYSTEM, now=now)


def test_a_kept_answer_tells_no_more_of_health_than_is_shared_now(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    Organisation.objects.filter(pk=provider.pk).update(is_cell=True)
    agreement(ngo, provider, DataClass.IDENTITY, now=now)
    at = f"aid-requests/{aid.aid_request(ngo, now=now, members=[{'age': 71}]).pk}"
    them = caller(member(provider))
    first = them.post(f"{at}/verify", Idempotency_Key="k").json()
    assert (first["disclosure"], len(first["members"])) == ("contact", 1)
    Organisation.objects.filter(pk=provider.pk).update(is_cell=False)
    again = them.post(f"{at}/verify", Idempotency_Key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.json()["disclosure"], again.json()["members"]) == ("contact", None)


def test_who_was_erased_is_not_found_by_who_asked_from_the_same_phone(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    aid.line(ngo, now=now, contact=CONTACT)
    erased = aid.line(ngo, now=now, contact=CONTACT).aid_request
    told = {"type": "aid.aid_request.possible_duplicate.v1"}
    assert results(caller(ngo_actor).get("events", told))[0]["data"]["reasons"] == ["phone"]
    erase_person(aid_request=erased, reason="asked", actor=SYSTEM, now=now)
    assert not PossibleDuplicate.pgh_event_models["insert"].objects.exists()  # type: ignore[attr-defined] # made by tracking
    (event,) = results(caller(ngo_actor).get("events", told))
    assert event["data"] == {"ref": erased.ref, "is_exercise": False}


def test_a_journey_is_not_found_by_what_it_carries_for_others(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, now: datetime
) -> None:
    stock = aid.resource(provider, now=now)
    ours = aid.acceptance(aid.line(ngo, now=now), stock, now=now)
    others = aid.acceptance(aid.line(organisation("Other"), now=now), stock, now=now)
    plan_delivery(matches=[ours, others], actor=SYSTEM, now=now)
    browser = Client()
    browser.force_login(User.objects.get(pk=ngo_actor.user_id))
    journeys = reverse("admin:aid_delivery_changelist")
    found = [browser.get(journeys, {"q": each.ref}).context["cl"].result_count for each in (ours, others)]
    assert found == [1, 0]


def test_suggestions_do_not_tell_a_provider_what_else_a_household_needs(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    insulin = aid.item("insulin")
    wanted = [NewLine(aid.item(), 10), NewLine(insulin, 1)]
    request = verify_aid_request(aid_request=aid.aid_request(ngo, now=now, lines=wanted), actor=SYSTEM, now=now)
    water = request.lines.get(item=aid.item())
    match = aid.acceptance(water, aid.resource(provider, now=now), now=now, quantity=5)
    aid.resource(provider, now=now, item=insulin)
    release_match(match=match, actor=SYSTEM, now=now)
    at = f"aid-requests/{request.pk}/suggestions"
    assert len({row["line"] for row in results(caller(ngo_actor).get(at))}) == 2
    assert {row["line"] for row in results(caller(provider_actor).get(at))} == {str(water.pk)}


def test_whose_account_was_erased_is_named_nowhere(cell: Organisation, now: datetime) -> None:
    browser = Client()
    browser.force_login(User.objects.get(pk=member(cell, Role.ADMINISTRATOR).user_id))
    told = {"first_name": "Kateryna", "last_name": "Shevchuk", "email": "kateryna@shevchuk.ua", "language": "en"}
    new = {"username": "kateryna.shevchuk", "password": PASSWORD, **told}
    assert browser.post(reverse("admin:access_user_add"), new).status_code == 302
    person = User.objects.get(username=new["username"])
    changed = {**told, "first_name": "Kata"}
    assert browser.post(reverse("admin:access_user_change", args=[person.pk]), changed).status_code == 302
    assert {"access_user", "access_userevent", "django_admin_log"} <= tables_with("shevchuk")
    erase_user(user=person, reason="asked", actor=SYSTEM, now=now)
    assert tables_with("shevchuk") == set()


def tables_with(word: str) -> set[str]:
    """Name the tables in which a word stands, in any column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            asked = sql.SQL("SELECT EXISTS (SELECT FROM {table} AS each WHERE each::text ILIKE %s)")
            cursor.execute(asked.format(table=sql.Identifier(table)), [f"%{word}%"])
            if cursor.fetchone()[0]:
                found.add(table)
    return found
