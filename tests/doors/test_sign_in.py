"""How people sign in: by password, with something they hold, and never by anything that an address sends along."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coordination.access.actions.deactivate_user import deactivate_user
from coordination.access.actions.reactivate_user import reactivate_user
from coordination.access.actors import Actor
from coordination.access.enums import Role, Scope
from coordination.access.keys import issue_key
from coordination.access.models import Organisation, User
from coordination.web.tasks import forget_sign_ins
from tests.doors.people import PASSWORD, code, is_signed_in, may, set_up_app, sign_in
from tests.factories.access import member, user

pytestmark = pytest.mark.django_db

STOLEN = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
OPERATOR = Actor(is_operator=True)
PAGES = ["mfa_index", "usersessions_list", "account_change_password", "account_logout"]


@pytest.fixture(autouse=True)
def _nothing_counted_before(db: None) -> None:
    cache.clear()


def test_the_workplace_leads_to_the_sign_in_page_and_back(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    client = Client()
    wanted = reverse("admin:aid_aidrequest_changelist")
    led = client.get(wanted, follow=True)
    assert led.request["PATH_INFO"] == reverse("account_login")
    assert sign_in(client, "oksana", next=led.context["redirect_field_value"]).headers["Location"] == wanted
    assert client.get(wanted).status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\t//evil.example",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(ngo: Organisation, elsewhere: str) -> None:
    member(ngo, username="oksana")
    for way in (reverse("admin:login"), reverse("account_login")):
        client = Client()
        page = client.get(way, {"next": elsewhere}, follow=True)
        answer = sign_in(client, "oksana", next=page.context["redirect_field_value"] or "")
        assert answer.headers["Location"] == reverse("admin:index")
        assert sign_in(Client(), "oksana", next=elsewhere).headers["Location"] == reverse("admin:index")


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_the_account_ask_to_sign_in_and_open_then(ngo: Organisation, page: str) -> None:
    member(ngo, username="oksana")
    client = Client()
    assert client.get(reverse(page)).status_code == 302
    sign_in(client, "oksana")
    answer = client.get(reverse(page))
    assert answer.status_code == 200
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert " onclick=" not in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "password/reset/",
        "confirm-email/",
        "login/code/confirm/",
        "3rdparty/",
        "3rdparty/signup/",
        "oidc/sso/login/",
    ],
)
def test_what_nobody_uses_is_not_there(path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404
    assert Client().post(f"/accounts/{path}", {"username": "mallory", "password1": PASSWORD}).status_code == 404


def test_a_code_is_asked_for_once_an_app_is_set_up(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    first = Client()
    sign_in(first, "oksana")
    secret = set_up_app(first)
    second = Client()
    assert sign_in(second, "oksana").headers["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(second)
    assert second.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_signed_in(second)
    second.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert is_signed_in(second)


def test_a_code_opens_once(ngo: Organisation) -> None:
    """Also half a minute later, when its neighbours are still taken for telephones whose clocks are off."""
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    shown = code(set_up_app(client))
    for is_first, seconds in ((True, 0), (False, 31)):
        with time_machine.travel(timedelta(seconds=seconds)):
            other = Client()
            sign_in(other, "oksana")
            other.post(reverse("mfa_authenticate"), {"code": shown})
            assert is_signed_in(other) is is_first


def test_codes_are_not_guessed(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    secret = set_up_app(client)
    guesser = Client()
    sign_in(guesser, "oksana")
    for guess in range(10):
        guesser.post(reverse("mfa_authenticate"), {"code": f"{guess:06}"})
    guesser.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert not is_signed_in(guesser)
    assert is_signed_in(client)


def test_recovery_codes_open_once_each(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    set_up_app(client)
    page = client.get(reverse("mfa_view_recovery_codes"))
    spare = page.context["unused_codes"][0]
    assert len(page.context["unused_codes"]) == 10
    for is_first in (True, False):
        other = Client()
        sign_in(other, "oksana")
        other.post(reverse("mfa_authenticate"), {"code": spare})
        assert is_signed_in(other) is is_first


@pytest.mark.django_db(transaction=True)
def test_a_password_alone_opens_no_contacts_where_more_is_asked(ngo: Organisation, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    member(ngo, Role.ADMINISTRATOR, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    assert not any(may(client, scope) for scope in (Scope.PII_READ, Scope.ACCESS_MANAGE))
    assert may(client, Scope.AID_WRITE)
    assert "second-factor" in client.get(reverse("admin:index")).content.decode()
    set_up_app(client)
    assert all(may(client, scope) for scope in (Scope.PII_READ, Scope.ACCESS_MANAGE))
    assert "second-factor" not in client.get(reverse("admin:index")).content.decode()


def test_viewers_are_not_asked_for_what_opens_nothing(ngo: Organisation, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    member(ngo, Role.VIEWER, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    assert "second-factor" not in client.get(reverse("admin:index")).content.decode()


def test_whoever_is_signed_in_without_a_role_is_told_so(db: None) -> None:
    user("nobody")
    client = Client()
    sign_in(client, "nobody")
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("mfa_index")
    assert "You hold no role yet" in answer.content.decode()


def test_sessions_are_listed_and_others_ended(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    phone, desk = Client(HTTP_USER_AGENT=STOLEN), Client(HTTP_USER_AGENT="Desk")
    sign_in(phone, "oksana")
    sign_in(desk, "oksana")
    listed = desk.get(reverse("usersessions_list")).content.decode()
    assert "Firefox · Android" in listed
    assert "Desk" in listed
    desk.post(reverse("usersessions_list"))
    assert is_signed_in(desk)
    assert not is_signed_in(phone)
    assert "Firefox · Android" not in desk.get(reverse("usersessions_list")).content.decode()


def test_use_is_noted_now_and_then(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    seen = UserSession.objects.get().last_seen_at
    client.get(reverse("mfa_index"))
    assert UserSession.objects.get().last_seen_at == seen
    with time_machine.travel(timedelta(minutes=6)):
        client.get(reverse("mfa_index"))
    assert UserSession.objects.get().last_seen_at > seen


def test_a_session_ends_after_a_days_work_however_busy(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    for hour in (3, 6, 9, 11.9):
        with time_machine.travel(timedelta(hours=hour)):
            assert is_signed_in(client)
    with time_machine.travel(timedelta(hours=12.1)):
        assert not is_signed_in(client)


def test_a_new_password_ends_all_other_sessions(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    other, client = Client(), Client()
    sign_in(other, "oksana")
    sign_in(client, "oksana")
    new = "battery horse correct"
    answer = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_whoever_is_deactivated_is_out_at_once_and_cannot_come_in(ngo: Organisation, now: datetime) -> None:
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    oksana = User.objects.get()
    deactivate_user(user=oksana, actor=OPERATOR, now=now)
    assert not is_signed_in(client)
    other = Client()
    sign_in(other, "oksana")
    assert not is_signed_in(other)
    reactivate_user(user=oksana, actor=OPERATOR, now=now)
    assert not is_signed_in(client)


def test_the_cell_helps_whoever_lost_phone_and_password(ngo: Organisation, cell: Organisation) -> None:
    actor = member(ngo, username="oksana")
    member(cell, Role.ADMINISTRATOR, username="olena")
    lost, cells = Client(), Client()
    sign_in(lost, "oksana")
    set_up_app(lost)
    sign_in(cells, "olena")
    shown = cells.post(reverse("admin:access_user_verb", args=[actor.user_id, "reset-sign-in"]))
    assert not is_signed_in(lost)
    assert "no-store" in shown.headers["Cache-Control"]
    client = Client()
    sign_in(client, "oksana", PASSWORD)
    assert not is_signed_in(client)
    sign_in(client, "oksana", shown.context["issued"].secret)
    assert is_signed_in(client)
    assert sign_in(Client(), "olena").status_code == 302


def test_nobody_else_makes_others_passwords(ngo: Organisation, cell: Organisation) -> None:
    pairs = [
        (member(cell, username="olena"), member(ngo, Role.ADMINISTRATOR, username="oksana")),
        (member(ngo, username="taras"), member(cell, username="ivan")),
    ]
    for victim, helper in pairs:
        client = Client()
        client.force_login(User.objects.get(pk=helper.user_id))
        answer = client.post(reverse("admin:access_user_verb", args=[victim.user_id, "reset-sign-in"]))
        assert answer.status_code in {403, 404}
        assert User.objects.get(pk=victim.user_id).check_password(PASSWORD)


def test_what_ended_is_forgotten(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    sign_in(Client(), "oksana")
    sign_in(Client(), "oksana", "wrong")
    with time_machine.travel(timedelta(hours=13)):
        forget_sign_ins()
    assert [each.objects.count() for each in (UserSession, Session, AccessAttempt)] == [0, 0, 0]


def test_callers_with_a_token_cost_no_statement_of_a_session(ngo: Organisation) -> None:
    actor = member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    token = issue_key(user=User.objects.get(pk=actor.user_id), scopes=Scope.values)
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("incident-list"), headers={"Authorization": f"Bearer {token}"})
    tables = " ".join(query["sql"] for query in captured.captured_queries)
    assert "access_apikey" in tables
    assert not [table for table in ("session", "web_cache", "axes_", "mfa_") if table in tables]


def test_secrets_of_second_factors_are_sealed(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    secret = set_up_app(client)
    kept = [json.dumps(row.data) for row in Authenticator.objects.all()]
    assert len(kept) == 2
    assert not any(secret in row for row in kept)
    assert all("test:" in row for row in kept)
