"""Note that a party did not come."""

from __future__ import annotations

from datetime import datetime

from aid import policies
from aid.actions.cancel_stay import free_places
from aid.enums import EndReason, StayStatus
from aid.models import ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def mark_no_show(*, stay: ShelterStay, actor: Actor, now: datetime) -> ShelterStay:
    """Give up waiting for a planned party: its match is cancelled and its places are free.

    Raises StayNotPlanned: in any other state.
    """
    require(policies.may_run_shelter(actor, stay.shelter))
    return free_places(stay, StayStatus.NO_SHOW, EndReason.NO_SHOW, actor, now)
