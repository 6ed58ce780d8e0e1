"""Questions about what there is, and who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from aid.enums import (
    LIVE_MATCH_STATUSES,
    MatchStatus,
)
from aid.querysets.sight import ByAidScope, Nearby, Rules, held, matches, own
from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from aid.models import Item, Resource, Shelter, ShelterStay


class ItemQuerySet(VisibleQuerySet["Item"]):
    """The catalogue is public."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT


class ResourceQuerySet(ByAidScope, Nearby, VisibleQuerySet["Resource"]):
    """A resource is seen by its provider, and coarsely by whoever has a live match with it."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        as_requester = matches(
            line__aid_request__reported_by__among=actor.organisation_ids, status__in=LIVE_MATCH_STATUSES
        )
        return {
            Disclosure.EXACT: held(actor, "provider", "area"),
            Disclosure.COARSE: Q(pk__in=as_requester.values("resource")),
        }


class ShelterQuerySet(ByAidScope, Nearby, VisibleQuerySet["Shelter"]):
    """A shelter is seen by its operator, by those who were promised places, and by all when it is public."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        as_guest = matches(line__aid_request__reported_by__among=actor.organisation_ids, status=MatchStatus.ACCEPTED)
        return {
            Disclosure.EXACT: held(actor, "operator", "area"),
            Disclosure.COARSE: Q(is_public=True, is_exercise=False) | Q(places__in=as_guest.values("resource")),
        }


class ShelterStayQuerySet(ByAidScope, VisibleQuerySet["ShelterStay"]):
    """A stay is seen by the shelter's operator, and coarsely by the organisation that asked for it."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        return {
            Disclosure.EXACT: held(actor, "shelter__operator", "shelter__area"),
            Disclosure.COARSE: own(actor, "match__line__aid_request__reported_by"),
        }
