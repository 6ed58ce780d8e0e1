"""Who may do what: pure questions about an actor and a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from coordination.records.actors import Actor

if TYPE_CHECKING:
    from coordination.access.models import Organisation
    from incidents.models import AccessConstraint, Incident, Outage

READ = "incidents:read"
WRITE = "incidents:write"
# Held by coordinators and not by caseworkers: who may decide that an incident is over.
COORDINATE = "match:write"


def may_read(actor: Actor) -> bool:
    """Tell whether the actor takes part in incidents at all."""
    return actor.is_system or actor.may(READ)


def may_report(actor: Actor, reported_by_id: UUID | None, area_ids: Iterable[UUID | None]) -> bool:
    """Tell whether the actor may report what lies in these areas for an organisation; for the public, the cell may."""
    return actor.may_for(WRITE, reported_by_id, within=area_ids)


def may_add(actor: Actor, reported_by_id: UUID, incident: Incident) -> bool:
    """Tell whether the actor may add to an incident in the name of an organisation."""
    return actor.may_for(WRITE, reported_by_id, within=_areas_of(incident))


def may_add_site(actor: Actor, incident: Incident, reported_by: Organisation) -> bool:
    """Tell whether the actor may say where an incident struck: the cell, its reporter and trusted organisations.

    A site decides until when the public is not told; nobody else may hide what is public.
    """
    is_heard = reported_by.is_trusted or reported_by.pk == incident.reported_by_id
    return may_verify(actor, incident) or (is_heard and may_add(actor, reported_by.pk, incident))


def may_verify(actor: Actor, incident: Incident) -> bool:
    """Tell whether the actor may decide what is true: the cell."""
    return actor.may_for(WRITE, None, within=_areas_of(incident))


def may_dismiss(actor: Actor, incident: Incident) -> bool:
    """Tell whether the actor may decide what is not true: the cell."""
    return actor.may_for(WRITE, None, within=_areas_of(incident))


def may_conclude(actor: Actor, incident: Incident) -> bool:
    """Tell whether the actor may contain or close an incident: coordinators of its reporter, and the cell."""
    return all(
        actor.may_for(scope, incident.reported_by_id, within=_areas_of(incident)) for scope in (WRITE, COORDINATE)
    )


def may_start_outages(actor: Actor) -> bool:
    """Tell whether the actor may make planned outages active when their time comes: the system itself, and the cell."""
    return actor.may_for(WRITE, None)


def may_restore(actor: Actor, outage: Outage) -> bool:
    """Tell whether the actor speaks for the organisation that reported the outage, or for the cell."""
    return actor.may_for(WRITE, outage.reported_by_id, within=_areas_of(outage))


def may_lift(actor: Actor, access_constraint: AccessConstraint) -> bool:
    """Tell whether the actor speaks for the organisation that declared the constraint, or for the cell."""
    return actor.may_for(WRITE, access_constraint.reported_by_id, within=[access_constraint.area_id])


def _areas_of(subject: Incident | Outage) -> Iterable[UUID]:
    # Read only for a cell that answers for some areas.
    return subject.areas.values_list("pk", flat=True)
