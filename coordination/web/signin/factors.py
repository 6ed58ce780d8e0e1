"""What a person has proved in this session: a password, and perhaps something they hold."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from coordination.access.accounts import needs_second_factor
from coordination.access.models import User
from coordination.access.sessions import end_sessions


def has_second_factor(request: HttpRequest) -> bool:
    """Tell whether more than a password was shown in this session."""
    methods = {record["method"] for record in get_authentication_records(request, request.user)}
    return "mfa" in methods or (settings.OIDC_HAS_SECOND_FACTOR and "socialaccount" in methods)


def lacks_second_factor(request: HttpRequest) -> bool:
    """Tell whether a person could do more here with a second factor."""
    if not settings.MFA_REQUIRED or not request.user.is_authenticated or has_second_factor(request):
        return False
    return needs_second_factor(request.user)


def for_templates(request: HttpRequest) -> dict[str, Any]:
    """Let templates ask whether to remind of a second factor, looked up only if one does, and tell local time."""
    return {
        "lacks_second_factor": lambda: lacks_second_factor(request),
        "workplace_time_zone": settings.WORKPLACE_TIME_ZONE,
    }


def count_as_shown(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Let a second factor that was just set up, and thereby shown, count in the session that did it.

    Other sessions end: whoever holds one that began with a password alone could add a factor of his own.
    """
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        end_sessions(user, except_for=request.session.session_key)
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
