"""The codes of incidents, and two tables that translate them: hazards to CAP categories, damage values to grades."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Hazard(models.TextChoices):
    MISSILE_STRIKE = "missile_strike", _("missile strike")
    DRONE_STRIKE = "drone_strike", _("drone strike")
    SHELLING = "shelling", _("shelling")
    DEBRIS_FALL = "debris_fall", _("falling debris")
    EXPLOSION = "explosion", _("explosion")
    FIRE = "fire", _("fire")
    STRUCTURAL_COLLAPSE = "structural_collapse", _("structural collapse")
    POWER_OUTAGE = "power_outage", _("power outage")
    HEATING_FAILURE = "heating_failure", _("heating failure")
    WATER_FAILURE = "water_failure", _("water failure")
    FLOOD = "flood", _("flood")
    HAZMAT = "hazmat", _("hazardous materials")
    COLD_WAVE = "cold_wave", _("cold wave")
    OTHER = "other", _("other")


class CapCategory(models.TextChoices):
    """What kind of emergency an alert is about. Source: OASIS CAP 1.2, section 3.2.2, element category."""

    GEO = "Geo", _("geophysical")
    MET = "Met", _("meteorological")
    SAFETY = "Safety", _("general emergency and public safety")
    SECURITY = "Security", _("security")
    RESCUE = "Rescue", _("rescue and recovery")
    FIRE = "Fire", _("fire suppression and rescue")
    HEALTH = "Health", _("medical and public health")
    ENV = "Env", _("pollution and other environmental")
    TRANSPORT = "Transport", _("public and private transport")
    INFRA = "Infra", _("utilities and infrastructure")
    CBRNE = "CBRNE", _("chemical, biological, radiological, nuclear or explosive threat")
    OTHER = "Other", _("other")


CAP_CATEGORIES: Mapping[str, tuple[CapCategory, ...]] = {
    Hazard.MISSILE_STRIKE: (CapCategory.SECURITY, CapCategory.SAFETY),
    Hazard.DRONE_STRIKE: (CapCategory.SECURITY, CapCategory.SAFETY),
    Hazard.SHELLING: (CapCategory.SECURITY, CapCategory.SAFETY),
    Hazard.DEBRIS_FALL: (CapCategory.SECURITY, CapCategory.SAFETY),
    Hazard.EXPLOSION: (CapCategory.SAFETY, CapCategory.RESCUE),
    Hazard.FIRE: (CapCategory.FIRE,),
    Hazard.STRUCTURAL_COLLAPSE: (CapCategory.RESCUE, CapCategory.SAFETY),
    Hazard.POWER_OUTAGE: (CapCategory.INFRA,),
    Hazard.HEATING_FAILURE: (CapCategory.INFRA,),
    Hazard.WATER_FAILURE: (CapCategory.INFRA, CapCategory.HEALTH),
    Hazard.FLOOD: (CapCategory.MET,),
    Hazard.HAZMAT: (CapCategory.CBRNE, CapCategory.ENV),
    Hazard.COLD_WAVE: (CapCategory.MET, CapCategory.HEALTH),
    Hazard.OTHER: (CapCategory.OTHER,),
}


class Severity(models.TextChoices):
    """How grave. Source: OASIS CAP 1.2, section 3.2.2, element severity."""

    EXTREME = "extreme", _("extreme")
    SEVERE = "severe", _("severe")
    MODERATE = "moderate", _("moderate")
    MINOR = "minor", _("minor")
    UNKNOWN = "unknown", _("unknown")


class Urgency(models.TextChoices):
    """How soon to act. Source: OASIS CAP 1.2, section 3.2.2, element urgency."""

    IMMEDIATE = "immediate", _("immediate")
    EXPECTED = "expected", _("expected")
    FUTURE = "future", _("future")
    PAST = "past", _("past")
    UNKNOWN = "unknown", _("unknown")


class Certainty(models.TextChoices):
    """How sure. Source: OASIS CAP 1.2, section 3.2.2, element certainty."""

    OBSERVED = "observed", _("observed")
    LIKELY = "likely", _("likely")
    POSSIBLE = "possible", _("possible")
    UNLIKELY = "unlikely", _("unlikely")
    UNKNOWN = "unknown", _("unknown")


class IncidentStatus(models.TextChoices):
    """The life of an incident: reported, active, contained, closed; dismissed from any open state."""

    REPORTED = "reported", _("reported")
    ACTIVE = "active", pgettext_lazy("status", "active")
    CONTAINED = "contained", _("contained")
    CLOSED = "closed", _("closed")
    DISMISSED = "dismissed", _("dismissed")


class Verification(models.TextChoices):
    UNVERIFIED = "unverified", _("unverified")
    VERIFIED = "verified", _("verified")
    OFFICIAL = "official", _("official")


OPEN_STATUSES = (IncidentStatus.REPORTED, IncidentStatus.ACTIVE, IncidentStatus.CONTAINED)
STANDING_STATUSES = (*OPEN_STATUSES, IncidentStatus.CLOSED)
CONFIRMED = (Verification.VERIFIED, Verification.OFFICIAL)


class ImpactKind(models.TextChoices):
    DIRECT_HIT = "direct_hit", _("direct hit")
    DEBRIS = "debris", _("debris")
    BLAST = "blast", _("blast")
    FIRE = "fire", _("fire")


class ObjectKind(models.TextChoices):
    """What was struck; all but civilian objects wait longer until they may be told."""

    CIVILIAN = "civilian", _("civilian")
    ENERGY = "energy", _("energy")
    MILITARY = "military", _("military")
    UNKNOWN = "unknown", _("unknown")


class BuildingUse(models.TextChoices):
    RESIDENTIAL = "residential", _("residential")
    EDUCATION = "education", _("education")
    HEALTH = "health", _("health care")
    SOCIAL = "social", _("social care")
    ENERGY = "energy", _("energy")
    WATER = "water", _("water")
    TRANSPORT = "transport", _("transport")
    INDUSTRY = "industry", _("industry")
    TRADE = "trade", _("shops and offices")
    CULTURE = "culture", _("culture and religion")
    PUBLIC = "public", _("public administration")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("unknown")


class Grade(models.IntegerChoices):
    """How badly a building is damaged, on the one scale to which all others are translated."""

    NONE = 0, _("none")
    LIGHT = 1, _("light")
    MODERATE = 2, _("moderate")
    SEVERE = 3, _("severe")
    DESTROYED = 4, _("destroyed")


class Habitability(models.TextChoices):
    """Whether people may be inside. Source: ATC-20 placards, by their wording since 1995."""

    INSPECTED = "inspected", _("inspected: may be used")
    RESTRICTED = "restricted", _("restricted use")
    UNSAFE = "unsafe", _("unsafe: do not enter")


class DamageScale(models.TextChoices):
    EMS98 = "ems98", _("EMS-98")
    XBD = "xbd", _("Joint Damage Scale (xBD)")
    UNOSAT = "unosat", _("UNOSAT")
    COPERNICUS = "copernicus", _("Copernicus EMS")
    FEMA = "fema", _("FEMA")
    UA_LEVEL = "ua_level", _("Ukraine: level of damage")
    UA_TECHNICAL = "ua_technical", _("Ukraine: technical inspection")


class AssessmentMethod(models.TextChoices):
    """How a building was looked at, the weightiest first."""

    GROUND_DETAILED = "ground_detailed", _("detailed inspection on the ground")
    GROUND_RAPID = "ground_rapid", _("rapid inspection on the ground")
    DRONE = "drone", _("drone")
    SATELLITE = "satellite", _("satellite")
    SELF_REPORT = "self_report", _("report of the residents")


# Written into each assessment, so that a later table can tell which grades to look at again.
CROSSWALK_VERSION = 1
# Where a scale's value spans two grades, the graver. The alignment of the scales is a judgement of this project.
# Source: EMS-98 (Grünthal, 1998); xBD (Gupta et al., 2019); UNOSAT, Copernicus EMS and FEMA damage classes;
# the forms of the Danish Refugee Council in Ukraine (level_damage, technical inspection).
CROSSWALK: Mapping[str, Mapping[str, Grade]] = {
    DamageScale.EMS98: {
        "0": Grade.NONE,
        "1": Grade.LIGHT,
        "2": Grade.MODERATE,
        "3": Grade.MODERATE,
        "4": Grade.SEVERE,
        "5": Grade.DESTROYED,
    },
    DamageScale.XBD: {
        "no_damage": Grade.NONE,
        "minor_damage": Grade.MODERATE,
        "major_damage": Grade.SEVERE,
        "destroyed": Grade.DESTROYED,
    },
    DamageScale.UNOSAT: {
        "possibly_damaged": Grade.LIGHT,
        "moderately_damaged": Grade.MODERATE,
        "severely_damaged": Grade.SEVERE,
        "destroyed": Grade.DESTROYED,
    },
    DamageScale.COPERNICUS: {
        "no_visible_damage": Grade.NONE,
        "possibly_damaged": Grade.LIGHT,
        "damaged": Grade.SEVERE,
        "destroyed": Grade.DESTROYED,
    },
    DamageScale.FEMA: {
        "affected": Grade.LIGHT,
        "minor": Grade.MODERATE,
        "major": Grade.SEVERE,
        "destroyed": Grade.DESTROYED,
    },
    DamageScale.UA_LEVEL: {
        "one": Grade.NONE,
        "two": Grade.LIGHT,
        "three": Grade.MODERATE,
        "four": Grade.DESTROYED,
    },
    DamageScale.UA_TECHNICAL: {
        "light": Grade.LIGHT,
        "medium": Grade.MODERATE,
        "heavy": Grade.DESTROYED,
    },
}


class Service(models.TextChoices):
    ELECTRICITY = "electricity", _("electricity")
    HEATING = "heating", _("heating")
    WATER = "water", _("water")
    GAS = "gas", _("gas")
    MOBILE = "mobile", _("mobile network")
    INTERNET = "internet", _("internet")


class OutageStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    ACTIVE = "active", pgettext_lazy("status", "active")
    RESTORED = "restored", _("restored")


class AccessConstraintKind(models.TextChoices):
    AIR_RAID = "air_raid", _("air raid alert")
    UNEXPLODED_ORDNANCE = "unexploded_ordnance", _("unexploded ordnance")
    CURFEW = "curfew", _("curfew")
    FIGHTING = "fighting", _("fighting")
    ROAD_CLOSED = "road_closed", _("road closed")
    FLOODED = "flooded", _("flooded")
