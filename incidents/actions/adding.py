"""What every verb that adds to an incident asks first."""

from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.records.actions import locked
from coordination.records.errors import DomainError, WrongState
from incidents.enums import IncidentStatus
from incidents.models import Incident


class IncidentDismissed(WrongState):
    """What did not happen has no sites, buildings, figures or outages."""

    code = "incident_dismissed"
    message = _("This incident was dismissed.")
    field = "incident"


class ExerciseMixed(DomainError):
    """Exercise data never mixes with real data."""

    code = "exercise_mixed"
    message = _("An exercise and reality cannot be mixed.")
    field = "incident"


def incident_to_extend(incident: Incident, reported_by: Organisation) -> Incident:
    """Give the incident, locked, when this organisation may add something to it.

    An incident that is over still takes figures and inspections, which go on for weeks.

    Raises IncidentDismissed: when it was dismissed.
    Raises ExerciseMixed: when an organisation made for exercises would add to a real incident.
    """
    incident = locked(incident)
    if incident.status == IncidentStatus.DISMISSED:
        raise IncidentDismissed
    if reported_by.is_exercise and not incident.is_exercise:
        raise ExerciseMixed
    return incident
