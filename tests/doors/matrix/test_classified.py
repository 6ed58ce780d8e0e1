"""Every way into the system is in the tables: a new one fails here until somebody says who may use it."""

from __future__ import annotations

from django.apps import apps

from coordination.records.visibility import VisibleQuerySet
from tests.doors.matrix import admin_door, graphql_door, rest_door
from tests.doors.matrix.sight import OPEN, TABLE
from tests.doors.matrix.verb_table import VERBS

# What REST gives beside the rows of a model and a row by its id; each has a test of its own.
READINGS = {"GET aid-requests/{id}/suggestions", "GET aid-requests/{id}/possible-duplicates", "GET me"}
# Pages that show no rows of the guard, by how their address begins: who may come to each is its own test's business.
PAGES = (
    "/livez", "/readyz", "/accounts/", "/oauth/", "/i18n/", "/docs/", "/api/v1/openapi.yaml", "/graphql/", "/api/",
)  # fmt: skip
# Models that no door shows by itself.
UNSEEN = {"outbox.Event", "access.Caseload", "aid.Contact", "aid.NeedSlot", "web.IdempotencyRecord"}

SAY = "nobody said who may use this; write it into verb_table.py, sight.py and fields.py, or here"


def test_every_rest_route_is_in_the_tables() -> None:
    named = {verb.rest for verb in VERBS} | READINGS
    rows = {route.path for route in rest_door.lists()} | {"events"}
    named |= {f"GET {path}{row}" for path in rows for row in ("", "/{id}")}
    assert {str(route) for route in rest_door.routes()} ^ (named - {""}) == set(), SAY


def test_every_page_is_in_the_tables() -> None:
    admin = "/admin/"
    unknown = {page for page in rest_door.pages() if page != "/" and not page.startswith((*PAGES, admin))}
    assert unknown == set(), SAY


def test_every_mutation_is_in_the_tables() -> None:
    assert graphql_door.mutations() ^ ({verb.graphql for verb in VERBS} - {""}) == set(), SAY


def test_everything_that_the_admin_can_do_is_in_the_tables() -> None:
    assert admin_door.verbs() ^ ({verb.on_page for verb in VERBS} - {""}) == set(), SAY


def test_every_guarded_model_is_in_the_tables() -> None:
    guarded = {
        model._meta.label for model in apps.get_models() if isinstance(model._default_manager.all(), VisibleQuerySet)
    }
    assert guarded - OPEN - TABLE.keys() - UNSEEN == set(), SAY
