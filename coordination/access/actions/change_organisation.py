from __future__ import annotations

from datetime import datetime
from typing import Any

from coordination.access import policies
from coordination.access.models import Organisation
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def change_organisation(*, organisation: Organisation, actor: Actor, now: datetime, **values: Any) -> Organisation:
    """Change what is known of an organisation, and whether it is vetted, trusted and active.

    Raises NotAllowed: unless the actor manages everybody.
    Raises InvalidFields, ConstraintViolated: for a bad or used name.
    """
    require(policies.may_manage_everybody(actor))
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
