from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.models import User
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.errors import FieldProblem, InvalidFields, require


@action
def register_user(
    *,
    username: str,
    password: str,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    language: str = "uk",
    actor: Actor,
    now: datetime,
) -> User:
    """Add a person who can sign in; what they may do comes with a role.

    Raises NotAllowed: unless the actor manages everybody.
    Raises InvalidFields: for a bad name or a weak password. Raises ConstraintViolated: for a used name.
    """
    require(policies.may_manage_everybody(actor))
    user = User(username=username, first_name=first_name, last_name=last_name, email=email, language=language)
    user.set_password(password)
    user.check_fields()
    weaknesses: list[str] = []
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        weaknesses = refusal.messages
    if weaknesses:
        raise InvalidFields(problems=[FieldProblem("password", "weak_password", each) for each in weaknesses])
    user.save(force_insert=True)
    publish("access.user.registered.v1", subject=user, now=now)
    return user
