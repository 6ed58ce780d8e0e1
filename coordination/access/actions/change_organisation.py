from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import FieldProblem, InvalidFields, require

CHANGEABLE = frozenset({"name", "type", "is_vetted", "is_trusted", "is_cell", "is_active", "areas", "open_matches_max"})


@action
def change_organisation(*, organisation: Organisation, actor: Actor, now: datetime, **values: Any) -> Organisation:
    """Change what is known of an organisation, whether it is vetted, trusted and active, and where it answers.

    Raises NotAllowed: unless the actor manages everybody.
    Raises InvalidFields, ConstraintViolated: for a bad or used name, and for what stays as it is, such as exercises.
    """
    require(policies.may_manage_everybody(actor))
    if fixed := sorted(values.keys() - CHANGEABLE):
        message = _("This stays as it was registered.")
        raise InvalidFields(problems=[FieldProblem(name, "cannot_change", message) for name in fixed])
    organisation = locked(organisation)
    areas = values.pop("areas", None)
    for name, value in values.items():
        setattr(organisation, name, value)
    organisation.check_fields()
    organisation.save()
    if areas is not None:
        organisation.areas.set(areas)
    publish("access.organisation.changed.v1", subject=organisation, now=now, audience=[organisation.pk])
    return organisation
