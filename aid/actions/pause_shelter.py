"""Keep a shelter ready without letting people in."""

from __future__ import annotations

from datetime import datetime

from aid.actions.plan_stay import ShelterNotOpen
from aid.actions.shelter_status import move_shelter
from aid.enums import ShelterStatus
from aid.models import Shelter
from coordination.records.actions import action
from coordination.records.actors import Actor


@action
def pause_shelter(*, shelter: Shelter, actor: Actor, now: datetime) -> Shelter:
    """Put an open shelter on standby: its places are not promised, stays that were accepted stay.

    Raises ShelterNotOpen: in any other state.
    """
    return move_shelter(
        shelter,
        to=ShelterStatus.STANDBY,
        starts_from={ShelterStatus.OPEN},
        otherwise=ShelterNotOpen,
        event="paused",
        actor=actor,
        now=now,
    )
