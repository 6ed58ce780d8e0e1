"""What happened, brought about by the verbs themselves, so that no test starts from a state that cannot be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from incidents.actions.add_impact_site import add_impact_site
from incidents.actions.assess_building import assess_building
from incidents.actions.declare_access_constraint import declare_access_constraint
from incidents.actions.record_casualties import record_casualties
from incidents.actions.register_building import register_building
from incidents.actions.report_incident import report_incident
from incidents.actions.report_outage import report_outage
from incidents.actions.verify_incident import verify_incident
from incidents.enums import (
    AccessConstraintKind,
    AssessmentMethod,
    BuildingUse,
    DamageScale,
    Hazard,
    ImpactKind,
    ObjectKind,
    Service,
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
from tests.factories.places import POZNIAKY, box

HOUR = timedelta(hours=1)


def incident(reported_by: Organisation | None, *, now: datetime, **fields: Any) -> Incident:
    """Report a missile strike on Pozniaky an hour ago."""
    values = {
        "title": "Direct hit on a residential building",
        "hazard": Hazard.MISSILE_STRIKE,
        "occurred_at": now - HOUR,
        "location": POZNIAKY,
        **fields,
    }
    return report_incident(reported_by=reported_by, actor=SYSTEM, now=now, **values)


def confirmed_incident(reported_by: Organisation | None, *, now: datetime, **fields: Any) -> Incident:
    """Report an incident and verify it; its embargo runs."""
    return verify_incident(incident=incident(reported_by, now=now, **fields), actor=SYSTEM, now=now)


def public_incident(reported_by: Organisation | None, *, now: datetime, **fields: Any) -> Incident:
    """Report an incident and verify it, with an embargo that is over."""
    reported = incident(reported_by, now=now, **fields)
    return verify_incident(incident=reported, actor=SYSTEM, now=now, public_from=now - HOUR)


def impact_site(of: Incident, reported_by: Organisation, *, now: datetime, **fields: Any) -> ImpactSite:
    """Add the direct hit of a civilian object, an hour ago."""
    values = {
        "location": POZNIAKY,
        "kind": ImpactKind.DIRECT_HIT,
        "object_kind": ObjectKind.CIVILIAN,
        "struck_at": now - HOUR,
        **fields,
    }
    return add_impact_site(incident=of, reported_by=reported_by, actor=SYSTEM, now=now, **values)


def building(of: Incident, reported_by: Organisation, *, now: datetime, **fields: Any) -> AffectedBuilding:
    """Register a block of flats in Pozniaky."""
    values = {
        "location": POZNIAKY,
        "address": "Kyiv, Pozniaky, block 12",
        "use": BuildingUse.RESIDENTIAL,
        "dwellings": 144,
        "residents": 380,
        **fields,
    }
    return register_building(incident=of, reported_by=reported_by, actor=SYSTEM, now=now, **values)


def assessment(of: AffectedBuilding, reported_by: Organisation, *, now: datetime, **fields: Any) -> DamageAssessment:
    """Assess a building by a rapid inspection: very heavy damage."""
    values = {
        "scale": DamageScale.EMS98,
        "value": "4",
        "method": AssessmentMethod.GROUND_RAPID,
        "assessed_at": now,
        **fields,
    }
    return assess_building(building=of, reported_by=reported_by, actor=SYSTEM, now=now, **values)


def casualties(of: Incident, reported_by: Organisation, *, now: datetime, **fields: Any) -> CasualtyReport:
    """Record the figures of the State Emergency Service."""
    values = {"source": "State Emergency Service", "as_of": now, "injured": 14, **fields}
    return record_casualties(incident=of, reported_by=reported_by, actor=SYSTEM, now=now, **values)


def outage(reported_by: Organisation, *, now: datetime, **fields: Any) -> Outage:
    """Report that the power failed an hour ago on the left bank."""
    values = {"service": Service.ELECTRICITY, "started_at": now - HOUR, **fields}
    if "areas" not in values:
        values.setdefault("footprint", box(30.55, 50.38, 30.70, 50.50))
    return report_outage(reported_by=reported_by, actor=SYSTEM, now=now, **values)


def access_constraint(reported_by: Organisation, *, now: datetime, **fields: Any) -> AccessConstraint:
    """Declare an air raid alert that began an hour ago."""
    values = {"kind": AccessConstraintKind.AIR_RAID, "starts_at": now - HOUR, **fields}
    if "area" not in values:
        values.setdefault("footprint", box(30.20, 50.20, 30.90, 50.60))
    return declare_access_constraint(reported_by=reported_by, actor=SYSTEM, now=now, **values)
