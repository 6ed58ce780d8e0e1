"""Single sign-on: the provider says who it is, and only people who are registered here come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from coordination.access.enums import Role, Scope
from coordination.access.models import Organisation, User
from tests.doors.identity import CLIENT_ID, IdentityProvider, identity_provider
from tests.doors.people import PASSWORD, is_signed_in, may, sign_in
from tests.factories.access import member, user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

MAIL = "oksana@example.org"


@pytest.fixture
def provider(settings: Any, db: None) -> Iterator[IdentityProvider]:
    """Give a running provider that our settings name."""
    cache.clear()
    with identity_provider() as running:
        app = {**settings.OIDC_APP, "client_id": CLIENT_ID, "secret": "secret"}
        app["settings"] = {**app["settings"], "server_url": running.issuer}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield running


@pytest.fixture
def oksana(ngo: Organisation) -> User:
    """Give a registered person with an e-mail address."""
    actor = member(ngo, Role.ADMINISTRATOR, username="oksana")
    User.objects.filter(pk=actor.user_id).update(email="Oksana@example.org")
    found: User = User.objects.get(pk=actor.user_id)
    return found


def come_from(provider: IdentityProvider, client: Client, next_: str = "", **claims: Any) -> Answer:
    """Walk from our page to the provider and back."""
    provider.claims = {"sub": "42", **claims}
    led = client.get("/accounts/oidc/sso/login/", {"process": "login", "next": next_})
    assert led.headers["Location"].startswith(f"{provider.issuer}/authorize?")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(led.headers["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    return client.get("/accounts/oidc/sso/login/callback/", {"code": "1", "state": asked["state"]})


def test_the_page_offers_it_only_where_it_is_set_up(provider: IdentityProvider, settings: Any) -> None:
    link = "/accounts/oidc/sso/login/"
    assert link in Client().get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert link not in Client().get(reverse("account_login")).content.decode()
    assert Client().get(link).status_code == 404


def test_a_verified_address_finds_the_person_and_the_link_stays(provider: IdentityProvider, oksana: User) -> None:
    client = Client()
    answer = come_from(provider, client, email=MAIL, email_verified=True, name="Somebody Else")
    assert answer.headers["Location"] == reverse("admin:index")
    assert client.session["_auth_user_id"] == str(oksana.pk)
    User.objects.update(email="")
    again = Client()
    come_from(provider, again, email=MAIL, email_verified=True)
    assert is_signed_in(again)
    assert SocialAccount.objects.get().extra_data == {}
    by_password = Client()
    sign_in(by_password, "oksana", PASSWORD)
    assert is_signed_in(by_password)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": MAIL},
        {"email": MAIL, "email_verified": False},
        {"email": MAIL, "email_verified": "false"},
        {"email": MAIL, "email_verified": "true"},
        {"email": "nobody@example.org", "email_verified": True},
        {"email": "", "email_verified": True},
        {"preferred_username": "oksana"},
    ],
    ids=str,
)
def test_nobody_else_comes_in_and_nobody_is_added(
    provider: IdentityProvider, oksana: User, claims: dict[str, Any]
) -> None:
    client = Client()
    answer = come_from(provider, client, **claims)
    assert answer.headers["Location"] == reverse("account_login")
    assert not is_signed_in(client)
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_an_address_of_two_people_opens_neither_account(provider: IdentityProvider, oksana: User) -> None:
    user("double", email=MAIL)
    client = Client()
    come_from(provider, client, email=MAIL, email_verified=True)
    assert not is_signed_in(client)


def test_whoever_is_deactivated_stays_out(provider: IdentityProvider, oksana: User) -> None:
    come_from(provider, Client(), email=MAIL, email_verified=True)
    User.objects.update(is_active=False)
    client = Client()
    come_from(provider, client, email=MAIL, email_verified=True)
    assert not is_signed_in(client)


def test_nobody_is_sent_elsewhere_after_it(provider: IdentityProvider, oksana: User) -> None:
    answer = come_from(provider, Client(), "https://evil.example/", email=MAIL, email_verified=True)
    assert answer.headers["Location"] == reverse("admin:index")


@pytest.mark.parametrize("is_enough", [False, True])
def test_the_deployment_says_whether_it_is_a_second_factor(
    provider: IdentityProvider, oksana: User, settings: Any, is_enough: bool
) -> None:
    settings.MFA_REQUIRED = True
    settings.OIDC_HAS_SECOND_FACTOR = is_enough
    client = Client()
    come_from(provider, client, email=MAIL, email_verified=True)
    assert may(client, Scope.PII_READ) is is_enough
