"""How systems fetch access tokens, and what a token is worth: OAuth2 client credentials."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken

from coordination.access.actions.end_client import end_client
from coordination.access.actions.make_oauth_secret import make_oauth_secret
from coordination.access.actors import SYSTEM
from coordination.access.enums import Scope
from coordination.access.keys import Issued, actor_for_token
from coordination.access.models import ApiClient, OAuthClient, Organisation
from coordination.web.tasks import forget_old_tokens
from tests.doors.rest import Caller

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

pytestmark = pytest.mark.django_db

SCOPES = [Scope.AID_READ, Scope.AID_WRITE]
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def issued(ngo: Organisation, now: datetime) -> Issued[OAuthClient]:
    client = ApiClient.objects.create(organisation=ngo, name="intake", scopes=SCOPES)
    return make_oauth_secret(client=client, actor=SYSTEM, now=now)


def ask(issued: Issued[OAuthClient], path: str = "token", body: Any = None, secret: str | None = None) -> Answer:
    shown = f"{issued.row.client_id}:{issued.secret if secret is None else secret}"
    basic = base64.b64encode(shown.encode()).decode()
    return Client().post(f"/oauth/{path}", GRANT if body is None else body, headers={"Authorization": f"Basic {basic}"})


def test_a_system_fetches_a_token_that_speaks_for_its_organisation_for_an_hour(
    issued: Issued[OAuthClient], ngo: Organisation, now: datetime
) -> None:
    answer = ask(issued)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["token_type"], told["expires_in"], set(told["scope"].split())) == ("Bearer", 3600, set(SCOPES))
    assert answer.headers["Cache-Control"] == "no-store"
    actor = actor_for_token(told["access_token"], now=now)
    assert actor is not None
    assert (actor.client_id, actor.acts_for_id, actor.user_id) == (issued.row.system_id, ngo.pk, None)
    assert actor_for_token(told["access_token"], now=now + timedelta(minutes=61)) is None
    assert Caller(told["access_token"]).get("aid-requests").status_code == 200


def test_id_and_secret_may_stand_in_the_body(issued: Issued[OAuthClient]) -> None:
    body = {**GRANT, "client_id": issued.row.client_id, "client_secret": issued.secret}
    assert Client().post("/oauth/token", body).status_code == 200


def test_a_token_may_have_fewer_scopes_but_never_more(issued: Issued[OAuthClient], now: datetime) -> None:
    narrow = ask(issued, body={**GRANT, "scope": "aid:read"}).json()
    actor = actor_for_token(narrow["access_token"], now=now)
    assert actor is not None
    assert (actor.may(Scope.AID_READ), actor.may(Scope.AID_WRITE)) == (True, False)
    answer = ask(issued, body={**GRANT, "scope": "aid:read pii:read"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_what_the_system_loses_its_tokens_lose(issued: Issued[OAuthClient], now: datetime) -> None:
    token = ask(issued).json()["access_token"]
    ApiClient.objects.update(scopes=[Scope.AID_READ])
    actor = actor_for_token(token, now=now)
    assert actor is not None
    assert (actor.may(Scope.AID_READ), actor.may(Scope.AID_WRITE)) == (True, False)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"grant_type": "password", "username": "olena", "password": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, 400, "unsupported_grant_type"),
        ({"scope": "aid:read"}, 400, "invalid_request"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_there_is_no_other_grant(issued: Issued[OAuthClient], body: dict[str, str], status: int, error: str) -> None:
    answer = ask(issued, body=body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("secret", ["", "wrong", "ґ", "a\0b"])
def test_a_wrong_secret_is_an_invalid_client(issued: Issued[OAuthClient], secret: str) -> None:
    answer = ask(issued, secret=secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "authorization",
    ["Basic", "Basic !", "Basic ґ", "Basic \xff\xfe", "Basic AGE6AGI=", "Basic YQ==", "Digest x"],
)
def test_a_header_that_is_none_is_an_invalid_client(db: None, authorization: str) -> None:
    answer = Client().post("/oauth/token", GRANT, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_null_characters_in_the_body_are_an_invalid_client(db: None) -> None:
    answer = Client().post("/oauth/token", {**GRANT, "client_id": "a\0b", "client_secret": "c\0d"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "ending",
    [
        lambda now: ApiClient.objects.update(is_active=False),
        lambda now: ApiClient.objects.update(until=now),
        lambda now: Organisation.objects.update(is_active=False),
        lambda now: end_client(client=ApiClient.objects.get(), actor=SYSTEM, now=now),
    ],
    ids=["stopped", "expired", "organisation_stopped", "ended"],
)
def test_a_system_that_ended_gets_no_token_and_its_tokens_end(
    issued: Issued[OAuthClient], now: datetime, ending: Any
) -> None:
    token = ask(issued).json()["access_token"]
    ending(now)
    assert actor_for_token(token, now=now) is None
    assert Caller(token).get("aid-requests").status_code == 401
    answer = ask(issued)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_new_secret_ends_the_old_one_and_its_tokens(issued: Issued[OAuthClient], now: datetime) -> None:
    token = ask(issued).json()["access_token"]
    again = make_oauth_secret(client=issued.row.system, actor=SYSTEM, now=now)
    assert again.row.client_id == issued.row.client_id
    assert ask(issued).status_code == 401
    assert ask(again).status_code == 200
    assert actor_for_token(token, now=now) is None


def test_a_token_is_revoked_by_its_own_system_alone(
    issued: Issued[OAuthClient], provider: Organisation, now: datetime
) -> None:
    token = ask(issued).json()["access_token"]
    theirs = make_oauth_secret(
        client=ApiClient.objects.create(organisation=provider, name="theirs", scopes=SCOPES), actor=SYSTEM, now=now
    )
    assert ask(theirs, "revoke", {"token": token}).status_code == 200
    assert actor_for_token(token, now=now) is not None
    assert ask(issued, "revoke", {"token": token}).status_code == 200
    assert actor_for_token(token, now=now) is None
    assert ask(issued, "revoke", {"token": token}, secret="wrong").status_code == 401


def test_a_system_learns_what_its_own_token_is_worth_and_nothing_of_others(
    issued: Issued[OAuthClient], provider: Organisation, now: datetime
) -> None:
    token = ask(issued, body={**GRANT, "scope": "aid:read"}).json()["access_token"]
    told = ask(issued, "introspect", {"token": token}).json()
    assert (told["active"], told["scope"], told["client_id"]) == (True, "aid:read", issued.row.client_id)
    theirs = make_oauth_secret(
        client=ApiClient.objects.create(organisation=provider, name="theirs", scopes=SCOPES), actor=SYSTEM, now=now
    )
    assert ask(theirs, "introspect", {"token": token}).json() == {"active": False}
    assert ask(issued, "introspect", {"token": "nonsense"}).json() == {"active": False}


def test_secrets_and_tokens_are_stored_as_digests_and_logged_nowhere(
    issued: Issued[OAuthClient], caplog: pytest.LogCaptureFixture
) -> None:
    token = ask(issued).json()["access_token"]
    ask(issued, secret="guessed-wrong")
    history = issued.row.history.values()
    rows = [OAuthClient.objects.values().get(), AccessToken.objects.values().get(), *history]
    for plain in (token, issued.secret, "guessed-wrong"):
        assert plain not in f"{rows}{caplog.text}{issued!r}"


def test_a_token_costs_one_statement_to_look_up(
    issued: Issued[OAuthClient], now: datetime, django_assert_num_queries: Any
) -> None:
    token = ask(issued).json()["access_token"]
    with django_assert_num_queries(1):
        assert actor_for_token(token, now=now) is not None


def test_tokens_that_ended_are_forgotten(issued: Issued[OAuthClient], now: datetime) -> None:
    ask(issued)
    forget_old_tokens()
    assert AccessToken.objects.count() == 1
    AccessToken.objects.update(expires=now - timedelta(seconds=1))
    forget_old_tokens()
    assert AccessToken.objects.count() == 0


def test_tokens_are_asked_for_by_post_alone(db: None) -> None:
    assert Client().get("/oauth/token").status_code == 405
