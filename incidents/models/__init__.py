"""What happened."""

from incidents.models.access_constraint import AccessConstraint
from incidents.models.affected_building import AffectedBuilding
from incidents.models.casualty_report import CasualtyReport
from incidents.models.damage_assessment import DamageAssessment
from incidents.models.impact_site import ImpactSite
from incidents.models.incident import Incident
from incidents.models.outage import Outage

__all__ = [
    "AccessConstraint",
    "AffectedBuilding",
    "CasualtyReport",
    "DamageAssessment",
    "ImpactSite",
    "Incident",
    "Outage",
]
