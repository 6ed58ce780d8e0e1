"""Say that two requests are not the same one."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_possible_duplicate
from aid.models import AidRequest, PossibleDuplicate
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require


class NotAPossibleDuplicate(WrongState):
    code = "not_a_possible_duplicate"
    message = _("Nobody is warned of these two requests, or somebody has decided about them already.")
    field = "other"


@action
def dismiss_possible_duplicate(
    *, aid_request: AidRequest, other: AidRequest, actor: Actor, now: datetime
) -> AidRequest:
    """Dismiss the warning that two requests may be the same one; it does not come again.

    Raises NotAPossibleDuplicate: when there is no such warning any more.
    """
    both = [aid_request, other]
    require(all(policies.may_change_request(actor, each) for each in both))
    pairs = PossibleDuplicate.objects.filter(earlier__in=both, later__in=both, dismissed_at=None)
    pair = pairs.select_related("earlier", "later").select_for_update(of=("self",), no_key=True).first()
    if pair is None:
        raise NotAPossibleDuplicate
    pair.dismissed_at = now
    pair.dismissed_by_id = actor.user_id
    pair.save(update_fields=["dismissed_at", "dismissed_by"])
    announce_possible_duplicate("possible_duplicate_dismissed", pair, now=now)
    return aid_request
