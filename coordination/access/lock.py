"""The lock of an account after wrong passwords: the same for every address, for known names and for unknown ones."""

from __future__ import annotations

import hmac
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from coordination.access.accounts import organisations_of, person_named
from coordination.access.actions.raise_alert import raise_alert
from coordination.access.actors import SYSTEM
from coordination.access.enums import AlertKind
from coordination.access.models import User
from coordination.records.clock import database_now

NOWHERE = "::"


def account_key(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Give the name under which an account's wrong passwords are counted.

    A digest, for people also type passwords where the name belongs. Letters count alike in either case, as they do
    when a name is looked up.
    """
    username = (credentials or {}).get("username")
    if not username:
        return None
    return hmac.new(settings.SECRET_KEY.encode(), username.strip().upper().encode(), "sha256").hexdigest()


def say_locked(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """Give the page that the form made, with the status of too many attempts."""
    response.status_code = 429
    return response


class LockedAccounts(AxesStandaloneBackend):
    """Refuse a locked account, after as much work as a wrong password takes."""

    def authenticate(self, request: HttpRequest, username: str | None = None, **credentials: Any) -> None:
        try:
            super().authenticate(request, username=username, **credentials)
        except AxesBackendPermissionDenied:
            User().set_password(credentials.get("password"))
            raise


class AccountLock(AxesDatabaseHandler):
    """Count wrong passwords by account; keep nothing of what was typed and nothing of from where."""

    def user_login_failed(
        self, sender: str, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        key = get_client_username(request, credentials) if request else None
        if request is None or key is None or request.axes_locked_out:  # type: ignore[attr-defined] # axes' own
            return
        self.clean_expired_user_attempts(request, credentials)
        row = AccessAttempt.objects.filter(username=key, ip_address=NOWHERE, user_agent="")
        more = {"failures_since_start": F("failures_since_start") + 1, "attempt_time": request.axes_attempt_time}  # type: ignore[attr-defined]
        if not row.update(**more):
            try:
                with transaction.atomic():
                    AccessAttempt.objects.create(username=key, ip_address=NOWHERE, failures_since_start=1)
            except IntegrityError:
                row.update(**more)
        failures = self.get_failures(request, credentials)
        if failures >= settings.AXES_FAILURE_LIMIT:
            request.axes_locked_out = True  # type: ignore[attr-defined] # the form says so
        if failures == settings.AXES_FAILURE_LIMIT:
            tell_of_lock(credentials["username"], failures)


def tell_of_lock(username: str, failures: int) -> None:
    """Put a locked account before the administrators of the organisations where its owner holds a role."""
    user = person_named(username)
    if user is None:
        return
    now = database_now()
    for organisation in organisations_of(user):
        raise_alert(
            kind=AlertKind.ACCOUNT_LOCKED,
            organisation=organisation,
            user=user,
            subject="access.user",
            subject_id=user.pk,
            count=failures,
            actor=SYSTEM,
            now=now,
        )
