from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.errors import require


@action
def register_organisation(
    *,
    name: str,
    type_: str,
    is_vetted: bool = False,
    is_trusted: bool = False,
    is_cell: bool = False,
    is_exercise: bool = False,
    areas: Iterable[Area] = (),
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Add an organisation.

    Raises NotAllowed: unless the actor manages everybody.
    Raises InvalidFields, ConstraintViolated: for a bad or used name.
    """
    require(policies.may_manage_everybody(actor))
    organisation = Organisation(
        name=name,
        type=type_,
        is_vetted=is_vetted,
        is_trusted=is_trusted,
        is_cell=is_cell,
        is_exercise=is_exercise,
    )
    organisation.check_fields()
    organisation.save(force_insert=True)
    organisation.areas.set(areas)
    publish("access.organisation.registered.v1", subject=organisation, now=now, audience=[organisation.pk])
    return organisation
