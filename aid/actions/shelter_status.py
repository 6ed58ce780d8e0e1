"""Move a shelter from one status to another, its places in step."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from aid import policies
from aid.actions.announce import announce_resource, announce_shelter
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_proposals_of
from aid.actions.open_shelter import align_places
from aid.enums import EndReason, MatchStatus, ShelterStatus
from aid.models import Shelter
from coordination.records.actions import locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


def move_shelter(
    shelter: Shelter,
    *,
    to: ShelterStatus,
    starts_from: Collection[str],
    otherwise: type[WrongState],
    event: str,
    actor: Actor,
    now: datetime,
) -> Shelter:
    """Give a shelter another status; places of one that is not open are paused and their proposals let go.

    Raises `otherwise`: when its present status is not one to start from.
    """
    require(policies.may_run_shelter(actor, shelter))
    shelter = locked(shelter)
    if shelter.status not in starts_from:
        raise otherwise
    shelter.status = to
    if shelter.places:
        shelter.places, proposals = lock_proposals_of(shelter.places)
        if to != ShelterStatus.OPEN:
            let_go(proposals, status=MatchStatus.CANCELLED, reason=EndReason.SHELTER_NOT_OPEN, actor=actor, now=now)
        before = shelter.places.status
        align_places(shelter, shelter.places)
        if shelter.places.status != before:
            shelter.places.save(update_fields=["status"])
            announce_resource("resumed" if to == ShelterStatus.OPEN else "paused", shelter.places, now=now)
    shelter.save(update_fields=["status"])
    announce_shelter(event, shelter, now=now)
    return shelter
