"""What happened, as GraphQL lists."""

from __future__ import annotations

from typing import Any

import strawberry
from django.db.models import QuerySet

from coordination.records.actors import Actor
from coordination.web.filters import Place
from coordination.web.graphql.connections import Connection, collection
from coordination.web.graphql.where import Changed, InArea, PlacedOrder, matching_text
from incidents import enums
from incidents.api.graphql.types import (
    AccessConstraint,
    Assessment,
    Building,
    CasualtyReport,
    ImpactSite,
    Incident,
    Outage,
)


@strawberry.input
class IncidentWhere(Changed, InArea):
    """What incidents can be narrowed by."""

    ref: str | None = None
    status: list[enums.IncidentStatus] | None = None
    verification: list[enums.Verification] | None = None
    hazard: list[enums.Hazard] | None = None
    severity: list[enums.Severity] | None = None
    parent: strawberry.ID | None = None
    reported_by: strawberry.ID | None = None
    is_exercise: bool | None = None
    q: str | None = strawberry.field(default=None, description="A part of the title or the reference.")

    def by_q(self, rows: QuerySet[Any], _actor: Actor) -> QuerySet[Any]:
        return matching_text(rows, self.q or "", "title", "ref")


@strawberry.input
class CasualtyReportWhere(Changed):
    """What casualty reports can be narrowed by."""

    incident: strawberry.ID | None = None
    reported_by: strawberry.ID | None = None


@strawberry.input
class ImpactSiteWhere(Changed, InArea):
    """What impact sites can be narrowed by."""

    incident: strawberry.ID | None = None
    kind: list[enums.ImpactKind] | None = None
    object_kind: list[enums.ObjectKind] | None = None
    reported_by: strawberry.ID | None = None


@strawberry.input
class BuildingWhere(Changed, InArea):
    """What buildings can be narrowed by."""

    incident: strawberry.ID | None = None
    impact_site: strawberry.ID | None = None
    use: list[enums.BuildingUse] | None = None
    reported_by: strawberry.ID | None = None


@strawberry.input
class AssessmentWhere(Changed):
    """What assessments can be narrowed by."""

    building: strawberry.ID | None = None
    scale: list[enums.DamageScale] | None = None
    grade: list[enums.Grade] | None = None
    method: list[enums.AssessmentMethod] | None = None
    habitability: list[enums.Habitability] | None = None


@strawberry.input
class OutageWhere(Changed, InArea):
    """What outages can be narrowed by."""

    incident: strawberry.ID | None = None
    service: list[enums.Service] | None = None
    status: list[enums.OutageStatus] | None = None
    reported_by: strawberry.ID | None = None
    is_exercise: bool | None = None


@strawberry.input
class AccessConstraintWhere(Changed, InArea):
    """What access constraints can be narrowed by."""

    kind: list[enums.AccessConstraintKind] | None = None
    reported_by: strawberry.ID | None = None
    is_exercise: bool | None = None


@strawberry.type
class IncidentsQuery:
    """What happened."""

    incidents: Connection[Incident] = collection(
        Incident,
        where=IncidentWhere,
        place=Place(point="location", cell="public_cell", area="areas"),
        order_by=PlacedOrder,
        description="Events and waves of events.",
    )
    casualty_reports: Connection[CasualtyReport] = collection(
        CasualtyReport, where=CasualtyReportWhere, description="Figures of the killed, injured, missing and displaced."
    )
    impact_sites: Connection[ImpactSite] = collection(
        ImpactSite,
        where=ImpactSiteWhere,
        place=Place(point="location", cell="public_cell", area="area"),
        order_by=PlacedOrder,
        description="Places that were struck or where debris fell.",
    )
    buildings: Connection[Building] = collection(
        Building,
        where=BuildingWhere,
        place=Place(point="location", area="area"),
        order_by=PlacedOrder,
        description="Buildings that incidents affected.",
    )
    assessments: Connection[Assessment] = collection(
        Assessment, where=AssessmentWhere, description="Observations of damaged buildings, never changed."
    )
    outages: Connection[Outage] = collection(Outage, where=OutageWhere, description="Services that are interrupted.")
    access_constraints: Connection[AccessConstraint] = collection(
        AccessConstraint, where=AccessConstraintWhere, description="Where help cannot go."
    )
