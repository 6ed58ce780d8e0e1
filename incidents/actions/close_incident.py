from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require
from incidents import policies
from incidents.actions.telling import tell_of_incident
from incidents.enums import IncidentStatus
from incidents.models import Incident


class IncidentNotContained(WrongState):
    """Only a contained incident can be closed."""

    code = "incident_not_contained"
    message = _("Only a contained incident can be closed.")


@action
def close_incident(*, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """Say that an incident is over; needs that came from it stay open.

    Raises IncidentNotContained: when it is not contained.
    """
    require(policies.may_conclude(actor, incident))
    incident = locked(incident)
    if incident.status != IncidentStatus.CONTAINED:
        raise IncidentNotContained
    incident.status = IncidentStatus.CLOSED
    incident.closed_at = now
    incident.save(update_fields=["status", "closed_at"])
    tell_of_incident("incidents.incident.closed.v1", incident, now=now)
    return incident
