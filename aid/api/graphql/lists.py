"""What is needed and who brings it, as GraphQL lists."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from django.db.models import QuerySet

from aid import enums
from aid.api.graphql.types import AidRequest, Delivery, Item, Match, MatchRun, NeedCount, Resource, Shelter, Stay
from coordination.records.actors import Actor
from coordination.web.filters import Place
from coordination.web.graphql.connections import Connection, collection
from coordination.web.graphql.where import Changed, InArea, PlacedOrder, Where, matching_text
from coordination.web.paging import Order

MOST_URGENT = Order(
    "urgency",
    ("urgency", "created_at", "id"),
    (int, datetime.fromisoformat, strawberry.ID),
)
BY_CODE = Order("code", ("code", "id"), (str, strawberry.ID))


@strawberry.enum(description="In which order aid requests come.")
class AidRequestOrder(Enum):
    """See its GraphQL description."""

    NEWEST = strawberry.enum_value("newest", description="The newest first.")
    NEAREST = strawberry.enum_value("nearest", description="The nearest first; goes with `near`.")
    MOST_URGENT = strawberry.enum_value("most_urgent", description="The most urgent first, the oldest among equals.")


@strawberry.input
class ItemWhere(Where):
    """What the catalogue can be narrowed by."""

    code: list[str] | None = None
    sector: list[enums.Sector] | None = None
    unit: list[enums.Unit] | None = None
    is_divisible: bool | None = None
    is_active: bool | None = None
    q: str | None = strawberry.field(default=None, description="A part of the code or the name in either language.")

    def by_q(self, rows: QuerySet[Any], _actor: Actor) -> QuerySet[Any]:
        return matching_text(rows, self.q or "", "code", "name_uk", "name_en")


@strawberry.input
class ResourceWhere(Changed, InArea):
    """What resources can be narrowed by."""

    status: list[enums.ResourceStatus] | None = None
    item: strawberry.ID | None = None
    provider: strawberry.ID | None = None
    is_exercise: bool | None = None
    client_ref: str | None = None


@strawberry.input
class ShelterWhere(Changed, InArea):
    """What shelters can be narrowed by."""

    ref: str | None = None
    kind: list[enums.ShelterKind] | None = None
    status: list[enums.ShelterStatus] | None = None
    operator: strawberry.ID | None = None
    is_step_free: bool | None = None
    accepts_pets: bool | None = None
    is_public: bool | None = None
    is_exercise: bool | None = None
    client_ref: str | None = None
    q: str | None = strawberry.field(default=None, description="A part of the name or the address.")

    def by_q(self, rows: QuerySet[Any], _actor: Actor) -> QuerySet[Any]:
        return matching_text(rows, self.q or "", "name", "address")


@strawberry.input
class StayWhere(Changed):
    """What stays can be narrowed by."""

    shelter: strawberry.ID | None = None
    status: list[enums.StayStatus] | None = None
    match: strawberry.ID | None = None


@strawberry.input
class AidRequestWhere(Changed, InArea):
    """What aid requests can be narrowed by."""

    ref: str | None = None
    status: list[enums.AidRequestStatus] | None = None
    urgency: list[enums.Urgency] | None = None
    incident: strawberry.ID | None = None
    building: strawberry.ID | None = None
    reported_by: strawberry.ID | None = None
    channel: list[enums.Channel] | None = None
    follow_up: list[enums.FollowUp] | None = None
    is_exercise: bool | None = None
    client_ref: str | None = None


@strawberry.input
class MatchWhere(Changed):
    """What matches can be narrowed by."""

    ref: str | None = None
    status: list[enums.MatchStatus] | None = None
    line: strawberry.ID | None = None
    resource: strawberry.ID | None = None
    run: strawberry.ID | None = None
    delivery: strawberry.ID | None = None


@strawberry.input
class MatchRunWhere(Changed):
    """What match runs can be narrowed by."""

    status: list[enums.MatchRunStatus] | None = None


@strawberry.input
class DeliveryWhere(Changed):
    """What deliveries can be narrowed by."""

    status: list[enums.DeliveryStatus] | None = None
    provider: strawberry.ID | None = None


@strawberry.input
class NeedCountWhere(Changed, InArea):
    """What public counts can be narrowed by."""


@strawberry.type
class AidQuery:
    """What is needed and who brings it."""

    items: Connection[Item] = collection(
        Item, where=ItemWhere, order=BY_CODE, description="What can be asked for and offered, by code."
    )
    resources: Connection[Resource] = collection(
        Resource,
        where=ResourceWhere,
        place=Place(point="location", area="area"),
        order_by=PlacedOrder,
        description="Quantities that can be promised.",
    )
    shelters: Connection[Shelter] = collection(
        Shelter,
        where=ShelterWhere,
        place=Place(point="location", area="area"),
        order_by=PlacedOrder,
        description="Places where people can go.",
    )
    stays: Connection[Stay] = collection(Stay, where=StayWhere, description="Parties that hold places in shelters.")
    aid_requests: Connection[AidRequest] = collection(
        AidRequest,
        where=AidRequestWhere,
        place=Place(point="location", cell="public_cell", area="area"),
        order_by=AidRequestOrder,
        orders={"most_urgent": MOST_URGENT},
        description="What people need.",
    )
    matches: Connection[Match] = collection(
        Match, where=MatchWhere, description="What is proposed, promised and brought."
    )
    match_runs: Connection[MatchRun] = collection(
        MatchRun, where=MatchRunWhere, description="What was decided together, and how well."
    )
    deliveries: Connection[Delivery] = collection(
        Delivery, where=DeliveryWhere, description="Journeys of what was promised."
    )
    needs: Connection[NeedCount] = collection(
        NeedCount, where=NeedCountWhere, description="What the public is told of needs."
    )
