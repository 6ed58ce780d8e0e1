"""Close a shelter."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid.actions.shelter_status import move_shelter
from aid.enums import ShelterStatus
from aid.models import Shelter
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState


class ShelterIsClosed(WrongState):
    code = "shelter_is_closed"
    message = _("The shelter is closed already.")


@action
def close_shelter(*, shelter: Shelter, actor: Actor, now: datetime) -> Shelter:
    """Close a shelter: its places are not promised, stays that were accepted are for the operator to move.

    Raises ShelterIsClosed: when that was done before.
    """
    return move_shelter(
        shelter,
        to=ShelterStatus.CLOSED,
        starts_from={ShelterStatus.OPEN, ShelterStatus.STANDBY},
        otherwise=ShelterIsClosed,
        event="closed",
        actor=actor,
        now=now,
    )
