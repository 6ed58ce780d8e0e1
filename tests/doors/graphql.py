"""A caller of the GraphQL door, as tests speak through it."""

from __future__ import annotations

import json
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client

from coordination.access.actors import Actor
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Organisation, User
from coordination.records.models import BaseModel
from coordination.schema import schema
from coordination.web.graphql.nodes import global_id

ADDRESS = "/graphql/"
SDL = schema.as_str()


class Caller:
    """Somebody who calls with a bearer token, or the public without one."""

    def __init__(self, token: str | None = None) -> None:
        self._client = Client()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, body: Any, **headers: str) -> HttpResponse:
        """Send a body as JSON; bytes are sent as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._client.post(ADDRESS, content, content_type="application/json", headers={**self._headers, **sent})
        return cast(HttpResponse, answer)

    def ask(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """Run an operation that is expected to succeed and give its data."""
        answer = self.send({"query": query, "variables": variables or {}}, **headers).json()  # type: ignore[attr-defined] # the test client's
        assert "errors" not in answer, answer["errors"]
        return cast(dict[str, Any], answer["data"])

    def refusal(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run an operation that is expected to be refused and give its only error."""
        (error,) = self.send({"query": query, "variables": variables or {}}).json()["errors"]  # type: ignore[attr-defined] # the test client's
        return cast(dict[str, Any], error)

    def change(self, name: str, shape: str, values: dict[str, Any], **headers: str) -> dict[str, Any] | None:
        """Run one mutation and give its payload: the row in the given shape, or the problem."""
        pascal = name[0].upper() + name[1:]
        problem = "... on DomainProblem { code message field problems { field code message } }"
        query = f"mutation ($input: {pascal}Input!) {{ {name}(input: $input) {{ __typename {shape} {problem} }} }}"
        return cast("dict[str, Any] | None", self.ask(query, {"input": values}, **headers)[name])


PUBLIC_CALLER = Caller()


def caller(actor: Actor) -> Caller:
    """Give the caller that a person's own token makes."""
    return Caller(issue_key(user=User.objects.get(pk=actor.user_id), scopes=Scope.values))


def machine(of: Organisation) -> Caller:
    """Give a system of an organisation, allowed everything that its organisation may do."""
    client = ApiClient.objects.create(organisation=of, name="intake", scopes=Scope.values)
    return Caller(issue_key(client=client, scopes=Scope.values))


def ids(*rows: BaseModel) -> list[str]:
    """Give the ids of rows as this door writes them."""
    return [str(global_id(row)) for row in rows]


def nodes(data: dict[str, Any]) -> list[Any]:
    """Give the rows of the only list in an answer."""
    (connection,) = data.values()
    return cast(list[Any], connection["nodes"])
