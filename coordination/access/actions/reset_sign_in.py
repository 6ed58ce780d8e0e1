from __future__ import annotations

import secrets
from datetime import datetime

from allauth.mfa.models import Authenticator

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.keys import Issued
from coordination.access.models import ApiKey, User
from coordination.access.sessions import end_sessions
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require

PASSWORD_BYTES = 12


@action
def reset_sign_in(*, user: User, actor: Actor, now: datetime) -> Issued[User]:
    """Give a new password to somebody who forgot theirs or lost their phone; it is given this once.

    Second factors are forgotten, all sessions end, and all keys: somebody else may have made them.
    Raises NotAllowed: unless the actor manages everybody; the operator's account is the operator's business.
    """
    require(policies.may_change_user(actor, user))
    user = locked(user)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user.set_password(password)
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    publish("access.user.sign_in_reset.v1", subject=user, now=now)
    return Issued(user, password)
