"""Passkeys in a real browser, with a virtual key: set up, then the only thing shown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Page, sync_playwright

from coordination.access.enums import Role
from coordination.access.models import Organisation
from tests.doors.people import PASSWORD
from tests.factories.access import member

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Give a phone's browser with a built-in key; whatever its content security policy stops, fails the test."""
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    cache.clear()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 360, "height": 740}, locale="en").new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        key = page.context.new_cdp_session(page)
        key.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
        key.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {**options, "hasUserVerification": True, "isUserVerified": True}},
        )
        yield page
        browser.close()
        # What the loop's own context asked the database would stay open, and keep the test database from being dropped.
        connection.close()
        assert not complaints


def test_a_passkey_is_set_up_and_signs_in(page: Page, live_server: Any, ngo: Organisation, settings: Any) -> None:
    settings.MFA_REQUIRED = True
    member(ngo, Role.ADMINISTRATOR, username="oksana")
    site = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{site}/admin/")
    page.fill("[name=login]", "oksana")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button")
    page.wait_for_url(f"{site}/admin/")
    page.click(".second-factor a")
    page.click("a[href='/accounts/2fa/webauthn/add/']")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button")
    page.wait_for_url("**/2fa/webauthn/add/")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/2fa/recovery-codes/")
    page.goto(f"{site}/admin/")
    assert page.locator(".second-factor").count() == 0

    page.click("#logout-form button")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{site}/admin/")
    assert page.locator(".second-factor").count() == 0

    page.click("#logout-form button")
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=login]", "oksana")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button")
    page.wait_for_url("**/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(f"{site}/admin/")
