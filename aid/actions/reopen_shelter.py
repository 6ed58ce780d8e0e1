"""Open a shelter again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid.actions.shelter_status import move_shelter
from aid.enums import ShelterStatus
from aid.models import Shelter
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState


class ShelterIsOpen(WrongState):
    code = "shelter_is_open"
    message = _("The shelter is open already.")


@action
def reopen_shelter(*, shelter: Shelter, actor: Actor, now: datetime) -> Shelter:
    """Open a closed shelter, or one on standby, again: its places can be promised.

    Raises ShelterIsOpen: when it is open.
    """
    return move_shelter(
        shelter,
        to=ShelterStatus.OPEN,
        starts_from={ShelterStatus.STANDBY, ShelterStatus.CLOSED},
        otherwise=ShelterIsOpen,
        event="reopened",
        actor=actor,
        now=now,
    )
