"""Where people are signed in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from coordination.access.models import User


def end_sessions(user: User) -> None:
    """Sign a person out everywhere."""
    own = UserSession.objects.filter(user=user)
    Session.objects.filter(pk__in=own.values("session_key")).delete()
    own.delete()
