"""What may happen to incidents, as GraphQL mutations."""

from __future__ import annotations

from datetime import datetime

import strawberry

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.web.graphql.changes import Input, Row, mutation, verb
from coordination.web.graphql.scalars import MultiPolygon, Point
from incidents import enums, models
from incidents.actions.add_impact_site import add_impact_site
from incidents.actions.assess_building import assess_building
from incidents.actions.close_incident import close_incident
from incidents.actions.contain_incident import contain_incident
from incidents.actions.declare_access_constraint import declare_access_constraint
from incidents.actions.dismiss_incident import dismiss_incident
from incidents.actions.lift_access_constraint import lift_access_constraint
from incidents.actions.record_casualties import record_casualties
from incidents.actions.register_building import register_building
from incidents.actions.report_incident import report_incident
from incidents.actions.report_outage import report_outage
from incidents.actions.restore_outage import restore_outage
from incidents.actions.verify_incident import verify_incident
from incidents.api.graphql.types import (
    AccessConstraint,
    Assessment,
    Building,
    CasualtyReport,
    ImpactSite,
    Incident,
    Outage,
)

REPORTER = {"reported_by": Row(Organisation)}
OF_INCIDENT = {**REPORTER, "incident": Row(models.Incident, code="ref")}
AREA = {"area": Row(Area, code="pcode")}
AREAS = {"areas": Row(Area, code="pcode")}


@strawberry.input
class ReportIncidentInput(Input):
    """A report that something happened."""

    rows = {**REPORTER, **AREAS, "parent": Row(models.Incident, code="ref")}
    speaker = "reported_by"

    title: str
    hazard: enums.Hazard
    occurred_at: datetime
    description: str | None = None
    severity: enums.Severity | None = None
    urgency: enums.Urgency | None = None
    certainty: enums.Certainty | None = None
    location: Point | None = None
    footprint: MultiPolygon | None = None
    areas: list[strawberry.ID] | None = None
    parent: strawberry.ID | None = None
    reported_by: strawberry.ID | None = None
    is_exercise: bool | None = None
    client_ref: str | None = None
    client_mutation_id: str | None = None


@strawberry.input
class RecordCasualtiesInput(Input):
    """Figures of one source; what is not known is left out."""

    rows = OF_INCIDENT
    speaker = "reported_by"

    incident: strawberry.ID
    source: str
    as_of: datetime
    killed: int | None = None
    injured: int | None = None
    missing: int | None = None
    displaced: int | None = None
    reported_by: strawberry.ID | None = None
    client_mutation_id: str | None = None


@strawberry.input
class AddImpactSiteInput(Input):
    """A place that was struck."""

    rows = {**OF_INCIDENT, **AREA}
    speaker = "reported_by"

    incident: strawberry.ID
    location: Point
    kind: enums.ImpactKind
    struck_at: datetime
    object_kind: enums.ObjectKind | None = None
    area: strawberry.ID | None = None
    reported_by: strawberry.ID | None = None
    client_mutation_id: str | None = None


@strawberry.input
class RegisterBuildingInput(Input):
    """A building that an incident affected."""

    rows = {**OF_INCIDENT, **AREA, "impact_site": Row(models.ImpactSite)}
    speaker = "reported_by"

    incident: strawberry.ID
    location: Point
    impact_site: strawberry.ID | None = None
    address: str | None = None
    footprint: MultiPolygon | None = None
    area: strawberry.ID | None = None
    use: enums.BuildingUse | None = None
    dwellings: int | None = None
    residents: int | None = None
    reported_by: strawberry.ID | None = None
    client_mutation_id: str | None = None


@strawberry.input
class AssessBuildingInput(Input):
    """One observation of one building, on the scale on which it was made."""

    rows = {**REPORTER, "building": Row(models.AffectedBuilding)}
    speaker = "reported_by"

    building: strawberry.ID
    scale: enums.DamageScale
    value: str
    method: enums.AssessmentMethod
    assessed_at: datetime
    habitability: enums.Habitability | None = None
    reported_by: strawberry.ID | None = None
    client_mutation_id: str | None = None


@strawberry.input
class ReportOutageInput(Input):
    """A service that is interrupted, or will be."""

    rows = {**OF_INCIDENT, **AREAS}
    speaker = "reported_by"

    service: enums.Service
    started_at: datetime
    areas: list[strawberry.ID] | None = None
    footprint: MultiPolygon | None = None
    incident: strawberry.ID | None = None
    customers_affected: int | None = None
    expected_until: datetime | None = None
    reported_by: strawberry.ID | None = None
    client_mutation_id: str | None = None


@strawberry.input
class DeclareAccessConstraintInput(Input):
    """Where help cannot go: an area, an outline or both."""

    rows = {**REPORTER, **AREA}
    speaker = "reported_by"

    kind: enums.AccessConstraintKind
    starts_at: datetime
    area: strawberry.ID | None = None
    footprint: MultiPolygon | None = None
    until: datetime | None = None
    is_exercise: bool | None = None
    reported_by: strawberry.ID | None = None
    client_mutation_id: str | None = None


@strawberry.type
class IncidentsMutation:
    """What may happen to incidents."""

    report_incident = mutation(report_incident, ReportIncidentInput, Incident)
    verify_incident = verb(
        verify_incident,
        "incident",
        Incident,
        verification=enums.Verification | None,
        public_from=datetime | None,
        title=str | None,
    )
    contain_incident = verb(contain_incident, "incident", Incident)
    dismiss_incident = verb(dismiss_incident, "incident", Incident, reason=str)
    close_incident = verb(close_incident, "incident", Incident)
    record_casualties = mutation(record_casualties, RecordCasualtiesInput, CasualtyReport)
    add_impact_site = mutation(add_impact_site, AddImpactSiteInput, ImpactSite)
    register_building = mutation(register_building, RegisterBuildingInput, Building)
    assess_building = mutation(assess_building, AssessBuildingInput, Assessment)
    report_outage = mutation(report_outage, ReportOutageInput, Outage)
    restore_outage = verb(restore_outage, "outage", Outage, restored_at=datetime | None)
    declare_access_constraint = mutation(declare_access_constraint, DeclareAccessConstraintInput, AccessConstraint)
    lift_access_constraint = verb(lift_access_constraint, "access_constraint", AccessConstraint)
