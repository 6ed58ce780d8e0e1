"""Sessions: noted as used now and then, over after a day's work."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest

from coordination.access.sessions import note_use

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
        note_use(request.session.session_key)
