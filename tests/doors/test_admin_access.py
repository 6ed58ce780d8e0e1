"""Managing access in the admin: by the right people, and no secret stays behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from coordination.access.actions.raise_alert import raise_alert
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import AlertKind, DataClass, Role, Scope
from coordination.access.keys import actor_for_token, make_key
from coordination.access.models import (
    AccessRecord,
    Alert,
    ApiClient,
    ApiKey,
    Membership,
    OAuthClient,
    Organisation,
    SharingAgreement,
    User,
)
from coordination.areas.models import Area
from coordination.outbox.models import Event
from tests.factories.access import member, organisation, user

pytestmark = pytest.mark.django_db
INTAKE = [Scope.AID_READ, Scope.AID_WRITE]


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page(model: Any, name: str, *arguments: Any) -> str:
    return reverse(f"admin:access_{model._meta.model_name}_{name}", args=arguments)


@pytest.fixture
def administrator(ngo: Organisation) -> Actor:
    return member(ngo, Role.ADMINISTRATOR, "administrator")


@pytest.fixture
def browser(administrator: Actor) -> Client:
    return signed_in(administrator)


@pytest.fixture
def system(ngo: Organisation) -> ApiClient:
    return ApiClient.objects.create(organisation=ngo, name="intake", scopes=INTAKE)


def remembered(browser: Client) -> str:
    """Give all that a secret could have been kept in."""
    rows = [
        list(model._base_manager.values())
        for model in (ApiKey, OAuthClient, Event, LogEntry, ApiKey.pgh_event_models["insert"])  # type: ignore[attr-defined] # made by tracking
    ]
    sessions = [session.get_decoded() for session in Session.objects.all()]
    return repr([rows, sessions, browser.cookies.output()])


def test_a_key_is_shown_once_and_kept_nowhere(
    browser: Client, system: ApiClient, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    address = page(ApiClient, "verb", system.pk, "issue-key")
    form = browser.get(address).content.decode()
    assert ("aid:write" in form, "pii:read" in form, "access:manage" in form) == (True, False, False)
    answer = browser.post(address, {"scopes": INTAKE, "days": "30"})
    assert (answer.status_code, "no-store" in answer.headers["Cache-Control"]) == (200, True)
    token = answer.context["issued"].secret
    assert token in answer.content.decode()
    actor = actor_for_token(token, now=now)
    assert actor is not None
    assert actor.client_id == system.pk
    key = ApiKey.objects.get()
    later = [page(ApiKey, "changelist"), page(ApiKey, "change", key.pk), page(ApiKey, "history", key.pk)]
    told = "".join(browser.get(each).content.decode() for each in later)
    for secret in (token, token.split("_", 3)[3]):
        assert secret not in told + remembered(browser) + caplog.text


def test_a_scope_that_the_form_does_not_offer_is_refused(browser: Client, system: ApiClient) -> None:
    address = page(ApiClient, "verb", system.pk, "issue-key")
    for values in ({"scopes": [Scope.PII_READ], "days": "30"}, {"scopes": INTAKE, "days": "366"}):
        assert "errorlist" in browser.post(address, values).content.decode()
    assert not ApiKey.objects.exists()


def test_an_oauth_secret_is_shown_once_and_kept_nowhere(
    browser: Client, system: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    address = page(ApiClient, "verb", system.pk, "make-oauth-secret")
    assert browser.get(address).status_code == 200
    assert not OAuthClient.objects.exists(), "looking at the page makes nothing"
    answer = browser.post(address)
    issued = answer.context["issued"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert issued.secret in answer.content.decode()
    assert issued.row.client_id in answer.content.decode()
    told = browser.get(page(OAuthClient, "change", issued.row.pk)).content.decode()
    assert issued.secret not in told + remembered(browser) + caplog.text


def test_a_key_of_ones_own_is_shown_once_and_replaced(browser: Client, administrator: Actor, now: datetime) -> None:
    answer = browser.post(page(ApiKey, "add"), {"scopes": [Scope.AID_READ], "days": "1"})
    assert (answer.status_code, "no-store" in answer.headers["Cache-Control"]) == (200, True)
    first = answer.context["issued"]
    assert first.secret in answer.content.decode()
    assert first.row.user_id == administrator.user_id
    second = browser.post(page(ApiKey, "verb", first.row.pk, "rotate"), {"overlap_h": "0"}).context["issued"]
    assert actor_for_token(first.secret, now=now + timedelta(minutes=1)) is None
    assert browser.post(page(ApiKey, "verb", second.row.pk, "revoke")).status_code == 302
    assert actor_for_token(second.secret, now=now) is None


def test_a_system_is_added_and_ended(browser: Client, ngo: Organisation, provider: Organisation) -> None:
    form = browser.get(page(ApiClient, "add")).content.decode()
    assert (str(ngo.pk) in form, str(provider.pk) in form, "access:manage" in form) == (True, False, False)
    values = {"organisation": str(ngo.pk), "name": "hotline", "scopes": INTAKE}
    assert browser.post(page(ApiClient, "add"), values).status_code == 302
    system = ApiClient.objects.get(name="hotline")
    refused = browser.post(page(ApiClient, "add"), {**values, "organisation": str(provider.pk), "name": "theirs"})
    assert (refused.status_code, ApiClient.objects.count()) == (200, 1)
    browser.post(page(ApiClient, "change", system.pk), {"name": "hotline", "scopes": [Scope.AID_READ]})
    system.refresh_from_db()
    assert system.scopes == ["aid:read"]
    browser.post(page(ApiClient, "verb", system.pk, "end"))
    system.refresh_from_db()
    assert not system.is_active
    assert (
        page(ApiClient, "verb", system.pk, "issue-key")
        not in browser.get(page(ApiClient, "change", system.pk)).content.decode()
    )


def test_others_find_no_systems(system: ApiClient, ngo_actor: Actor, provider: Organisation) -> None:
    assert signed_in(ngo_actor).get(page(ApiClient, "changelist")).status_code == 403
    neighbour = signed_in(member(provider, Role.ADMINISTRATOR))
    assert system.name not in neighbour.get(page(ApiClient, "changelist")).content.decode()
    assert neighbour.post(page(ApiClient, "verb", system.pk, "make-oauth-secret")).status_code == 404


def test_an_agreement_is_made_narrowed_and_ended(
    browser: Client, ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    area = Area.objects.create(pcode="UA80", level=Area.Level.OBLAST, name_uk="Київ", name_en="Kyiv")
    ahead = now + timedelta(days=90)
    until = {"until_0": f"{ahead:%Y-%m-%d}", "until_1": "12:00:00"}
    values = {"giver": str(ngo.pk), "receiver": str(provider.pk), "purpose": "winter relief", **until}
    answer = browser.post(page(SharingAgreement, "add"), values)
    assert "Choose what is shared" in answer.content.decode()
    told = {**values, "classes": list(DataClass), "areas": [str(area.pk)]}
    assert browser.post(page(SharingAgreement, "add"), told).status_code == 302
    agreement = SharingAgreement.objects.get()
    assert (agreement.classes, list(agreement.areas.all())) == (sorted(DataClass), [area])
    changed = {"classes": [DataClass.HEALTH], "areas": [str(area.pk)], **until}
    assert browser.post(page(SharingAgreement, "change", agreement.pk), changed).status_code == 302
    agreement.refresh_from_db()
    assert agreement.classes == ["health"]
    widened = browser.post(
        page(SharingAgreement, "change", agreement.pk), {**changed, "classes": list(DataClass)}
    ).content.decode()
    assert "can be narrowed or prolonged" in widened
    history = browser.get(page(SharingAgreement, "history", agreement.pk)).content.decode()
    assert escape("+ Kyiv") in history
    partner = signed_in(member(provider, Role.ADMINISTRATOR))
    assert "_save" not in partner.get(page(SharingAgreement, "change", agreement.pk)).content.decode()
    assert partner.post(page(SharingAgreement, "verb", agreement.pk, "end")).status_code == 302
    agreement.refresh_from_db()
    assert agreement.until < ahead


def test_areas_that_come_and_go_stand_in_the_history(cell: Organisation, ngo: Organisation) -> None:
    area = Area.objects.create(pcode="UA80", level=Area.Level.OBLAST, name_uk="Київ", name_en="Kyiv")
    browser = signed_in(member(cell, Role.ADMINISTRATOR, "head"))
    values = {"name": ngo.name, "type": ngo.type, "is_vetted": "on", "is_active": "on"}
    for areas in ([str(area.pk)], []):
        answer = browser.post(page(Organisation, "change", ngo.pk), {**values, "areas": areas})
        assert answer.status_code == 302
    history = browser.get(page(Organisation, "history", ngo.pk)).content.decode()
    assert history.index("− Kyiv") < history.index("+ Kyiv")
    assert history.count("head") >= 2


def test_a_role_is_given_changed_and_ended_where_one_manages(
    browser: Client, ngo: Organisation, provider: Organisation
) -> None:
    newcomer = user("newcomer")
    Membership.objects.create(user=newcomer, organisation=ngo, role=Role.VIEWER)
    row = Membership.objects.get(user=newcomer)
    browser.post(page(Membership, "change", row.pk), {"role": Role.CASEWORKER})
    row.refresh_from_db()
    assert row.role == Role.CASEWORKER
    elsewhere = {"user": str(newcomer.pk), "organisation": str(provider.pk), "role": Role.ADMINISTRATOR}
    assert browser.post(page(Membership, "add"), elsewhere).status_code == 200
    assert not Membership.objects.filter(organisation=provider).exists()
    assert browser.post(page(Membership, "verb", row.pk, "end")).status_code == 302
    row.refresh_from_db()
    assert row.until is not None


def test_a_sandbox_is_opened_and_its_systems_are_managed(browser: Client, ngo: Organisation) -> None:
    assert browser.post(page(Organisation, "verb", ngo.pk, "open-sandbox")).status_code == 302
    sandbox = Organisation.objects.get(sandbox_of=ngo)
    values = {"organisation": str(sandbox.pk), "name": "trial", "scopes": INTAKE}
    assert browser.post(page(ApiClient, "add"), values).status_code == 302
    system = ApiClient.objects.get()
    issued = browser.post(page(ApiClient, "verb", system.pk, "issue-key"), {"scopes": INTAKE, "days": "1"})
    assert issued.context["issued"].secret.startswith("aid_test_")


def test_alerts_stand_on_the_first_page_until_they_are_seen(
    browser: Client, ngo: Organisation, ngo_actor: Actor, provider: Organisation, now: datetime
) -> None:
    kind = AlertKind.MANY_CONTACTS_READ
    first = raise_alert(kind=kind, organisation=ngo, actor=SYSTEM, now=now)
    second = raise_alert(kind=kind, organisation=ngo, actor=SYSTEM, now=now + timedelta(seconds=1))
    others = raise_alert(kind=kind, organisation=provider, actor=SYSTEM, now=now)
    assert "2 alerts" in browser.get(reverse("admin:index")).content.decode()
    assert "alert_changelist" not in signed_in(ngo_actor).get(reverse("admin:index")).content.decode()
    assert browser.post(page(Alert, "verb", second.pk, "seen")).status_code == 302
    index = browser.get(reverse("admin:index")).content.decode()
    listed = browser.get(page(Alert, "changelist")).content.decode()
    assert ">1 alert<" in index
    assert listed.index(str(first.pk)) < listed.index(str(second.pk)), "what nobody has seen comes first"
    assert str(others.pk) not in listed


def test_who_read_is_told_to_administrators_and_to_who_read(
    browser: Client, ngo: Organisation, ngo_actor: Actor, provider: Organisation, cell: Organisation
) -> None:
    told = {"organisation": ngo, "user_id": ngo_actor.user_id, "subject": "aid.contact"}
    AccessRecord.objects.create(purpose="to call the family", subject_ids=[ngo.pk, provider.pk], **told)
    colleague = member(ngo, Role.COORDINATOR, "colleague")
    for reader, is_told in [
        (browser, True),
        (signed_in(ngo_actor), True),
        (signed_in(member(cell, Role.ADMINISTRATOR, "head")), True),
        (signed_in(colleague), False),
        (signed_in(member(cell, Role.COORDINATOR, "cell")), False),
        (signed_in(member(provider, Role.ADMINISTRATOR, "neighbour")), False),
    ]:
        assert ("to call the family" in reader.get(page(AccessRecord, "changelist")).content.decode()) is is_told
    assert '<td class="field-how_many">2</td>' in browser.get(page(AccessRecord, "changelist")).content.decode()


def test_a_person_is_shut_out_by_the_cell_with_one_click(ngo: Organisation, cell: Organisation, now: datetime) -> None:
    olena = User.objects.get(pk=member(ngo, username="olena").user_id)
    token = make_key(user=olena, scopes=[Scope.AID_READ]).secret
    browser = signed_in(member(cell, Role.ADMINISTRATOR, "head"))
    assert browser.post(page(User, "verb", olena.pk, "deactivate")).status_code == 302
    assert actor_for_token(token, now=now) is None
    assert browser.post(page(User, "verb", olena.pk, "reactivate")).status_code == 302
    assert actor_for_token(token, now=now) is None
    nobody = signed_in(member(organisation("Other"), Role.ADMINISTRATOR, "other"))
    assert nobody.post(page(User, "verb", olena.pk, "deactivate")).status_code == 404


def test_a_key_opens_no_page(ngo: Organisation, administrator: Actor) -> None:
    token = make_key(user=User.objects.get(pk=administrator.user_id), scopes=list(Scope)).secret
    answer = Client().get(reverse("admin:index"), headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, "login" in answer.headers["Location"]) == (302, True)
