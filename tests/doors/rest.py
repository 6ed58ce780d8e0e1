"""A caller of the REST door, as tests speak through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client

from coordination.access.actors import Actor
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Organisation, User

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

PREFIX = "/api/v1/"


class Caller:
    """Somebody who calls with a bearer token, or the public without one."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self._client = Client()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Read an address below the prefix."""
        return self._client.get(PREFIX + path, query, headers=self._with(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a JSON body to an address below the prefix; bytes are sent as they are."""
        content_type = "application/json"
        return self._client.post(PREFIX + path, body, content_type=content_type, headers=self._with(headers))

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        """Change what is at an address below the prefix."""
        content_type = "application/json"
        return self._client.patch(PREFIX + path, body, content_type=content_type, headers=self._with(headers))

    def _with(self, headers: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {**self._headers, **named}


PUBLIC_CALLER = Caller()


def caller(actor: Actor) -> Caller:
    """Give the caller that a person's own token makes."""
    return Caller(issue_key(user=User.objects.get(pk=actor.user_id), scopes=Scope.values))


def machine(of: Organisation, name: str = "intake") -> Caller:
    """Give a system of an organisation, allowed everything that its organisation may do."""
    client = ApiClient.objects.create(organisation=of, name=name, scopes=Scope.values)
    return Caller(issue_key(client=client, scopes=Scope.values))


def codes(answer: Answer) -> dict[str, str]:
    """Give what was refused, by its pointer."""
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


def results(answer: Answer) -> list[dict[str, Any]]:
    """Give the rows of a list."""
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows
