"""Every address of the site, and how the REST door is asked for rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib.admindocs.views import simplify_regex
from django.db import transaction
from django.db.models import Model
from django.urls import URLResolver, get_resolver

from coordination.outbox.models import Event
from tests.doors.matrix.parties import Party
from tests.doors.matrix.verbs import Verb
from tests.doors.matrix.world import World
from tests.doors.rest import PREFIX, Caller, results

OUTCOMES = {200: "allowed", 201: "allowed", 204: "allowed", 409: "allowed", 401: "unknown", 403: "refused"}


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    view: Any
    name: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def label(self) -> str:
        """Name the model whose rows the view gives."""
        return str(self.view.model._meta.label)


def pages() -> set[str]:
    """Name every address, REST's and the admin's own apart."""
    return {path for path, view in _walk(get_resolver(), "/") if not hasattr(view, "actions")}


def routes() -> list[Route]:
    """List every method of every REST address, from the resolver itself."""
    return [
        Route(method.upper(), path.removeprefix(PREFIX), view.cls, action)
        for path, view in _walk(get_resolver(), "/")
        if hasattr(view, "actions")
        for method, action in view.actions.items()
        # Answers as GET does, without the body.
        if method != "head"
    ]


def lists() -> list[Route]:
    """List the routes that give rows of a model; events have a test of their own."""
    return [route for route in routes() if route.name == "list" and route.label != Event._meta.label]


def rows_for(party: Party, route: Route, query: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Ask for all rows of a list and give them by id."""
    answer = Caller(party.token).get(route.path, {"limit": "100", **(query or {})})
    return {row["id"]: row for row in results(answer)}


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        path = prefix + simplify_regex(str(pattern.pattern)).removeprefix("/").replace("<", "{").replace(">", "}")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, path)
        else:
            yield path, pattern.callback


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is written meanwhile."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(party: Party, verb: Verb, world: World, name: str) -> str:
    """Do a verb to a row and say what came of it: `allowed`, `refused`, `absent`, `unknown`, or what else was said."""
    method, _space, path = verb.rest.partition(" ")
    key = str(world.rows[verb.about][name].pk)
    body = plain(verb.body(world, name))
    if verb.subject:
        body[verb.subject] = [key] if verb.is_list else key
    caller = Caller(party.token)
    send = caller.patch if method == "PATCH" else caller.post
    with undone():
        answer = send(path.replace("{id}", key), body, idempotency_key=uuid4().hex)
    said = answer.json() if answer.content else {}
    codes = {error["code"] for error in said.get("errors", ())}
    if answer.status_code == 404 or codes == {"does_not_exist"}:
        return "absent"
    return OUTCOMES.get(answer.status_code, f"{answer.status_code} {said}")


def plain(value: Any) -> Any:
    """Write rows as their ids."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return str(value.pk) if isinstance(value, Model) else value
