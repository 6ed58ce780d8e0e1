"""What happened in the world: one row of each kind for each reason to see it or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point

from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from incidents.actions.verify_incident import verify_incident
from incidents.models import Incident, Outage
from tests.factories import incidents
from tests.factories.incidents import HOUR
from tests.factories.places import OBOLON, POZNIAKY, box

Rows = dict[str, dict[str, Any]]

# Who reported each incident, and where it was: Pozniaky lies in the district that one cell answers for.
REPORTS: Mapping[str, tuple[str, Point]] = {
    "own": ("own", POZNIAKY),
    "own_far": ("own", OBOLON),
    "foreign": ("foreign", POZNIAKY),
    "foreign_far": ("foreign", OBOLON),
    # One of our requests names it.
    "concerning_us": ("foreign", OBOLON),
    # Verified, but its embargo runs.
    "embargoed": ("foreign", OBOLON),
    "public": ("foreign", OBOLON),
    "public_exercise": ("exercise", OBOLON),
    "dismissed": ("foreign", OBOLON),
    "of_giver": ("shared_place", OBOLON),
}
OF_INCIDENTS = ("own", "foreign", "foreign_far", "concerning_us", "embargoed", "public")
VERIFIED = ("embargoed", "public", "public_exercise")


def happened(of: Mapping[str, Organisation], now: datetime) -> Rows:
    """Make what happened; everything that may be hidden has a value."""
    reported = {
        name: incidents.incident(
            of[reporter],
            now=now,
            location=place,
            title=f"incident {name}.",
            description=f"description of {name}.",
            footprint=_around(place),
            client_ref=f"incident-ref-{name}.",
        )
        for name, (reporter, place) in REPORTS.items()
    }
    rows: Rows = {"incidents.Incident": reported}
    parts: Rows = {name: _parts(reported[name], of[REPORTS[name][0]], name, now) for name in OF_INCIDENTS}
    for label in parts["own"]:
        rows[label] = {name: of_incident[label] for name, of_incident in parts.items()}
    outages = rows["incidents.Outage"]
    outages["alone"] = incidents.outage(of["foreign"], now=now)
    outages["announced"] = incidents.outage(of["foreign"], now=now, started_at=now + 12 * HOUR)
    outages["waited"] = incidents.outage(of["foreign"], now=now)
    Outage.objects.filter(pk=outages["waited"].pk).update(created_at=now - 48 * HOUR)
    outages["alone_exercise"] = incidents.outage(of["exercise"], now=now, started_at=now + 12 * HOUR)
    rows["incidents.CasualtyReport"]["confirmed"] = incidents.casualties(reported["public"], of["cell"], now=now)
    rows["incidents.AccessConstraint"] = {
        "own": incidents.access_constraint(of["own"], now=now),
        "foreign": incidents.access_constraint(of["foreign"], now=now),
    }
    for name in VERIFIED:
        verify_incident(
            incident=reported[name],
            actor=SYSTEM,
            now=now,
            public_from=now - HOUR if name.startswith("public") else now + HOUR,
        )
    Incident.objects.filter(pk=reported["dismissed"].pk).update(
        status="dismissed", dismissal_reason="reason of dismissed", closed_at=now, verification="official"
    )
    return rows


def _parts(of: Incident, reporter: Organisation, name: str, now: datetime) -> dict[str, Any]:
    place = REPORTS[name][1]
    site = incidents.impact_site(of, reporter, now=now, location=place)
    house = incidents.building(
        of, reporter, now=now, location=place, impact_site=site, address=f"address of {name}.", footprint=_around(place)
    )
    return {
        "incidents.CasualtyReport": incidents.casualties(of, reporter, now=now, source=f"source of {name}."),
        "incidents.ImpactSite": site,
        "incidents.AffectedBuilding": house,
        "incidents.DamageAssessment": incidents.assessment(house, reporter, now=now),
        "incidents.Outage": incidents.outage(
            reporter, now=now, incident=of, footprint=_around(place), areas=of.areas.all()
        ),
    }


def _around(place: Point) -> MultiPolygon:
    return box(place.x - 0.001, place.y - 0.001, place.x + 0.001, place.y + 0.001)
