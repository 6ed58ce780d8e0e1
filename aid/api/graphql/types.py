"""What is needed and who brings it, as GraphQL objects."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from aid import enums, models
from aid.api.graphql import codes  # noqa: F401 - an enum is described before a type names it
from aid.matching.explain import match_sentences
from coordination.web.graphql.connections import Connection, to_many
from coordination.web.graphql.directory import Area, Cell, Organisation, cell
from coordination.web.graphql.nodes import Node, computed, derived, distance, node, to_one
from coordination.web.graphql.rows import Peers, guarded
from coordination.web.graphql.scalars import BigInt, Point
from coordination.web.paging import Order
from incidents.api.graphql.types import Building, Incident

AS_WRITTEN = Order("created_at", ("created_at", "id"), (datetime.fromisoformat, strawberry.ID))


@node(models.Item)
class Item(Node):
    """A kind of good, place or service that can be asked for and offered."""

    code: str
    name_uk: str
    name_en: str
    sector: enums.Sector
    unit: enums.Unit
    is_divisible: bool
    default_radius_m: int
    hxl: str
    is_active: bool
    updated_at: datetime


@strawberry.type(description="One person of a household, without a name.")
class Member:
    """See its GraphQL description."""

    age: int | None = strawberry.field(description="In years.")
    sex: enums.Sex
    disability: bool


@strawberry.type(description="People of one of the source's own bands of age and sex.")
class AgeBand:
    """See its GraphQL description."""

    band: str
    people: int


@node(models.AidRequest)
class AidRequest(Node):
    """What one household or one site asks for, once."""

    ref: str
    channel: enums.Channel | None
    location: Point | None
    distance_m: float | None = distance()
    public_cell: Cell | None = cell()
    people: int
    members: list[Member] | None = derived("members", lambda row: [Member(**member) for member in row.members])
    age_bands: list[AgeBand] | None = derived(
        "age_bands", lambda row: [AgeBand(band=band, people=people) for band, people in row.age_bands.items()]
    )
    vulnerabilities: list[enums.Vulnerability] | None
    vulnerable_people: int | None
    urgency: enums.Urgency
    needed_by: datetime | None
    consent: enums.Consent | None
    status: enums.AidRequestStatus
    status_reason: str | None
    coverage: enums.Coverage | None = computed("with_coverage", "coverage")
    verified_at: datetime | None
    closed_at: datetime | None
    review_at: datetime | None
    follow_up: enums.FollowUp | None
    is_exercise: bool
    client_ref: str | None
    created_at: datetime | None
    updated_at: datetime | None
    incident: Incident | None = to_one("incident")
    building: Building | None = to_one("building")
    reported_by: Organisation | None = to_one("reported_by")
    area: Area | None = to_one("area")
    duplicate_of: AidRequest | None = to_one("duplicate_of")
    duplicates: Connection[AidRequest] = to_many("aid.AidRequest", "duplicate_of")
    lines: Connection[RequestLine] = to_many("aid.RequestLine", "aid_request", AS_WRITTEN)
    matches: Connection[Match] = to_many("aid.Match", "line__aid_request")

    @strawberry.field(description="Other open requests that may be the same one, for whom may compare them.")
    @staticmethod
    def possible_duplicates(root: strawberry.Parent[models.AidRequest]) -> list[PossibleDuplicate]:
        return alike(root)


@strawberry.type(description="Another request that may be the same one; people decide, nothing is merged by itself.")
class PossibleDuplicate:
    """See its GraphQL description."""

    aid_request: AidRequest
    reasons: list[enums.DuplicateReason] = strawberry.field(description="What both have in common.")


def alike(row: Any) -> list[PossibleDuplicate]:
    """Give the possible duplicates of a request, loaded for all its peers by two statements."""

    def load() -> dict[UUID, list[PossibleDuplicate]]:
        peers = {peer.pk for peer in row.peers.rows}
        pairs = list(guarded(models.PossibleDuplicate, row.peers.actor).about(peers).undecided())  # type: ignore[attr-defined] # our queryset
        ids = {pk for pair in pairs for pk in (pair.earlier_id, pair.later_id)}
        others = Peers(guarded(models.AidRequest, row.peers.actor).filter(pk__in=ids), row.peers.actor)
        by_id = {other.pk: other for other in others.rows}
        found: defaultdict[UUID, list[PossibleDuplicate]] = defaultdict(list)
        for pair in pairs:
            for one, other in ((pair.earlier_id, pair.later_id), (pair.later_id, pair.earlier_id)):
                if one in peers and other in by_id:
                    reasons = [enums.DuplicateReason(reason) for reason in pair.reasons]
                    found[one].append(PossibleDuplicate(aid_request=by_id[other], reasons=reasons))
        return found

    return cast("list[PossibleDuplicate]", row.peers.once("possible_duplicates", load).get(row.pk, []))


@node(models.RequestLine)
class RequestLine(Node):
    """One item of a request; what is neither reserved nor dispatched is unmet."""

    quantity: BigInt
    conditions: list[enums.Condition]
    reserved: BigInt | None
    dispatched: BigInt | None
    delivered: BigInt | None
    unmet: BigInt | None = derived("unmet", lambda row: row.unmet)
    aid_request: AidRequest | None = to_one("aid_request")
    item: Item | None = to_one("item")
    matches: Connection[Match] = to_many("aid.Match", "line")


@node(models.Resource)
class Resource(Node):
    """A quantity of one item at one place that can be promised; what is neither reserved nor consumed is free."""

    name: str | None
    location: Point | None
    distance_m: float | None = distance()
    total: BigInt | None
    reserved: BigInt | None
    consumed: BigInt | None
    free: BigInt | None = derived("free", lambda row: row.free)
    service_radius_m: int | None
    available_from: datetime | None
    expires_at: datetime | None
    status: enums.ResourceStatus
    conditions: list[enums.Condition]
    is_exercise: bool
    client_ref: str | None
    created_at: datetime
    updated_at: datetime | None
    provider: Organisation | None = to_one("provider")
    item: Item | None = to_one("item")
    area: Area | None = to_one("area")
    matches: Connection[Match] = to_many("aid.Match", "resource")


@node(models.Shelter)
class Shelter(Node):
    """A place where people can go; its places are a resource."""

    ref: str
    name: str
    kind: enums.ShelterKind
    location: Point | None
    distance_m: float | None = distance()
    address: str
    status: enums.ShelterStatus
    amenities: list[enums.Amenity]
    amenities_verified_at: datetime | None
    backup_power_h: int | None
    is_step_free: bool | None
    accepts_pets: bool | None
    opening_hours: str
    observed_at: datetime | None
    is_public: bool
    is_exercise: bool
    client_ref: str | None
    created_at: datetime
    updated_at: datetime
    operator: Organisation | None = to_one("operator")
    area: Area | None = to_one("area")
    places: Resource | None = to_one("places")
    stays: Connection[Stay] = to_many("aid.ShelterStay", "shelter")


@node(models.ShelterStay)
class Stay(Node):
    """A party that holds places in a shelter."""

    party_size: int
    status: enums.StayStatus
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    created_at: datetime
    updated_at: datetime
    shelter: Shelter | None = to_one("shelter")
    match: Match | None = to_one("match")


@node(models.Match)
class Match(Node):
    """This much of this resource for this line."""

    ref: str
    quantity: BigInt
    quantity_delivered: BigInt | None
    distance_m: float | None
    distance_band_m: int = strawberry.field(description="The distance between the cells, at most, in metres.")
    status: enums.MatchStatus
    status_reason: str | None
    respond_by: datetime
    decided_at: datetime | None
    released_at: datetime | None = strawberry.field(
        description="When contact and exact place were given to the provider; they stay until the match ends."
    )
    why: list[str] = derived(
        "distance_band_m",
        lambda row: match_sentences(row.reasons, band_m=row.distance_band_m, disclosure=row.disclosure),
    )
    created_at: datetime
    updated_at: datetime | None
    line: RequestLine | None = to_one("line")
    resource: Resource | None = to_one("resource")
    run: MatchRun | None = to_one("run")
    delivery: Delivery | None = to_one("delivery")


@node(models.MatchRun)
class MatchRun(Node):
    """One optimisation: what it looked at, what it decided and how far from the best it can be at most."""

    status: enums.MatchRunStatus
    scope: JSON
    started_at: datetime
    finished_at: datetime | None
    objective: float | None
    lower_bound: float | None
    gap: float | None
    counts: JSON
    settings: JSON
    engine_version: str
    created_at: datetime
    updated_at: datetime
    matches: Connection[Match] = to_many("aid.Match", "run")


@node(models.Delivery)
class Delivery(Node):
    """The journey of accepted matches of one provider."""

    status: enums.DeliveryStatus
    dispatched_at: datetime | None
    delivered_at: datetime | None
    failed_at: datetime | None
    returned_at: datetime | None
    failure_reason: str | None
    created_at: datetime
    updated_at: datetime | None
    provider: Organisation | None = to_one("provider")
    matches: Connection[Match] = to_many("aid.Match", "delivery")


@node(models.NeedCount)
class NeedCount(Node):
    """Households that asked for help in one area and one time slot, rounded to 5; fewer than ten are not told."""

    starts_at: datetime = computed("with_slot", "starts_at")
    ends_at: datetime = computed("with_slot", "ends_at")
    households: int
    created_at: datetime
    area: Area | None = to_one("area")
