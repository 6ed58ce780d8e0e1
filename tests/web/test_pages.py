"""The front door and the signs of life."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from coordination.web import health


@pytest.mark.parametrize("language", ["en", "uk"])
def test_landing_page_is_in_the_language_of_its_reader(language: str) -> None:
    page = Client().get("/", headers={"Accept-Language": language})
    assert (page.status_code, page.headers["Content-Language"]) == (200, language)
    assert f'<html lang="{language}">' in page.content.decode()


def test_language_can_be_chosen() -> None:
    client = Client(headers={"Accept-Language": "en"})
    client.post("/i18n/setlang/", {"language": "uk", "next": "/"})
    assert client.get("/").headers["Content-Language"] == "uk"


@pytest.mark.django_db
def test_every_link_of_the_landing_page_leads_somewhere() -> None:
    client = Client()
    addresses = re.findall(r'<a href="([^"]+)"', client.get("/").content.decode())
    assert len(addresses) >= 5
    for address in addresses:
        assert client.get(address, follow=True).status_code in {200, 503}, address


def test_live_answers_without_a_database() -> None:
    assert Client().get("/livez").json() == {"status": "ok"}


@pytest.mark.django_db(transaction=True)
def test_ready_tells_of_database_and_migrations() -> None:
    health._migrated.clear()
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (200, {"database": "ok", "migrations": "ok"})


@pytest.mark.django_db(transaction=True)
def test_ready_waits_for_a_missing_migration() -> None:
    last = MigrationRecorder(connection).migration_qs.filter(app="aid").latest("id")
    MigrationRecorder(connection).record_unapplied(last.app, last.name)
    health._migrated.clear()
    try:
        answer = Client().get("/readyz")
    finally:
        MigrationRecorder(connection).record_applied(last.app, last.name)
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "missing")


@pytest.fixture
def silent_server() -> Iterator[tuple[str, int]]:
    """Give the address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["gone", "frozen"])
def test_ready_says_within_a_second_that_the_database_is_away(
    where: str, silent_server: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = silent_server if where == "frozen" else ("/nowhere", 5432)
    monkeypatch.setitem(connections.settings["default"], "HOST", host)
    monkeypatch.setitem(connections.settings["default"], "PORT", str(port))
    before = time.monotonic()
    answer = Client().get("/readyz")
    assert time.monotonic() - before < 1
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "away")
    assert "Retry-After" in answer.headers
    # The thread that was left behind ends before the next test asks.
    with health._one_at_a_time:
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer aid_0123456789ab_secret"}])
def test_absent_database_is_told_as_unavailable(headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    answer = Client(raise_request_exception=False).get("/api/v1/shelters", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "Retry-After" in answer.headers
