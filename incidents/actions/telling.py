"""How the verbs of this folder tell what they did: ids, refs, states and coarse places."""

from datetime import datetime
from typing import Any

from coordination.outbox.publishing import publish
from incidents.models import AffectedBuilding, CasualtyReport, DamageAssessment, ImpactSite, Incident, Outage


def tell_of_incident(type_: str, incident: Incident, *, now: datetime) -> None:
    """Write an event about an incident, for its reporter and the cell; the embargo is no event's to lift."""
    publish(
        type_,
        subject=incident,
        now=now,
        audience=[incident.reported_by_id],
        data={
            "ref": incident.ref,
            "status": incident.status,
            "verification": incident.verification,
            "public_cell": incident.public_cell,
        },
    )


def tell_of_part(
    type_: str,
    part: CasualtyReport | ImpactSite | AffectedBuilding | DamageAssessment | Outage,
    incident: Incident | None,
    *,
    now: datetime,
    **state: Any,
) -> None:
    """Write an event about something in an incident, for its reporter, the incident's reporter and the cell."""
    about = {"incident": str(incident.pk), "incident_ref": incident.ref} if incident else {}
    audience = [part.reported_by_id, incident.reported_by_id if incident else None]
    publish(type_, subject=part, now=now, audience=audience, data={**about, **state})
