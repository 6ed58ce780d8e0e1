"""Every page of the admin, and how it is asked for rows and verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from coordination.records.errors import NotAllowed
from coordination.web.admin.base import GuardedAdmin
from tests.doors.matrix.parties import Party
from tests.doors.matrix.rest_door import undone
from tests.doors.matrix.verbs import Verb
from tests.doors.matrix.world import World

# Pages that every model has; where they lead is the business of the tables of rows.
READING = {"changelist", "history", "change", ""}
# Nothing is deleted here, whoever asks.
REFUSED_TO_ALL = {"delete"}
SIGN_IN = ("/accounts/", "/admin/login/")
A_ROW = r'href="%s([0-9a-f-]{36}|[0-9]+)/change/'
A_FIELD = re.compile(r'class="form-row field-([a-z_ -]+)"')
# Fields that lead to a verb: who may do that is the business of the table of verbs.
BUTTONS = {"whom_to_call"}
IN_WORDS = re.compile("_(in_words|as_disclosed)$")


def models() -> dict[str, GuardedAdmin]:
    """Give the pages of each model by its label."""
    return {model._meta.label: pages for model, pages in admin.site._registry.items()}  # type: ignore[misc] # the site registers no others


def verbs() -> set[str]:
    """Name all that can be done: buttons, actions on lists, forms and pages of a model's own."""
    return {f"{label} {name}" for label, pages in models().items() for name in _verbs_of(pages)}


def _verbs_of(pages: GuardedAdmin) -> Iterator[str]:
    yield from (f"do {verb.name}" for verb in pages.verbs)
    yield from (str(name) for name in pages.actions or ())
    prefix = f"{pages.opts.app_label}_{pages.opts.model_name}_"
    for pattern in pages.get_urls():
        name = (pattern.name or "").removeprefix(prefix)
        if name == "add" and type(pages).may_add is GuardedAdmin.may_add:
            continue
        if name not in READING | REFUSED_TO_ALL | {"verb"}:
            yield name
    if type(pages).may_change is not GuardedAdmin.may_change:
        yield "change"


def address(label: str, page: str, *arguments: Any) -> str:
    """Give the address of a page of a model."""
    return reverse(f"admin:{label.lower().replace('.', '_')}_{page}", args=arguments)


def signed_in(party: Party) -> Client:
    """Give a browser in which a party signed in; the public has not."""
    browser = Client()
    if party.user:
        browser.force_login(party.user)
    return browser


@dataclass(frozen=True)
class Shown:
    """What a page shows: rows by their ids or fields by their names, and its text."""

    names: frozenset[str]
    text: str


def rows_for(browser: Client, label: str) -> Shown:
    """Ask for the list of a model; a page that is refused shows nothing."""
    page = address(label, "changelist")
    answer = browser.get(page, {"all": ""})
    text = answer.content.decode() if answer.status_code == 200 else ""
    return Shown(frozenset(re.findall(A_ROW % page, text)), text)


def fields_of(browser: Client, label: str, key: str) -> Shown | None:
    """Ask for the page of a row; nothing where it is not there."""
    answer = browser.get(address(label, "change", key))
    if answer.status_code != 200:
        return None
    text = answer.content.decode()
    names = " ".join(A_FIELD.findall(text)).replace("field-", "").split()
    return Shown(frozenset(IN_WORDS.sub("", name) for name in names) - BUTTONS, text)


def outcome(party: Party, verb: Verb, world: World, name: str) -> str:
    """Do a verb to a row and say what came of it: `allowed`, `refused`, `absent`, `unknown`, or what else was said."""
    label, key = verb.page or verb.about, world.rows[verb.about][name].pk
    reason = {"reason": "because of the matrix"}
    with undone():
        browser = signed_in(party)
        match verb.admin.split():
            case ["do", slug]:
                answer = browser.post(address(label, "verb", key, slug), reason)
            case ["add"]:
                answer = browser.get(address(label, "add"))
            case ["change"]:
                if fields_of(browser, label, key) is None:
                    return "absent" if party.user else "unknown"
                answer = browser.post(address(label, "change", key), {})
            case ["find_by_phone"]:
                answer = browser.get(address(label, "find_by_phone"))
            case [page]:
                answer = browser.post(address(label, page, key), reason)
    if answer.status_code == 302:
        where = answer["Location"]
        if where.startswith(SIGN_IN):
            return "unknown"
        if str(NotAllowed.message) in map(str, get_messages(answer.wsgi_request)):
            return "refused"
        return "absent" if where == reverse("admin:index") else "allowed"
    return {200: "allowed", 403: "refused", 404: "absent"}.get(answer.status_code, str(answer.status_code))
