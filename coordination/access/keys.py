"""Bearer tokens: made once, shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from oauth2_provider.models import AccessToken

from coordination.access.actors import Actor, Credential, actor_for_client, actor_for_user
from coordination.access.models import ApiClient, ApiKey, Membership, OAuthClient, User
from coordination.access.models.organisation import CURRENT_MEMBERSHIP

T = TypeVar("T", ApiKey, OAuthClient, User)

MARK = "aid"
LIVE, TEST = "live", "test"
SECRET_BYTES = 32
# The last use is a sign of life for its owner, not worth a write for every call.
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Issued(Generic[T]):
    """A secret on its way to the one page that shows it, and the row that knows it again."""

    row: T
    secret: str = field(repr=False)


def new_secret() -> str:
    """Draw a secret that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def make_key(
    *,
    scopes: Iterable[str],
    user: User | None = None,
    client: ApiClient | None = None,
    until: datetime | None = None,
) -> Issued[ApiKey]:
    """Make a key for a person or a system.

    Its token tells people and scanners of leaked secrets what it is: `aid_test_` where it can reach exercises only.
    """
    prefix, scopes = secrets.token_hex(6), sorted(set(scopes))
    token = f"{MARK}_{TEST if _is_test(user, client) else LIVE}_{prefix}_{new_secret()}"
    key = ApiKey(
        user=user, client=client, prefix=prefix, digest=_digest(token), scopes=sorted(set(scopes)), until=until
    )
    key.save(force_insert=True)
    return Issued(key, token)


def issue_key(
    *, scopes: Iterable[str], user: User | None = None, client: ApiClient | None = None, until: datetime | None = None
) -> str:
    """Make a key for a person or a system and give the token that is never shown again."""
    return make_key(scopes=scopes, user=user, client=client, until=until).secret


def end_access_tokens(client: ApiClient) -> None:
    """End the OAuth2 access tokens that a system has fetched."""
    AccessToken.objects.filter(application__system=client).delete()


def actor_for_token(token: str, *, now: datetime) -> Actor | None:
    """Find who a token speaks for, or nobody: a key of ours by its mark, any other an OAuth2 access token."""
    if not token or "\0" in token:
        return None
    return _by_key(token, now) if token.startswith(f"{MARK}_") else _by_access_token(token, now)


def _by_key(token: str, now: datetime) -> Actor | None:
    _mark, kind, prefix, _secret = [*token.split("_", 3), "", "", ""][:4]
    key = ApiKey.objects.filter(prefix=prefix).select_related("user", "client__organisation").first()
    if key is None or not hmac.compare_digest(key.digest, _digest(token)) or key.has_ended(now):
        return None
    actor = None
    if key.user is not None and key.user.is_active:
        actor = actor_for_user(key.user, key=key, is_test=kind == TEST)
    elif key.client is not None and key.client.may_call(now):
        actor = actor_for_client(key.client, key.scopes, Credential("key", key.until))
    if actor and (key.last_used_at is None or now - key.last_used_at > NOTED_EVERY):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return actor


def _by_access_token(token: str, now: datetime) -> Actor | None:
    access_token = (
        AccessToken.objects.filter(token_checksum=_digest(token), expires__gt=now)
        .select_related("application__system__organisation")
        .first()
    )
    if access_token is None or not access_token.application.system.may_call(now):
        return None
    return actor_for_client(
        access_token.application.system, access_token.scope.split(), Credential("access_token", access_token.expires)
    )


def _is_test(user: User | None, client: ApiClient | None) -> bool:
    if client is not None:
        return client.organisation.is_exercise
    memberships = Membership.objects.filter(CURRENT_MEMBERSHIP, user=user)
    return memberships.exists() and not memberships.filter(organisation__is_exercise=False).exists()


def _digest(token: str) -> str:
    # Fast on purpose: nobody guesses 256 random bits, however cheap a guess is.
    return hashlib.sha256(token.encode()).hexdigest()
