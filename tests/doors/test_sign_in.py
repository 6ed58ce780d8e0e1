"""How people sign in: by password, with something they hold, and never by anything that an address sends along."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from coordination.access.enums import Role, Scope
from coordination.access.models import Organisation
from tests.doors.people import PASSWORD, code, is_signed_in, set_up_app, sign_in
from tests.factories.access import member

pytestmark = pytest.mark.django_db

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
