"""Questions about needs and supplies, and who sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.apps import apps
from django.contrib.gis.geos import Point
from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from aid.enums import (
    LIVE_MATCH_STATUSES,
    OPEN_AID_REQUEST_STATUSES,
    AidRequestStatus,
    Consent,
    Coverage,
    DeliveryStatus,
    MatchStatus,
    Urgency,
)
from coordination.access.enums import DataClass
from coordination.access.phones import phone_indexes
from coordination.access.reach import live_shares
from coordination.geo.distance import distance_m, nearest_first, within_m
from coordination.records.actors import Actor
from coordination.records.lookups import Ids
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from aid.models import (
        AidRequest,
        Contact,
        Delivery,
        DuplicateMerge,
        Item,
        Match,
        MatchRun,
        NeedCount,
        NeedSlot,
        PossibleDuplicate,
        RequestLine,
        Resource,
        Shelter,
        ShelterStay,
    )

# Two requests for one item and one building within this time may be the same one.
DUPLICATE_WINDOW = timedelta(hours=72)
# How long after filing, or after the last answer, somebody asks how a request stands.
REVIEW_AFTER_URGENT = timedelta(hours=48)
REVIEW_AFTER = timedelta(days=14)

# What it takes, beside the scope of aid, to be told who the people are.
READ_PERSONAL_DATA = "pii:read"

Rules = dict[Disclosure, Q] | Disclosure


def review_interval(urgency: int) -> timedelta:
    """Give the time after which somebody asks how a request of this urgency stands."""
    return REVIEW_AFTER_URGENT if urgency <= Urgency.URGENT else REVIEW_AFTER


@dataclass
class Promises:
    """Of whose requests and lines an organisation has live matches, and whose were released to it."""

    aid_request_ids: set[UUID] = field(default_factory=set)
    line_ids: set[UUID] = field(default_factory=set)
    released_ids: set[UUID] = field(default_factory=set)


def promises_of(providers: Collection[UUID]) -> Mapping[UUID, Promises]:
    """Read what organisations have promised, and been promised to keep to themselves; one statement."""
    live = _matches(resource__provider__in=providers, status__in=LIVE_MATCH_STATUSES).values_list(
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
    return _promised(actor, "released_ids")


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


def _promised(actor: Actor, what: str) -> Ids:
    return Ids(chain.from_iterable(getattr(promises, what) for promises in actor.gains(promises_of).values()))


def _own(actor: Actor, path: str) -> Q:
    return Q(**{f"{path}__among": actor.organisation_ids})


def _held(actor: Actor, owner: str, area: str) -> Q:
    """Tell whether a row is the actor's own, or lies where its cell answers; nowhere known is every cell's."""
    held = _own(actor, owner)
    if actor.is_cell:
        held |= Q(**{f"{area}__among": actor.area_ids}) | Q(**{f"{area}__isnull": True})
    return held


def _shared(actor: Actor, path: str, data_class: str = "") -> Q:
    """Tell whether an agreement shares the request at a path: coarsely, or this class of its data."""
    shared = actor.shared(data_class)
    return Q(**{f"{path}reported_by__among": shared.organisation_ids}) | Q(
        **{f"{path}caseload__among": shared.caseload_ids}
    )


def _told(actor: Actor, path: str = "") -> dict[Disclosure, Q]:
    """Give for each level who is told of the request at a path, whatever is promised.

    An address is part of who the people are, so who may read identity reads the exact place.
    """
    reader = actor.narrowed_to(READ_PERSONAL_DATA)
    key = f"{path}pk"
    return {
        Disclosure.CONTACT: _held(actor, f"{path}reported_by", f"{path}area")
        | _shared(actor, path, DataClass.IDENTITY)
        | Q(**{f"{key}__among": released_to(reader)}),
        Disclosure.EXACT: _shared(actor, path, DataClass.EXACT_PLACE) | Q(**{f"{key}__among": released_to(actor)}),
        Disclosure.COARSE: _shared(actor, path),
    }


def _matches(**conditions: Any) -> QuerySet[Match]:
    """Give the matches that a guard asks about; models stand above this module, so it knows their name only.

    A guard asks whether a row is `IN` what they name: the database then reads an actor's own matches once. Asked
    whether a match `EXISTS`, it looks one up for every row that others own.
    """
    return apps.get_model("aid", "Match")._base_manager.filter(**conditions)


class ItemQuerySet(VisibleQuerySet["Item"]):
    """The catalogue is public."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT


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


class ResourceQuerySet(ByAidScope, Nearby, VisibleQuerySet["Resource"]):
    """A resource is seen by its provider, and coarsely by whoever has a live match with it."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        as_requester = _matches(
            line__aid_request__reported_by__among=actor.organisation_ids, status__in=LIVE_MATCH_STATUSES
        )
        return {
            Disclosure.EXACT: _held(actor, "provider", "area"),
            Disclosure.COARSE: Q(pk__in=as_requester.values("resource")),
        }


class ShelterQuerySet(ByAidScope, Nearby, VisibleQuerySet["Shelter"]):
    """A shelter is seen by its operator, by those who were promised places, and by all when it is public."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        as_guest = _matches(line__aid_request__reported_by__among=actor.organisation_ids, status=MatchStatus.ACCEPTED)
        return {
            Disclosure.EXACT: _held(actor, "operator", "area"),
            Disclosure.COARSE: Q(is_public=True, is_exercise=False) | Q(places__in=as_guest.values("resource")),
        }


class ShelterStayQuerySet(ByAidScope, VisibleQuerySet["ShelterStay"]):
    """A stay is seen by the shelter's operator, and coarsely by the organisation that asked for it."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        return {
            Disclosure.EXACT: _held(actor, "shelter__operator", "shelter__area"),
            Disclosure.COARSE: _own(actor, "match__line__aid_request__reported_by"),
        }


class AidRequestQuerySet(ByAidScope, Nearby, VisibleQuerySet["AidRequest"]):
    """A request is seen fully by its reporters, and coarsely by the provider of a live match.

    An agreement adds what it says; a release gives the provider the exact place and the contact, not the health.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.CONTACT
        told = _told(actor)
        return {**told, Disclosure.COARSE: told[Disclosure.COARSE] | Q(pk__among=_promised(actor, "aid_request_ids"))}

    def grants_to(self, actor: Actor) -> Mapping[str, Ids] | None:
        if actor.is_cell or actor.is_system:
            return None
        shared = actor.shared()
        return {
            "reported_by": Ids(actor.organisation_ids | shared.organisation_ids),
            "caseload": shared.caseload_ids,
            "pk": _promised(actor, "aid_request_ids"),
        }

    def class_rules(self, actor: Actor) -> Mapping[str, Q]:
        if actor.sees_everywhere:
            return {DataClass.HEALTH: ~Q(pk__in=[])}
        return {DataClass.HEALTH: _held(actor, "reported_by", "area") | _shared(actor, "", DataClass.HEALTH)}

    def open(self) -> Self:
        """Keep the requests that still wait for something."""
        return self.filter(status__in=OPEN_AID_REQUEST_STATUSES)

    def awaiting_answer(self, now: datetime, *, intervals: int) -> Self:
        """Keep the requests whose review was due at least so many of their review intervals ago."""
        return self.filter(
            Q(urgency__lte=Urgency.URGENT, review_at__lte=now - intervals * REVIEW_AFTER_URGENT)
            | Q(urgency__gt=Urgency.URGENT, review_at__lte=now - intervals * REVIEW_AFTER),
            status__in=(AidRequestStatus.SUBMITTED, AidRequestStatus.VERIFIED),
        )

    def possible_duplicates_of(self, aid_request: AidRequest) -> Self:
        """Keep other open requests for the same building and an equal item, filed within 72 hours of this one."""
        lines = apps.get_model("aid", "RequestLine")._base_manager
        same_item = lines.filter(
            aid_request=OuterRef("pk"), item__in=lines.filter(aid_request=aid_request.pk).values("item")
        )
        window = (aid_request.created_at - DUPLICATE_WINDOW, aid_request.created_at + DUPLICATE_WINDOW)
        return (
            self.open()
            .filter(
                Exists(same_item), building__isnull=False, building=aid_request.building_id, created_at__range=window
            )
            .exclude(pk=aid_request.pk)
        )

    def with_phone(self, phone: str) -> Self:
        """Keep the requests whose contact has this number, however it is written; the database tells no more of them.

        Whose they are is not asked: who shows them to somebody keeps those that he may see.
        """
        found = RawSQL("SELECT aid_requests_with_phone(%s::text[])", [phone_indexes(phone)])
        return self.filter(pk__in=found)

    def with_coverage(self) -> Self:
        """Annotate each request with its `coverage`, computed from its lines."""
        lines = apps.get_model("aid", "RequestLine")._base_manager.filter(aid_request=OuterRef("pk"))
        # Summed up line by line, not asked by EXISTS: for that PostgreSQL may read the lines of all requests there are.
        summed_up = (
            lines.order_by()
            .values("aid_request")
            .annotate(
                promised=Max(F("reserved") + F("dispatched")),
                to_arrive=Max(F("quantity") - F("delivered")),
                to_send=Max(F("quantity") - F("dispatched")),
                to_promise=Max(F("quantity") - F("reserved") - F("dispatched")),
            )
        )
        coverage = Case(
            When(promised=0, then=Value(Coverage.NONE)),
            When(to_arrive=0, then=Value(Coverage.DELIVERED)),
            When(to_send=0, then=Value(Coverage.DISPATCHED)),
            When(to_promise=0, then=Value(Coverage.RESERVED)),
            default=Value(Coverage.PARTIAL),
        )
        return self.annotate(coverage=Coalesce(Subquery(summed_up.values(code=coverage)), Value(Coverage.NONE)))


class ContactQuerySet(VisibleQuerySet["Contact"]):
    """Who the people are: for the organisation that asked them, the cell, and whom either let know."""

    read_scope = "pii:read"

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.CONTACT
        return {Disclosure.CONTACT: _told(actor, "aid_request__")[Disclosure.CONTACT]}


class RequestLineQuerySet(ByAidScope, VisibleQuerySet["RequestLine"]):
    """A line is seen as its request is, but by a provider coarsely and only where his live match is for this very line.

    What else a household asks for may tell of its health.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.CONTACT
        return {
            Disclosure.CONTACT: _held(actor, "aid_request__reported_by", "aid_request__area"),
            Disclosure.EXACT: _shared(actor, "aid_request__", DataClass.EXACT_PLACE)
            | _shared(actor, "aid_request__", DataClass.IDENTITY),
            Disclosure.COARSE: _shared(actor, "aid_request__") | Q(pk__among=_promised(actor, "line_ids")),
        }

    def unmet(self) -> Self:
        """Keep the lines of which something is promised by nobody yet."""
        return self.filter(quantity__gt=F("reserved") + F("dispatched"))


class MatchQuerySet(ByAidScope, VisibleQuerySet["Match"]):
    """Both parties see a match, neither the other's place; so does whom the request is shared with.

    A cell sees it exactly where both ends lie in its areas: the distance from one would tell where the other is.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        parties = _own(actor, "resource__provider") | _own(actor, "line__aid_request__reported_by")
        coarsely = parties | _shared(actor, "line__aid_request__")
        if not actor.is_cell:
            return {Disclosure.COARSE: coarsely}
        from_here = _held(actor, "resource__provider", "resource__area")
        to_here = _held(actor, "line__aid_request__reported_by", "line__aid_request__area")
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
        for_us = _matches(line__aid_request__reported_by__among=actor.organisation_ids, delivery__isnull=False)
        exactly = _own(actor, "provider")
        if actor.is_cell:
            to_here = _held(actor, "line__aid_request__reported_by", "line__aid_request__area")
            exactly |= Q(pk__in=_matches(delivery__isnull=False).filter(to_here).values("delivery"))
        return {Disclosure.EXACT: exactly, Disclosure.COARSE: Q(pk__in=for_us.values("delivery"))}


class PossibleDuplicateQuerySet(ByAidScope, VisibleQuerySet["PossibleDuplicate"]):
    """A warning is for those to whom both requests belong, and the cell."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        earlier = _held(actor, "earlier__reported_by", "earlier__area")
        later = _held(actor, "later__reported_by", "later__area")
        return {Disclosure.EXACT: earlier & later}

    def about(self, aid_requests: Collection[AidRequest | UUID]) -> Self:
        """Keep the pairs of which any of these is one."""
        return self.filter(Q(earlier__in=aid_requests) | Q(later__in=aid_requests))

    def undecided(self) -> Self:
        """Keep the pairs that nobody dismissed and of which both are still open."""
        return self.filter(
            dismissed_at=None,
            earlier__status__in=OPEN_AID_REQUEST_STATUSES,
            later__status__in=OPEN_AID_REQUEST_STATUSES,
        )


class DuplicateMergeQuerySet(ByAidScope, VisibleQuerySet["DuplicateMerge"]):
    """A merge is seen by those to whom both requests belong, and the cell."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        duplicate = _held(actor, "duplicate__reported_by", "duplicate__area")
        original = _held(actor, "original__reported_by", "original__area")
        return {Disclosure.EXACT: duplicate & original}


class NeedSlotQuerySet(VisibleQuerySet["NeedSlot"]):
    """When was counted is no secret."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT


class NeedCountQuerySet(VisibleQuerySet["NeedCount"]):
    """Counts are made for the public."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT

    def with_slot(self) -> Self:
        """Annotate each count with the `starts_at` and `ends_at` of its slot."""
        return self.annotate(starts_at=F("slot__starts_at"), ends_at=F("slot__ends_at"))
