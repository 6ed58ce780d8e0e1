"""Forget who somebody is who signed in here."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Q

from coordination.access import policies
from coordination.access.actions.record_reading import record_reading
from coordination.access.models import ApiKey, ErasureTombstone, Membership, User
from coordination.access.sessions import end_sessions
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import require

SUBJECT = User._meta.label_lower
SIGN_IN_LOGS = (AccessAttempt, AccessFailureLog, AccessLog)
CREDENTIALS = (EmailAddress, SocialAccount, Authenticator)


@action
def erase_user(*, user: User, reason: str, actor: Actor, now: datetime) -> User:
    """Take name, address, credentials and sign-in logs from an account, which stays as the nameless author it was.

    Its roles and keys end. The reason goes to the access records; a tombstone lets the erasure be repeated after a
    restore. Raises InvalidFields: without a reason.
    """
    require(actor.is_system or policies.may_change_user(actor, user))
    user = locked(user)
    for log in SIGN_IN_LOGS:
        log.objects.filter(username__in=[user.username, user.email]).delete()
    end_sessions(user)
    for credential in CREDENTIALS:
        credential.objects.filter(user=user).delete()
    user.username = f"erased-{user.pk.hex[:12]}"
    user.email = user.first_name = user.last_name = ""
    user.last_login = None
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    Membership.objects.filter(Q(until=None) | Q(until__gt=now), user=user).update(until=now)
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    # The admin notes by which name it showed a row that it changed.
    of_user = LogEntry.objects.filter(content_type__app_label="access", content_type__model="user", object_id=user.pk)
    of_user.update(object_repr=user.username)
    record_reading(subject=f"{SUBJECT}.erasure", subject_ids=[user.pk], purpose=reason, actor=actor, now=now)
    ErasureTombstone.objects.get_or_create(subject=SUBJECT, subject_id=user.pk, defaults={"erased_at": now})
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_forget_user_history(%s)", [user.pk])
    return user
