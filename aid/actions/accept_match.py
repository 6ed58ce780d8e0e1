"""Promise what was proposed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_match, announce_stay
from aid.actions.change_resource import ResourceIsWithdrawn
from aid.actions.lock_order import lock_matches
from aid.enums import AidRequestStatus, MatchStatus, ResourceStatus
from aid.models import Match, Shelter, ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotProposed(WrongState):
    code = "not_proposed"
    message = _("Only a proposal can be accepted or declined.")


class MatchExpired(WrongState):
    code = "match_expired"
    message = _("The time to answer has passed; the quantity is being offered elsewhere.")


class AidRequestNotVerified(WrongState):
    code = "aid_request_not_verified"
    message = _("The request no longer waits for help.")


@action
def accept_match(*, match: Match, actor: Actor, now: datetime) -> Match:
    """Accept a proposal; places in a shelter become a planned stay.

    Raises NotProposed: in any other state. Raises MatchExpired: when the time to answer has passed.
    Raises AidRequestNotVerified, ResourceIsWithdrawn: when the request or the resource has ended meanwhile.
    """
    require(policies.may_answer(actor, match))
    (match,) = lock_matches([match])
    if match.status != MatchStatus.PROPOSED:
        raise NotProposed
    if match.respond_by <= now:
        raise MatchExpired
    if match.line.aid_request.status != AidRequestStatus.VERIFIED:
        raise AidRequestNotVerified
    if match.resource.status == ResourceStatus.WITHDRAWN:
        raise ResourceIsWithdrawn
    match.status = MatchStatus.ACCEPTED
    match.decided_at = now
    match.save(update_fields=["status", "decided_at"])
    announce_match("accepted", match, now=now)
    shelter = Shelter.objects.filter(places=match.resource).first()
    if shelter:
        stay = ShelterStay(shelter=shelter, party_size=match.quantity, match=match)
        stay.save(force_insert=True)
        announce_stay("planned", stay, now=now)
    return match
