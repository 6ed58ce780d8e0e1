"""Tell a provider whom to call and where to go."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_match
from aid.actions.lock_order import lock_matches
from aid.enums import Consent, MatchStatus
from aid.models import Match
from coordination.access.models import Organisation
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, WrongState, require


class MatchNotAccepted(WrongState):
    code = "match_not_accepted"
    message = _("Contact and place are released once the provider has accepted, and until the match ends.")


class ReleasedAlready(WrongState):
    code = "released_already"
    message = _("Contact and place were released to this provider already.")


class ConsentRefused(DomainError):
    code = "consent_refused"
    message = _("The people refused to have their contact shared: bring the help through your own organisation.")


class ProviderNotVetted(DomainError):
    code = "provider_not_vetted"
    message = _("Nobody has vetted this provider: contact and exact place are not given to it.")


@action
def release_match(*, match: Match, actor: Actor, now: datetime) -> Match:
    """Release the contact and the exact place of a request to the provider that accepted, until the match ends.

    Ages, health and vulnerabilities stay untold. It ends with the match, without another write.
    Raises MatchNotAccepted, ReleasedAlready: in any other state. Raises ConsentRefused: when the people said no.
    Raises ProviderNotVetted: when the provider was not vetted or takes no part any more.
    """
    require(policies.may_release(actor, match))
    (match,) = lock_matches([match])
    if match.status != MatchStatus.ACCEPTED:
        raise MatchNotAccepted
    if match.released_at:
        raise ReleasedAlready
    if match.line.aid_request.consent == Consent.REFUSED:
        raise ConsentRefused
    if not Organisation.objects.filter(pk=match.resource.provider_id, is_vetted=True, is_active=True).exists():
        raise ProviderNotVetted
    match.released_at = now
    match.released_by_id = actor.user_id
    match.save(update_fields=["released_at", "released_by"])
    announce_match("released", match, now=now)
    return match
