"""Who may manage people and organisations."""

from __future__ import annotations

from uuid import UUID

from coordination.records.actors import Actor

MANAGE = "access:manage"


def may_manage_everybody(actor: Actor) -> bool:
    """Tell whether the actor may add organisations and people: the operator, and administrators of the cell."""
    return actor.is_operator or actor.may_for(MANAGE, None)


def may_manage_members(actor: Actor, organisation_id: UUID) -> bool:
    """Tell whether the actor may give and take roles in an organisation."""
    return actor.is_operator or actor.may_for(MANAGE, organisation_id)
