"""Where people are signed in."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from coordination.access.models import User


def note_use(session_key: str | None) -> None:
    """Remember that a session is in use, for the list that its owner reads."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=timezone.now())


def end_sessions(user: User, *, except_for: str | None = None) -> None:
    """Sign a person out everywhere, except for the session with this key."""
    own = UserSession.objects.filter(user=user).exclude(session_key=except_for)
    Session.objects.filter(pk__in=own.values("session_key")).delete()
    own.delete()


def forget_ended() -> None:
    """Delete what ended sessions, old wrong passwords and expired cache entries leave behind."""
    now = timezone.now()
    SessionStore.clear_expired()
    UserSession.objects.filter(created_at__lt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM web_cache WHERE expires < now()")
