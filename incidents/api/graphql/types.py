"""What happened, as GraphQL objects."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from coordination.web.graphql.connections import Connection, back_from, to_many
from coordination.web.graphql.directory import Area, Cell, Organisation, cell
from coordination.web.graphql.nodes import Node, choice, computed, distance, node, to_one
from coordination.web.graphql.scalars import MultiPolygon, Point, described
from incidents import enums, models

if TYPE_CHECKING:
    from aid.api.graphql.types import AidRequest

described(enums.Urgency, "IncidentUrgency")
described(enums.Grade, "DamageGrade")
for _enum in (
    enums.Hazard,
    enums.Severity,
    enums.Certainty,
    enums.IncidentStatus,
    enums.Verification,
    enums.ImpactKind,
    enums.ObjectKind,
    enums.BuildingUse,
    enums.Habitability,
    enums.DamageScale,
    enums.AssessmentMethod,
    enums.Service,
    enums.OutageStatus,
    enums.AccessConstraintKind,
):
    described(_enum)


@node(models.Incident)
class Incident(Node):
    """One event, or a wave of events with children."""

    ref: str
    title: str
    description: str | None
    hazard: enums.Hazard
    severity: enums.Severity
    urgency: enums.Urgency
    certainty: enums.Certainty
    status: enums.IncidentStatus
    verification: enums.Verification
    occurred_at: datetime
    reported_at: datetime
    closed_at: datetime | None
    dismissal_reason: str | None
    location: Point | None
    footprint: MultiPolygon | None
    distance_m: float | None = distance()
    public_from: datetime | None
    public_cell: Cell | None = cell()
    is_exercise: bool
    client_ref: str | None
    created_at: datetime
    updated_at: datetime
    parent: Incident | None = to_one("parent")
    reported_by: Organisation | None = to_one("reported_by")
    areas: Connection[Area] = to_many("areas.Area", back_from(models.Incident, "areas"))
    children: Connection[Incident] = to_many("incidents.Incident", "parent")
    casualty_reports: Connection[CasualtyReport] = to_many("incidents.CasualtyReport", "incident")
    impact_sites: Connection[ImpactSite] = to_many("incidents.ImpactSite", "incident")
    buildings: Connection[Building] = to_many("incidents.AffectedBuilding", "incident")
    outages: Connection[Outage] = to_many("incidents.Outage", "incident")
    # Aid builds on incidents; this name is the one arrow back.
    aid_requests: Connection[Annotated[AidRequest, strawberry.lazy("aid.api.graphql.types")]] = to_many(
        "aid.AidRequest", "incident"
    )


@node(models.CasualtyReport)
class CasualtyReport(Node):
    """Figures from one source at one time; a figure that was not given is null, not 0."""

    killed: int | None
    injured: int | None
    missing: int | None
    displaced: int | None
    source: str
    as_of: datetime
    created_at: datetime
    updated_at: datetime
    incident: Incident | None = to_one("incident")
    reported_by: Organisation | None = to_one("reported_by")


@node(models.ImpactSite)
class ImpactSite(Node):
    """One place that was struck or where debris fell."""

    location: Point | None
    distance_m: float | None = distance()
    public_cell: Cell | None = cell()
    kind: enums.ImpactKind
    object_kind: enums.ObjectKind | None
    struck_at: datetime
    reported_at: datetime
    created_at: datetime
    updated_at: datetime | None
    incident: Incident | None = to_one("incident")
    reported_by: Organisation | None = to_one("reported_by")
    area: Area | None = to_one("area")
    buildings: Connection[Building] = to_many("incidents.AffectedBuilding", "impact_site")


@node(models.AffectedBuilding)
class Building(Node):
    """A building in or near an impact site; its grade and habitability are those of its weightiest assessment."""

    address: str
    location: Point
    distance_m: float | None = distance()
    footprint: MultiPolygon | None
    use: enums.BuildingUse
    dwellings: int | None
    residents: int | None
    grade: enums.Grade | None = computed("with_grade", "grade")
    habitability: enums.Habitability | None = computed("with_grade", "habitability")
    created_at: datetime
    updated_at: datetime
    incident: Incident | None = to_one("incident")
    impact_site: ImpactSite | None = to_one("impact_site")
    reported_by: Organisation | None = to_one("reported_by")
    area: Area | None = to_one("area")
    assessments: Connection[Assessment] = to_many("incidents.DamageAssessment", "building")
    aid_requests: Connection[Annotated[AidRequest, strawberry.lazy("aid.api.graphql.types")]] = to_many(
        "aid.AidRequest", "building"
    )


@node(models.DamageAssessment)
class Assessment(Node):
    """One observation of one building, as it was made."""

    scale: enums.DamageScale
    value: str
    grade: enums.Grade
    crosswalk_version: int
    method: enums.AssessmentMethod
    assessed_at: datetime
    habitability: enums.Habitability | None = choice("habitability")
    created_at: datetime
    updated_at: datetime
    building: Building | None = to_one("building")
    reported_by: Organisation | None = to_one("reported_by")


@node(models.Outage)
class Outage(Node):
    """One service interrupted over areas or a polygon."""

    service: enums.Service
    status: enums.OutageStatus
    footprint: MultiPolygon | None
    customers_affected: int | None
    started_at: datetime
    expected_until: datetime | None
    restored_at: datetime | None
    is_exercise: bool
    created_at: datetime
    updated_at: datetime
    incident: Incident | None = to_one("incident")
    reported_by: Organisation | None = to_one("reported_by")
    areas: Connection[Area] = to_many("areas.Area", back_from(models.Outage, "areas"))


@node(models.AccessConstraint)
class AccessConstraint(Node):
    """Where help cannot go, from `startsAt` until a known end or until it is lifted."""

    kind: enums.AccessConstraintKind
    footprint: MultiPolygon | None
    starts_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    is_exercise: bool
    created_at: datetime
    updated_at: datetime
    reported_by: Organisation | None = to_one("reported_by")
    area: Area | None = to_one("area")
