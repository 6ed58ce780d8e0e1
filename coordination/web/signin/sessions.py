"""Sessions: seen from time to time, over after a day's work, forgotten after they ended."""

from __future__ import annotations

import time
from datetime import timedelta

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# The last use is told to its owner, not worth a write for every page.
NOTED_EVERY_S = 300


def watch(request: HttpRequest) -> None:
    """End a session whose time is up, however busy it is, and note now and then that one is in use."""
    signed_in_at, now = request.session.get(SIGNED_IN_AT), time.time()
    if signed_in_at is None:
        return
    if now - signed_in_at > settings.SESSION_COOKIE_AGE:
        logout(request)
    elif now - request.session.get(SEEN_AT, 0) > NOTED_EVERY_S:
        request.session[SEEN_AT] = now
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())


def forget_ended() -> None:
    """Delete what ended sessions, old wrong passwords and expired cache entries leave behind."""
    now = timezone.now()
    SessionStore.clear_expired()
    UserSession.objects.filter(created_at__lt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM web_cache WHERE expires < now()")
