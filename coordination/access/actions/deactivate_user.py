from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.models import ApiKey, User
from coordination.access.sessions import end_sessions
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import DomainError, WrongState, require


class UserNotActive(WrongState):
    """Shut out before."""

    code = "user_not_active"


class ShutsOutOneself(DomainError):
    """Nobody could let them in again."""

    code = "shuts_out_oneself"
    message = _("Nobody shuts himself out: ask somebody else.")


@action
def deactivate_user(*, user: User, actor: Actor, now: datetime) -> User:
    """Shut a person out: signed in or not, they see and do nothing from now on, and their keys end for good.

    Raises NotAllowed: unless the actor manages everybody; the operator's account is the operator's business.
    Raises ShutsOutOneself: when the person is the actor. Raises UserNotActive: when they were shut out before.
    """
    require(policies.may_change_user(actor, user))
    if actor.user_id == user.pk:
        raise ShutsOutOneself
    user = locked(user)
    if not user.is_active:
        raise UserNotActive
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    publish("access.user.deactivated.v1", subject=user, now=now)
    return user
