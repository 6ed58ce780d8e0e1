from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coordination.access import policies
from coordination.access.actions.checks import check_active
from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import WrongState, require

MAX_NAME = 200


class SandboxExists(WrongState):
    """One is enough."""

    code = "sandbox_exists"
    message = gettext_lazy("This organisation has a sandbox already.")


class SandboxOfExercise(WrongState):
    """Where nothing is real there is nothing to keep apart."""

    code = "sandbox_of_exercise"
    message = gettext_lazy("This organisation is an exercise itself.")


@action
def open_sandbox(*, organisation: Organisation, actor: Actor, now: datetime) -> Organisation:
    """Open a twin of an organisation for its systems to try things out: all it files and offers is exercise data.

    Whoever manages the organisation manages its sandbox. Raises NotAllowed: for others.
    Raises OrganisationNotActive, SandboxExists, SandboxOfExercise: as they say.
    """
    require(policies.may_manage(actor, organisation))
    organisation = locked(organisation)
    check_active(organisation)
    if organisation.is_exercise:
        raise SandboxOfExercise
    if Organisation.objects.filter(sandbox_of=organisation).exists():
        raise SandboxExists
    ending = _(" (sandbox)")
    sandbox = Organisation(
        name=organisation.name[: MAX_NAME - len(ending)] + ending,
        type=organisation.type,
        is_vetted=organisation.is_vetted,
        is_trusted=organisation.is_trusted,
        is_exercise=True,
        sandbox_of=organisation,
    )
    sandbox.check_fields()
    sandbox.save(force_insert=True)
    sandbox.areas.set(organisation.areas.all())
    publish("access.sandbox.opened.v1", subject=sandbox, now=now, audience=[organisation.pk])
    return sandbox
