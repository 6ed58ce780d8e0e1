"""Call a planned stay off."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.announce import announce_stay
from aid.actions.check_in import StayNotPlanned
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_stay
from aid.enums import EndReason, MatchStatus, StayStatus
from aid.models import ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def cancel_stay(*, stay: ShelterStay, actor: Actor, now: datetime) -> ShelterStay:
    """Cancel a planned stay, and its match, and free the places.

    Raises StayNotPlanned: in any other state.
    """
    require(policies.may_run_shelter(actor, stay.shelter))
    return free_places(stay, StayStatus.CANCELLED, EndReason.STAY_CANCELLED, actor, now)


def free_places(stay: ShelterStay, status: str, reason: str, actor: Actor, now: datetime) -> ShelterStay:
    """End a planned stay without anybody having come.

    Raises StayNotPlanned: in any other state.
    """
    stay, places = lock_stay(stay)
    if stay.status != StayStatus.PLANNED:
        raise StayNotPlanned
    stay.status = status
    stay.save(update_fields=["status"])
    if stay.match:
        let_go([stay.match], status=MatchStatus.CANCELLED, reason=reason, actor=actor, now=now)
    else:
        places.reserved -= stay.party_size
        places.save(update_fields=["reserved"])
    announce_stay(status, stay, now=now)
    return stay
