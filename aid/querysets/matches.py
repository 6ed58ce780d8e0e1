"""Questions about what is promised and brought, and who sees it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from aid.enums import (
    LIVE_MATCH_STATUSES,
    DeliveryStatus,
    MatchStatus,
)
from aid.querysets.sight import ByAidScope, Rules, held, matches, own, shared_with
from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from aid.models import Delivery, Match, MatchRun


class MatchQuerySet(ByAidScope, VisibleQuerySet["Match"]):
    """Both parties see a match, neither the other's place; so does whom the request is shared with.

    A cell sees it exactly where both ends lie in its areas: the distance from one would tell where the other is.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        parties = own(actor, "resource__provider") | own(actor, "line__aid_request__reported_by")
        coarsely = parties | shared_with(actor, "line__aid_request__")
        if not actor.is_cell:
            return {Disclosure.COARSE: coarsely}
        from_here = held(actor, "resource__provider", "resource__area")
        to_here = held(actor, "line__aid_request__reported_by", "line__aid_request__area")
        return {Disclosure.EXACT: from_here & to_here, Disclosure.COARSE: coarsely | from_here | to_here}

    def live(self) -> Self:
        """Keep the matches that hold a quantity."""
        return self.filter(status__in=LIVE_MATCH_STATUSES)

    def reserving(self) -> Self:
        """Keep the matches whose quantity is promised and has not left yet."""
        has_not_left = Q(delivery=None) | Q(delivery__status=DeliveryStatus.PLANNED)
        return self.live().filter(has_not_left)

    def overdue(self, now: datetime) -> Self:
        """Keep the proposals that nobody answered in time."""
        return self.filter(status=MatchStatus.PROPOSED, respond_by__lte=now)


class MatchRunQuerySet(ByAidScope, VisibleQuerySet["MatchRun"]):
    """Runs tell prices and totals over everybody: the cell's business."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT if actor.sees_everywhere else {}


class DeliveryQuerySet(ByAidScope, VisibleQuerySet["Delivery"]):
    """A delivery is seen by its provider, and coarsely by those it goes to."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        for_us = matches(line__aid_request__reported_by__among=actor.organisation_ids, delivery__isnull=False)
        exactly = own(actor, "provider")
        if actor.is_cell:
            to_here = held(actor, "line__aid_request__reported_by", "line__aid_request__area")
            exactly |= Q(pk__in=matches(delivery__isnull=False).filter(to_here).values("delivery"))
        return {Disclosure.EXACT: exactly, Disclosure.COARSE: Q(pk__in=for_us.values("delivery"))}
