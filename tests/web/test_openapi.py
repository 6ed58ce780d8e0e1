"""The description of the REST door: complete, valid, as committed, and readable under the strict policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver

SNAPSHOT = settings.BASE_DIR / "tests" / "snapshots" / "openapi.yaml"


def test_description_is_the_committed_one(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(made))
    assert made.read_text() == SNAPSHOT.read_text(), "changed on purpose? ./dev check --update"


def test_description_names_every_address_of_the_door() -> None:
    described = yaml.safe_load(SNAPSHOT.read_text())
    addresses = {
        "/" + re.sub(r"\(\?P<(\w+)>.*?\)(?=/|$)", r"{\1}", f"{prefix}{route}".replace("^", "").rstrip("$"))
        for prefix, route in rest_routes()
    }
    assert described["openapi"].startswith("3.1")
    assert addresses == set(described["paths"])


def rest_routes() -> set[tuple[str, str]]:
    """List the addresses that routers made."""
    return {
        (str(included.pattern), str(route.pattern))
        for included in get_resolver().url_patterns
        if str(included.pattern) == "api/v1/" and hasattr(included, "url_patterns")
        for route in included.url_patterns
    }


@pytest.mark.django_db
def test_description_is_served() -> None:
    answer = Client().get("/api/v1/openapi.yaml")
    assert (answer.status_code, yaml.safe_load(answer.content)["openapi"][:3]) == (200, "3.1")


def test_docs_page_needs_nothing_that_the_policy_forbids() -> None:
    page = Client().get("/docs/")
    text = page.content.decode()
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r"<style|\son\w+=|\sstyle=", text) == []
    assets = re.findall(r'(?:src|href)="/static/([^"]+)"', text)
    assert {"web/docs.js", "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"} < set(assets)
    assert [asset for asset in assets if not finders.find(asset)] == []
    assert re.findall(r"https?://", text) == []


def test_unknown_address_below_the_api_is_a_problem() -> None:
    answer = Client().get("/api/v1/nothing")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"
