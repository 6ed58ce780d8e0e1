"""Bearer tokens: made once, shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from coordination.access.actors import Actor, actor_for_client, actor_for_user
from coordination.access.models import ApiClient, ApiKey, User

MARK = "aid"
# The last use is a sign of life for its owner, not worth a write for every call.
NOTED_EVERY = timedelta(minutes=5)


def issue_key(
    *, scopes: Iterable[str], user: User | None = None, client: ApiClient | None = None, until: datetime | None = None
) -> str:
    """Make a key for a person or a system and give the token that is never shown again."""
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    ApiKey(user=user, client=client, prefix=prefix, digest=_digest(secret), scopes=sorted(scopes), until=until).save()
    return f"{MARK}_{prefix}_{secret}"


def actor_for_token(token: str, *, now: datetime) -> Actor | None:
    """Find who a token speaks for, or nobody."""
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not secret or "\0" in token:
        return None
    key = (
        ApiKey.objects.filter(
            Q(until=None) | Q(until__gt=now),
            Q(client=None) | Q(client__until=None) | Q(client__until__gt=now),
            prefix=prefix,
            revoked_at=None,
        )
        .select_related("user", "client__organisation")
        .first()
    )
    if key is None or not hmac.compare_digest(key.digest, _digest(secret)):
        return None
    if key.user is not None:
        if not key.user.is_active:
            return None
        actor = actor_for_user(key.user, key=key)
    else:
        if key.client is None or not key.client.is_active or not key.client.organisation.is_active:
            return None
        actor = actor_for_client(key)
    if key.last_used_at is None or now - key.last_used_at > NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return actor


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
