"""Let a party in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_match, announce_stay
from aid.actions.lock_order import lock_stay, write_counters
from aid.enums import MatchStatus, StayStatus
from aid.models import Match, ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class StayNotPlanned(WrongState):
    code = "stay_not_planned"
    message = _("The party has come, or is no longer expected.")


@action
def check_in(*, stay: ShelterStay, actor: Actor, now: datetime) -> ShelterStay:
    """Check a planned party in: its places are consumed, and where it came from a match, that is fulfilled.

    Raises StayNotPlanned: in any other state.
    """
    require(policies.may_run_shelter(actor, stay.shelter))
    stay, places = lock_stay(stay)
    if stay.status != StayStatus.PLANNED:
        raise StayNotPlanned
    places.reserved -= stay.party_size
    places.consumed += stay.party_size
    if stay.match:
        _fulfil(stay.match, now)
    else:
        places.save(update_fields=["reserved", "consumed"])
    stay.status = StayStatus.CHECKED_IN
    stay.checked_in_at = now
    stay.save(update_fields=["status", "checked_in_at"])
    announce_stay("checked_in", stay, now=now)
    return stay


def _fulfil(match: Match, now: datetime) -> None:
    match.line.reserved -= match.quantity
    match.line.dispatched += match.quantity
    match.line.delivered += match.quantity
    write_counters([match])
    match.status = MatchStatus.FULFILLED
    match.quantity_delivered = match.quantity
    match.save(update_fields=["status", "quantity_delivered"])
    announce_match("fulfilled", match, now=now)
