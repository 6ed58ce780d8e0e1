from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require
from incidents import policies
from incidents.actions.telling import tell_of_incident
from incidents.enums import IncidentStatus
from incidents.models import Incident


class IncidentNotActive(WrongState):
    """Only an active incident can be contained."""

    code = "incident_not_active"
    message = _("Only an active incident can be contained; verify a reported one first.")


@action
def contain_incident(*, incident: Incident, actor: Actor, now: datetime) -> Incident:
    """Say that an incident spreads no further.

    Raises IncidentNotActive: when it is not active.
    """
    require(policies.may_conclude(actor, incident))
    incident = locked(incident)
    if incident.status != IncidentStatus.ACTIVE:
        raise IncidentNotActive
    incident.status = IncidentStatus.CONTAINED
    incident.save(update_fields=["status"])
    tell_of_incident("incidents.incident.contained.v1", incident, now=now)
    return incident
