"""Let a party go: its places are free again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_stay
from aid.actions.lock_order import lock_stay
from aid.enums import StayStatus
from aid.models import ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotCheckedIn(WrongState):
    code = "not_checked_in"
    message = _("The party is not in the shelter.")


@action
def check_out(*, stay: ShelterStay, actor: Actor, now: datetime) -> ShelterStay:
    """Check a party out and give its places back.

    Raises NotCheckedIn: in any other state.
    """
    require(policies.may_run_shelter(actor, stay.shelter))
    stay, places = lock_stay(stay)
    if stay.status != StayStatus.CHECKED_IN:
        raise NotCheckedIn
    places.consumed -= stay.party_size
    places.save(update_fields=["consumed"])
    stay.status = StayStatus.CHECKED_OUT
    stay.checked_out_at = now
    stay.save(update_fields=["status", "checked_out_at"])
    announce_stay("checked_out", stay, now=now)
    return stay
