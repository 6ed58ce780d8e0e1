"""Promise what was proposed."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_match, announce_stay
from aid.actions.change_resource import ResourceIsWithdrawn
from aid.actions.lock_order import lock_matches, lock_organisations
from aid.enums import AidRequestStatus, MatchStatus, ResourceStatus
from aid.matching.room import room_of
from aid.models import Match, Shelter, ShelterStay
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, WrongState, require


class NotProposed(WrongState):
    code = "not_proposed"
    message = _("Only a proposal can be accepted or declined.")


class MatchExpired(WrongState):
    code = "match_expired"
    message = _("The time to answer has passed; the quantity is being offered elsewhere.")


class AidRequestNotVerified(WrongState):
    code = "aid_request_not_verified"
    message = _("The request no longer waits for help.")


class TooManyOpenMatches(DomainError):
    code = "too_many_open_matches"
    message = _("The organisation holds as many open promises as it may: bring or cancel some of them first.")


@action
def accept_match(*, match: Match, actor: Actor, now: datetime) -> Match:
    """Accept a proposal; places in a shelter become a planned stay.

    Raises NotProposed: in any other state. Raises MatchExpired: when the time to answer has passed.
    Raises AidRequestNotVerified, ResourceIsWithdrawn: when the request or the resource has ended meanwhile.
    Raises TooManyOpenMatches: when the provider has promised as much as it may at once.
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
    provider_id = match.resource.provider_id
    lock_organisations([provider_id])
    if not room_of([provider_id], statuses=[MatchStatus.ACCEPTED])[provider_id]:
        raise TooManyOpenMatches
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
