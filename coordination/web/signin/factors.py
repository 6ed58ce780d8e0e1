"""What a person has proved in this session: a password, and perhaps something they hold."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest


def has_second_factor(request: HttpRequest) -> bool:
    """Tell whether more than a password was shown in this session."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))
