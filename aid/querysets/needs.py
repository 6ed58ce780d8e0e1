"""Questions about what is needed, and who sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.apps import apps
from django.db.models import Case, Exists, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from aid.enums import (
    OPEN_AID_REQUEST_STATUSES,
    AidRequestStatus,
    Coverage,
    Urgency,
)
from aid.querysets.sight import ByAidScope, Nearby, Rules, held, promised, shared_with, told_of
from coordination.access.enums import DataClass
from coordination.access.phones import phone_indexes
from coordination.records.actors import Actor
from coordination.records.lookups import Ids
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from aid.models import AidRequest, Contact, DuplicateMerge, NeedCount, NeedSlot, PossibleDuplicate, RequestLine


# Two requests for one item and one building within this time may be the same one.
DUPLICATE_WINDOW = timedelta(hours=72)
# How long after filing, or after the last answer, somebody asks how a request stands.
REVIEW_AFTER_URGENT = timedelta(hours=48)
REVIEW_AFTER = timedelta(days=14)


def review_interval(urgency: int) -> timedelta:
    """Give the time after which somebody asks how a request of this urgency stands."""
    return REVIEW_AFTER_URGENT if urgency <= Urgency.URGENT else REVIEW_AFTER


class AidRequestQuerySet(ByAidScope, Nearby, VisibleQuerySet["AidRequest"]):
    """A request is seen fully by its reporters, and coarsely by the provider of a live match.

    An agreement adds what it says; a release gives the provider the exact place and the contact, not the health.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.CONTACT
        told = told_of(actor)
        return {**told, Disclosure.COARSE: told[Disclosure.COARSE] | Q(pk__among=promised(actor, "aid_request_ids"))}

    def grants_to(self, actor: Actor) -> Mapping[str, Ids] | None:
        if actor.is_cell or actor.is_system:
            return None
        shared = actor.shared()
        return {
            "reported_by": Ids(actor.organisation_ids | shared.organisation_ids),
            "caseload": shared.caseload_ids,
            "pk": promised(actor, "aid_request_ids"),
        }

    def class_rules(self, actor: Actor) -> Mapping[str, Q]:
        if actor.sees_everywhere:
            return {DataClass.HEALTH: ~Q(pk__in=[])}
        return {DataClass.HEALTH: held(actor, "reported_by", "area") | shared_with(actor, "", DataClass.HEALTH)}

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
        return {Disclosure.CONTACT: told_of(actor, "aid_request__")[Disclosure.CONTACT]}


class RequestLineQuerySet(ByAidScope, VisibleQuerySet["RequestLine"]):
    """A line is seen as its request is, but by a provider coarsely and only where his live match is for this very line.

    What else a household asks for may tell of its health.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.CONTACT
        return {
            Disclosure.CONTACT: held(actor, "aid_request__reported_by", "aid_request__area"),
            Disclosure.EXACT: shared_with(actor, "aid_request__", DataClass.EXACT_PLACE)
            | shared_with(actor, "aid_request__", DataClass.IDENTITY),
            Disclosure.COARSE: shared_with(actor, "aid_request__") | Q(pk__among=promised(actor, "line_ids")),
        }

    def unmet(self) -> Self:
        """Keep the lines of which something is promised by nobody yet."""
        return self.filter(quantity__gt=F("reserved") + F("dispatched"))


class PossibleDuplicateQuerySet(ByAidScope, VisibleQuerySet["PossibleDuplicate"]):
    """A warning is for those to whom both requests belong, and the cell."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        earlier = held(actor, "earlier__reported_by", "earlier__area")
        later = held(actor, "later__reported_by", "later__area")
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
        duplicate = held(actor, "duplicate__reported_by", "duplicate__area")
        original = held(actor, "original__reported_by", "original__area")
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
