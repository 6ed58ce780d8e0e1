from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, WrongState, require
from incidents import policies
from incidents.actions.telling import tell_of_incident
from incidents.enums import OPEN_STATUSES, IncidentStatus
from incidents.models import Incident


class IncidentEnded(WrongState):
    """Only an open incident can be dismissed."""

    code = "incident_ended"
    message = _("This incident is closed or was dismissed already.")


class DismissalReasonMissing(DomainError):
    """Who reported it wants to know why."""

    code = "dismissal_reason_missing"
    message = _("Say why the incident is dismissed.")
    field = "reason"


@action
def dismiss_incident(*, incident: Incident, actor: Actor, now: datetime, reason: str) -> Incident:
    """Say that an incident did not happen, or is no incident.

    Raises IncidentEnded: when it is closed or dismissed.
    Raises DismissalReasonMissing: when no reason is given.
    """
    require(policies.may_dismiss(actor, incident))
    incident = locked(incident)
    if incident.status not in OPEN_STATUSES:
        raise IncidentEnded
    if not reason.strip():
        raise DismissalReasonMissing
    incident.status = IncidentStatus.DISMISSED
    incident.dismissal_reason = reason.strip()
    incident.closed_at = now
    incident.check_fields()
    incident.save(update_fields=["status", "dismissal_reason", "closed_at"])
    tell_of_incident("incidents.incident.dismissed.v1", incident, now=now)
    return incident
