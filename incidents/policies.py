"""Who may do what: pure questions about an actor and a row."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from coordination.records.actors import Actor

if TYPE_CHECKING:
    from incidents.models import AccessConstraint, Incident, Outage

READ = "incidents:read"
WRITE = "incidents:write"
# Held by coordinators and not by caseworkers: who may decide that an incident is over.
COORDINATE = "match:write"


def may_read(actor: Actor) -> bool:
    """Tell whether the actor takes part in incidents at all."""
    return actor.is_system or actor.may(READ)


def may_report(actor: Actor, reported_by_id: UUID | None) -> bool:
    """Tell whether the actor may report in the name of an organisation; for the public, only the cell may."""
    return actor.may_for(WRITE, reported_by_id)


def may_verify(actor: Actor) -> bool:
    """Tell whether the actor may decide what is true: the cell."""
    return actor.may_for(WRITE, None)


def may_dismiss(actor: Actor) -> bool:
    """Tell whether the actor may decide what is not true: the cell."""
    return actor.may_for(WRITE, None)


def may_conclude(actor: Actor, incident: Incident) -> bool:
    """Tell whether the actor may contain or close an incident: coordinators of its reporter, and the cell."""
    return actor.may_for(WRITE, incident.reported_by_id) and actor.may_for(COORDINATE, incident.reported_by_id)


def may_start_outages(actor: Actor) -> bool:
    """Tell whether the actor may make planned outages active when their time comes: the system itself, and the cell."""
    return actor.may_for(WRITE, None)


def may_restore(actor: Actor, outage: Outage) -> bool:
    """Tell whether the actor speaks for the organisation that reported the outage, or for the cell."""
    return actor.may_for(WRITE, outage.reported_by_id)


def may_lift(actor: Actor, access_constraint: AccessConstraint) -> bool:
    """Tell whether the actor speaks for the organisation that declared the constraint, or for the cell."""
    return actor.may_for(WRITE, access_constraint.reported_by_id)
