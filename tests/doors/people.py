"""A person at the sign-in page, as tests go through it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from coordination.access.actors import Actor

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

PASSWORD = "correct horse battery"


def sign_in(client: Client, username: str, password: str = PASSWORD, **fields: Any) -> Answer:
    """Send the sign-in form."""
    headers = fields.pop("headers", {})
    return client.post(reverse("account_login"), {"login": username, "password": password, **fields}, headers=headers)


def is_signed_in(client: Client) -> bool:
    """Tell whether the site takes this browser for somebody's."""
    return client.get(reverse("mfa_index")).status_code == 200


def code(secret: str, *, steps: int = 0) -> str:
    """Give the code that an authenticator app shows, now or some steps of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up_app(client: Client) -> str:
    """Set up an authenticator app as a signed-in person does, and give its secret."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret, steps=-1)})
    assert answer.status_code == 302, answer.content
    return str(secret)


def may(client: Client, scope: str) -> bool:
    """Tell whether a signed-in person may do this in the workplace."""
    actor: Actor = client.get(reverse("admin:index")).wsgi_request.actor  # type: ignore[attr-defined] # ours
    return actor.may(scope)
