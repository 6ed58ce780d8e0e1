"""Of what the guards are made: whose a row is, what is shared, promised and released."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.apps import apps
from django.contrib.gis.geos import Point
from django.db.models import Q, QuerySet

from aid.enums import (
    LIVE_MATCH_STATUSES,
    Consent,
    MatchStatus,
)
from coordination.access.enums import DataClass
from coordination.access.reach import live_shares
from coordination.geo.distance import distance_m, nearest_first, within_m
from coordination.records.actors import Actor
from coordination.records.lookups import Ids
from coordination.records.visibility import Disclosure

if TYPE_CHECKING:
    from aid.models import AidRequest, Match


# What it takes, beside the scope of aid, to be told who the people are.
READ_PERSONAL_DATA = "pii:read"

Rules = dict[Disclosure, Q] | Disclosure


@dataclass
class Promises:
    """Of whose requests and lines an organisation has live matches, and whose were released to it."""

    aid_request_ids: set[UUID] = field(default_factory=set)
    line_ids: set[UUID] = field(default_factory=set)
    released_ids: set[UUID] = field(default_factory=set)


def promises_of(providers: Collection[UUID]) -> Mapping[UUID, Promises]:
    """Read what organisations have promised, and been promised to keep to themselves; one statement."""
    live = matches(resource__provider__in=providers, status__in=LIVE_MATCH_STATUSES).values_list(
        "resource__provider", "line__aid_request", "line"
    )
    is_released = Q(
        ~Q(line__aid_request__consent=Consent.REFUSED),
        released_at__isnull=False,
        resource__provider__is_vetted=True,
        status=MatchStatus.ACCEPTED,
    )
    found: defaultdict[UUID, Promises] = defaultdict(Promises)
    for provider, aid_request, line, to_provider in live.annotate(to_provider=is_released).order_by():
        found[provider].aid_request_ids.add(aid_request)
        found[provider].line_ids.add(line)
        if to_provider:
            found[provider].released_ids.add(aid_request)
    return found


def released_to(actor: Actor) -> Ids:
    """Name the requests whose exact place was given to the actor for as long as its match lasts."""
    return promised(actor, "released_ids")


def released_among(actor: Actor, aid_request_id: UUID) -> list[UUID]:
    """Name the actor's organisations to which a request's exact place was given."""
    return [owner for owner, promises in actor.gains(promises_of).items() if aid_request_id in promises.released_ids]


def shared_among(actor: Actor, aid_request: AidRequest) -> list[UUID]:
    """Name the actor's organisations that are told by an agreement who the people of a request are."""
    return [
        owner
        for owner, shares in actor.gains(live_shares).items()
        for share in shares
        if DataClass.IDENTITY in share.classes
        and (aid_request.reported_by_id in share.organisation_ids or aid_request.caseload_id in share.caseload_ids)
    ]


def promised(actor: Actor, what: str) -> Ids:
    return Ids(chain.from_iterable(getattr(promises, what) for promises in actor.gains(promises_of).values()))


def own(actor: Actor, path: str) -> Q:
    return Q(**{f"{path}__among": actor.organisation_ids})


def held(actor: Actor, owner: str, area: str) -> Q:
    """Tell whether a row is the actor's own, or lies where its cell answers; nowhere known is every cell's."""
    held = own(actor, owner)
    if actor.is_cell:
        held |= Q(**{f"{area}__among": actor.area_ids}) | Q(**{f"{area}__isnull": True})
    return held


def shared_with(actor: Actor, path: str, data_class: str = "") -> Q:
    """Tell whether an agreement shares the request at a path: coarsely, or this class of its data."""
    shared = actor.shared(data_class)
    return Q(**{f"{path}reported_by__among": shared.organisation_ids}) | Q(
        **{f"{path}caseload__among": shared.caseload_ids}
    )


def told_of(actor: Actor, path: str = "") -> dict[Disclosure, Q]:
    """Give for each level who is told of the request at a path, whatever is promised.

    An address is part of who the people are, so who may read identity reads the exact place.
    """
    reader = actor.narrowed_to(READ_PERSONAL_DATA)
    key = f"{path}pk"
    return {
        Disclosure.CONTACT: held(actor, f"{path}reported_by", f"{path}area")
        | shared_with(actor, path, DataClass.IDENTITY)
        | Q(**{f"{key}__among": released_to(reader)}),
        Disclosure.EXACT: shared_with(actor, path, DataClass.EXACT_PLACE) | Q(**{f"{key}__among": released_to(actor)}),
        Disclosure.COARSE: shared_with(actor, path),
    }


def matches(**conditions: Any) -> QuerySet[Match]:
    """Give the matches that a guard asks about; models stand above this module, so it knows their name only.

    A guard asks whether a row is `IN` what they name: the database then reads an actor's own matches once. Asked
    whether a match `EXISTS`, it looks one up for every row that others own.
    """
    return apps.get_model("aid", "Match")._base_manager.filter(**conditions)


class ByAidScope:
    """Rows that it takes the scope of aid to read."""

    read_scope: ClassVar[str] = "aid:read"


class Nearby:
    """Questions about the distance from a point, answered by the index on `location`."""

    def within(self, point: Point, radius_m: float) -> Self:
        """Keep the rows at most this far from a point."""
        return self.filter(within_m("location", point, radius_m))  # type: ignore[attr-defined] # a queryset's mixin

    def nearest_first(self, point: Point) -> Self:
        """Order by distance from a point, annotating `distance_m`; rows of unknown place are left out.

        Rows equally far come in any order: with a second key PostgreSQL before 17 sorts the whole table.
        """
        located = self.filter(location__isnull=False)  # type: ignore[attr-defined] # a queryset's mixin
        return located.annotate(distance_m=distance_m("location", point)).order_by(nearest_first("location", point))
