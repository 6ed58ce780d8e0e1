"""Incidents through REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.records.actors import Actor
from coordination.web.fields import ActingOrganisation, GeometryField, RelatedId, RelatedRows
from coordination.web.filters import Place
from coordination.web.rest import GuardedViewSet, Router, creation, verb
from coordination.web.serializers import Body, DistanceField, Reason, Row
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
from incidents.enums import (
    AccessConstraintKind,
    AssessmentMethod,
    BuildingUse,
    Certainty,
    DamageScale,
    Grade,
    Habitability,
    Hazard,
    ImpactKind,
    ObjectKind,
    Service,
    Severity,
    Urgency,
    Verification,
)
from incidents.models import (
    AccessConstraint,
    AffectedBuilding,
    CasualtyReport,
    DamageAssessment,
    ImpactSite,
    Incident,
    Outage,
)

OUTLINE = ("Polygon", "MultiPolygon")


def with_areas(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Load the areas of incidents or outages."""
    areas = Area.objects.visible_to(actor).only("id").order_by("id")
    return rows.prefetch_related(Prefetch("areas", queryset=areas, to_attr="shown_areas"))


class Reported(Body):
    """What every report says: in whose name it is made; without it, in that of the caller's organisation."""

    reported_by = RelatedId(Organisation, default=ActingOrganisation())


class IncidentRow(Row):
    """An incident."""

    distance_m = DistanceField()

    class Meta:
        model = Incident
        fields = [
            "id", "ref", "disclosure", "title", "description", "hazard", "severity", "urgency", "certainty", "status",
            "verification", "occurred_at", "reported_at", "closed_at", "dismissal_reason", "parent", "reported_by",
            "location", "footprint", "public_cell", "areas", "public_from", "is_exercise", "client_ref", "distance_m",
            "created_at", "updated_at",
        ]  # fmt: skip

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return with_areas(rows, actor)


class NewIncident(Reported):
    """A report that something happened."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=5_000, allow_blank=True, required=False)
    hazard = serializers.ChoiceField(choices=Hazard.choices)
    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    urgency = serializers.ChoiceField(choices=Urgency.choices, required=False)
    certainty = serializers.ChoiceField(choices=Certainty.choices, required=False)
    occurred_at = serializers.DateTimeField()
    location = GeometryField(required=False, allow_null=True)
    footprint = GeometryField(OUTLINE, required=False, allow_null=True)
    areas = RelatedRows(Area, code="pcode", required=False)
    parent = RelatedId(Incident, code="ref", required=False, allow_null=True)  # type: ignore[assignment] # DRF takes declared fields out of the class
    is_exercise = serializers.BooleanField(required=False)
    client_ref = serializers.CharField(max_length=100, allow_blank=True, required=False)


class Confirmation(Body):
    """How sure it is that an incident happened, from when the public may know, and what it then reads as its title."""

    verification = serializers.ChoiceField(
        choices=[choice for choice in Verification.choices if choice[0] != Verification.UNVERIFIED], required=False
    )
    public_from = serializers.DateTimeField(required=False, allow_null=True)
    title = serializers.CharField(max_length=200, allow_blank=True, required=False)


class IncidentViewSet(GuardedViewSet):
    """What happened."""

    model = Incident
    serializer_class = IncidentRow
    place = Place(point="location", cell="public_cell", area="areas")
    filterset_fields = (
        "status", "verification", "hazard", "severity", "urgency", "certainty", "parent", "reported_by", "is_exercise",
        "client_ref",
    )  # fmt: skip

    create = creation(report_incident, NewIncident)
    verify = verb("verify", verify_incident, subject="incident", body=Confirmation)
    contain = verb("contain", contain_incident, subject="incident")
    dismiss = verb("dismiss", dismiss_incident, subject="incident", body=Reason)
    close = verb("close", close_incident, subject="incident")


class CasualtyReportRow(Row):
    """Figures of one source."""

    class Meta:
        model = CasualtyReport
        fields = [
            "id", "disclosure", "incident", "reported_by", "killed", "injured", "missing", "displaced", "source",
            "as_of", "created_at", "updated_at",
        ]  # fmt: skip


class NewCasualtyReport(Reported):
    """Figures of one source; what is not known is left out."""

    incident = RelatedId(Incident, code="ref")
    killed = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    injured = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    missing = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    displaced = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    source = serializers.CharField(max_length=200)  # type: ignore[assignment] # DRF takes declared fields out of the class
    as_of = serializers.DateTimeField()


class CasualtyReportViewSet(GuardedViewSet):
    """Figures of the killed, injured, missing and displaced, by source and time."""

    model = CasualtyReport
    serializer_class = CasualtyReportRow
    filterset_fields = ("incident", "reported_by")

    create = creation(record_casualties, NewCasualtyReport)


class ImpactSiteRow(Row):
    """A place that was struck."""

    distance_m = DistanceField()

    class Meta:
        model = ImpactSite
        fields = [
            "id", "disclosure", "incident", "reported_by", "location", "public_cell", "area", "kind", "object_kind",
            "struck_at", "reported_at", "distance_m", "created_at", "updated_at",
        ]  # fmt: skip


class NewImpactSite(Reported):
    """A place that was struck."""

    incident = RelatedId(Incident, code="ref")
    location = GeometryField()
    area = RelatedId(Area, code="pcode", required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=ImpactKind.choices)
    object_kind = serializers.ChoiceField(choices=ObjectKind.choices, required=False)
    struck_at = serializers.DateTimeField()


class ImpactSiteViewSet(GuardedViewSet):
    """Places that were struck or where debris fell."""

    model = ImpactSite
    serializer_class = ImpactSiteRow
    place = Place(point="location", cell="public_cell", area="area")
    filterset_fields = ("incident", "kind", "object_kind", "reported_by")

    create = creation(add_impact_site, NewImpactSite)


class BuildingRow(Row):
    """An affected building, with the grade and habitability that its assessments give it."""

    grade = serializers.ChoiceField(choices=Grade.choices, read_only=True, allow_null=True)
    habitability = serializers.ChoiceField(choices=Habitability.choices, read_only=True, allow_null=True)
    distance_m = DistanceField()

    class Meta:
        model = AffectedBuilding
        fields = [
            "id", "disclosure", "incident", "impact_site", "reported_by", "address", "location", "footprint", "area",
            "use", "dwellings", "residents", "grade", "habitability", "distance_m", "created_at", "updated_at",
        ]  # fmt: skip

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        graded: QuerySet[Any] = rows.with_grade()  # type: ignore[attr-defined] # of AffectedBuildingQuerySet
        return graded


class NewBuilding(Reported):
    """A building that an incident affected."""

    incident = RelatedId(Incident, code="ref")
    impact_site = RelatedId(ImpactSite, required=False, allow_null=True)
    address = serializers.CharField(max_length=300, allow_blank=True, required=False)
    location = GeometryField()
    footprint = GeometryField(OUTLINE, required=False, allow_null=True)
    area = RelatedId(Area, code="pcode", required=False, allow_null=True)
    use = serializers.ChoiceField(choices=BuildingUse.choices, required=False)
    dwellings = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    residents = serializers.IntegerField(min_value=0, required=False, allow_null=True)


class BuildingViewSet(GuardedViewSet):
    """Buildings that incidents affected."""

    model = AffectedBuilding
    serializer_class = BuildingRow
    place = Place(point="location", area="area")
    filterset_fields = ("incident", "impact_site", "use", "reported_by")

    create = creation(register_building, NewBuilding)


class AssessmentRow(Row):
    """One observation of one building."""

    class Meta:
        model = DamageAssessment
        fields = [
            "id", "disclosure", "building", "reported_by", "scale", "value", "grade", "crosswalk_version", "method",
            "assessed_at", "habitability", "created_at", "updated_at",
        ]  # fmt: skip


class NewAssessment(Reported):
    """One observation of one building, on the scale on which it was made."""

    building = RelatedId(AffectedBuilding)
    scale = serializers.ChoiceField(choices=DamageScale.choices)
    value = serializers.CharField(max_length=30, help_text=_("As it is written on the scale."))
    method = serializers.ChoiceField(choices=AssessmentMethod.choices)
    assessed_at = serializers.DateTimeField()
    habitability = serializers.ChoiceField(choices=Habitability.choices, required=False, allow_blank=True)


class AssessmentViewSet(GuardedViewSet):
    """Observations of damaged buildings, never changed."""

    model = DamageAssessment
    serializer_class = AssessmentRow
    filterset_fields = ("building", "scale", "grade", "method", "habitability", "reported_by")

    create = creation(assess_building, NewAssessment)


class OutageRow(Row):
    """A service that is interrupted."""

    class Meta:
        model = Outage
        fields = [
            "id", "disclosure", "incident", "reported_by", "service", "status", "areas", "footprint",
            "customers_affected", "started_at", "expected_until", "restored_at", "is_exercise", "created_at",
            "updated_at",
        ]  # fmt: skip

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return with_areas(rows, actor)


class NewOutage(Reported):
    """A service that is interrupted, or will be."""

    incident = RelatedId(Incident, code="ref", required=False, allow_null=True)
    service = serializers.ChoiceField(choices=Service.choices)
    areas = RelatedRows(Area, code="pcode", required=False)
    footprint = GeometryField(OUTLINE, required=False, allow_null=True)
    customers_affected = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    started_at = serializers.DateTimeField()
    expected_until = serializers.DateTimeField(required=False, allow_null=True)


class Restoration(Body):
    """Since when the service is back; without it, now."""

    restored_at = serializers.DateTimeField(required=False, allow_null=True)


class OutageViewSet(GuardedViewSet):
    """Services that are interrupted."""

    model = Outage
    serializer_class = OutageRow
    place = Place(area="areas")
    filterset_fields = ("incident", "service", "status", "reported_by", "is_exercise")

    create = creation(report_outage, NewOutage)
    restore = verb("restore", restore_outage, subject="outage", body=Restoration)


class AccessConstraintRow(Row):
    """A place where help cannot go."""

    class Meta:
        model = AccessConstraint
        fields = [
            "id", "disclosure", "reported_by", "kind", "area", "footprint", "starts_at", "until", "lifted_at",
            "is_exercise", "created_at", "updated_at",
        ]  # fmt: skip


class NewAccessConstraint(Reported):
    """Where help cannot go: an area, an outline or both."""

    kind = serializers.ChoiceField(choices=AccessConstraintKind.choices)
    area = RelatedId(Area, code="pcode", required=False, allow_null=True)
    footprint = GeometryField(OUTLINE, required=False, allow_null=True)
    starts_at = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, allow_null=True)
    is_exercise = serializers.BooleanField(required=False)


class AccessConstraintViewSet(GuardedViewSet):
    """Where help cannot go now."""

    model = AccessConstraint
    serializer_class = AccessConstraintRow
    place = Place(area="area")
    filterset_fields = ("kind", "reported_by", "is_exercise")

    create = creation(declare_access_constraint, NewAccessConstraint)
    lift = verb("lift", lift_access_constraint, subject="access_constraint")


router = Router()
router.register("incidents", IncidentViewSet, basename="incident")
router.register("casualty-reports", CasualtyReportViewSet, basename="casualty-report")
router.register("impact-sites", ImpactSiteViewSet, basename="impact-site")
router.register("buildings", BuildingViewSet, basename="building")
router.register("assessments", AssessmentViewSet, basename="assessment")
router.register("outages", OutageViewSet, basename="outage")
router.register("access-constraints", AccessConstraintViewSet, basename="access-constraint")
