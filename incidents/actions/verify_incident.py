from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import WrongState, require
from incidents import policies
from incidents.actions.embargo import embargo_until, prolong_wave
from incidents.actions.telling import tell_of_incident
from incidents.enums import OPEN_STATUSES, IncidentStatus, Verification
from incidents.models import Incident


class IncidentNotOpen(WrongState):
    """Only what still goes on can be verified."""

    code = "incident_not_open"
    message = _("This incident is closed or was dismissed.")


class AlreadyVerified(WrongState):
    """Verification goes from unverified over verified to official, never back."""

    code = "already_verified"
    message = _("This incident was verified already.")


@action
def verify_incident(
    *,
    incident: Incident,
    actor: Actor,
    now: datetime,
    verification: str = Verification.VERIFIED,
    public_from: datetime | None = None,
    title: str = "",
) -> Incident:
    """Confirm that an incident happened: a reported one becomes active, and its embargo begins to run out.

    The embargo is over when it is over for the last of its sites, unless the cell says another `public_from`. Who
    verifies answers for the title, which the public will read, and gives a better one where it tells too much.

    Raises IncidentNotOpen: when it is closed or dismissed.
    Raises AlreadyVerified: when it is verified to this degree.
    """
    require(policies.may_verify(actor, incident))
    incident = locked(incident)
    if incident.status not in OPEN_STATUSES:
        raise IncidentNotOpen
    degrees = Verification.values
    if degrees.index(verification) <= degrees.index(incident.verification):
        raise AlreadyVerified
    incident.verification = verification
    if incident.status == IncidentStatus.REPORTED:
        incident.status = IncidentStatus.ACTIVE
    incident.public_from = public_from or incident.public_from or embargo_until(incident)
    incident.title = title.strip() or incident.title
    incident.check_fields()
    incident.save(update_fields=["verification", "status", "public_from", "title"])
    prolong_wave(incident, now)
    tell_of_incident("incidents.incident.verified.v1", incident, now=now)
    return incident
