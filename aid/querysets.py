"""Questions about needs and supplies, and who sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.contrib.gis.geos import Point
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from aid.enums import (
    LIVE_MATCH_STATUSES,
    OPEN_AID_REQUEST_STATUSES,
    AidRequestStatus,
    Coverage,
    DeliveryStatus,
    MatchStatus,
    Urgency,
)
from coordination.geo.distance import distance_m, nearest_first, within_m
from coordination.records.actors import Actor
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

Rules = dict[Disclosure, Q] | Disclosure


def review_interval(urgency: int) -> timedelta:
    """Give the time after which somebody asks how a request of this urgency stands."""
    return REVIEW_AFTER_URGENT if urgency <= Urgency.URGENT else REVIEW_AFTER


def _sees_all(actor: Actor) -> bool:
    return actor.is_cell or actor.is_system


def _own(actor: Actor, path: str) -> Q:
    return Q(**{f"{path}__in": sorted(actor.organisation_ids)})


def _matches(**conditions: Any) -> QuerySet[Match]:
    """Give the matches that a guard asks about; models stand above this module, so it knows their name only.

    A guard asks whether a row is `IN` what they name: the database then reads an actor's own matches once. Asked
    whether a match `EXISTS`, it looks one up for every row that others own.
    """
    return apps.get_model("aid", "Match")._base_manager.filter(**conditions)


def _matches_to_provide(actor: Actor) -> QuerySet[Match]:
    return _matches(resource__provider__in=sorted(actor.organisation_ids), status__in=LIVE_MATCH_STATUSES)


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
        if _sees_all(actor):
            return Disclosure.EXACT
        as_requester = _matches(
            line__aid_request__reported_by__in=sorted(actor.organisation_ids), status__in=LIVE_MATCH_STATUSES
        )
        return {
            Disclosure.EXACT: _own(actor, "provider"),
            Disclosure.COARSE: Q(pk__in=as_requester.values("resource")),
        }


class ShelterQuerySet(ByAidScope, Nearby, VisibleQuerySet["Shelter"]):
    """A shelter is seen by its operator, by those who were promised places, and by all when it is public."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.EXACT
        as_guest = _matches(
            line__aid_request__reported_by__in=sorted(actor.organisation_ids), status=MatchStatus.ACCEPTED
        )
        return {
            Disclosure.EXACT: _own(actor, "operator"),
            Disclosure.COARSE: Q(is_public=True, is_exercise=False) | Q(places__in=as_guest.values("resource")),
        }


class ShelterStayQuerySet(ByAidScope, VisibleQuerySet["ShelterStay"]):
    """A stay is seen by the shelter's operator, and coarsely by the organisation that asked for it."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.EXACT
        return {
            Disclosure.EXACT: _own(actor, "shelter__operator"),
            Disclosure.COARSE: _own(actor, "match__line__aid_request__reported_by"),
        }


class AidRequestQuerySet(ByAidScope, Nearby, VisibleQuerySet["AidRequest"]):
    """A request is seen fully by its reporters, and coarsely by the provider of a live match."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.CONTACT
        as_provider = _matches_to_provide(actor).values("line__aid_request")
        return {Disclosure.CONTACT: _own(actor, "reported_by"), Disclosure.COARSE: Q(pk__in=as_provider)}

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

    def with_coverage(self) -> Self:
        """Annotate each request with its `coverage`, computed from its lines."""
        lines = apps.get_model("aid", "RequestLine")._base_manager.filter(aid_request=OuterRef("pk"))
        promised = F("reserved") + F("dispatched")
        is_empty = ~Exists(lines)
        return self.annotate(
            coverage=Case(
                When(
                    is_empty | ~Exists(lines.annotate(promised=promised).filter(promised__gt=0)),
                    then=Value(Coverage.NONE),
                ),
                When(~Exists(lines.filter(delivered__lt=F("quantity"))), then=Value(Coverage.DELIVERED)),
                When(~Exists(lines.filter(dispatched__lt=F("quantity"))), then=Value(Coverage.DISPATCHED)),
                When(
                    ~Exists(lines.annotate(promised=promised).filter(promised__lt=F("quantity"))),
                    then=Value(Coverage.RESERVED),
                ),
                default=Value(Coverage.PARTIAL),
            )
        )


class ContactQuerySet(VisibleQuerySet["Contact"]):
    """Who the people are: for the organisation that asked them, and the cell."""

    read_scope = "pii:read"

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.CONTACT
        return {Disclosure.CONTACT: _own(actor, "aid_request__reported_by")}


class RequestLineQuerySet(ByAidScope, VisibleQuerySet["RequestLine"]):
    """A line is seen by its request's reporters, and coarsely by the provider of a live match for this very line."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.CONTACT
        as_provider = _matches_to_provide(actor).values("line")
        return {Disclosure.CONTACT: _own(actor, "aid_request__reported_by"), Disclosure.COARSE: Q(pk__in=as_provider)}

    def unmet(self) -> Self:
        """Keep the lines of which something is promised by nobody yet."""
        return self.filter(quantity__gt=F("reserved") + F("dispatched"))


class MatchQuerySet(ByAidScope, VisibleQuerySet["Match"]):
    """Both parties see a match, neither the other's place; the cell sees it exactly."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.EXACT
        return {Disclosure.COARSE: _own(actor, "resource__provider") | _own(actor, "line__aid_request__reported_by")}

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
        return Disclosure.EXACT if _sees_all(actor) else {}


class DeliveryQuerySet(ByAidScope, VisibleQuerySet["Delivery"]):
    """A delivery is seen by its provider, and coarsely by those it goes to."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.EXACT
        for_us = _matches(line__aid_request__reported_by__in=sorted(actor.organisation_ids), delivery__isnull=False)
        return {Disclosure.EXACT: _own(actor, "provider"), Disclosure.COARSE: Q(pk__in=for_us.values("delivery"))}


class PossibleDuplicateQuerySet(ByAidScope, VisibleQuerySet["PossibleDuplicate"]):
    """A warning is for those to whom both requests belong, and the cell."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.EXACT
        return {Disclosure.EXACT: _own(actor, "earlier__reported_by") & _own(actor, "later__reported_by")}


class DuplicateMergeQuerySet(ByAidScope, VisibleQuerySet["DuplicateMerge"]):
    """A merge is seen by those to whom both requests belong, and the cell."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if _sees_all(actor):
            return Disclosure.EXACT
        return {Disclosure.EXACT: _own(actor, "duplicate__reported_by") & _own(actor, "original__reported_by")}


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
