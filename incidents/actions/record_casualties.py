from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require
from incidents import policies
from incidents.actions.adding import incident_to_extend
from incidents.actions.telling import tell_of_part
from incidents.models import CasualtyReport, Incident


class FiguresFromTheFuture(DomainError):
    """Figures are of a time that has come."""

    code = "figures_from_the_future"
    message = _("Figures cannot be of a time that is still to come.")
    field = "as_of"


@action
def record_casualties(
    *,
    incident: Incident,
    reported_by: Organisation,
    actor: Actor,
    now: datetime,
    source: str,
    as_of: datetime,
    killed: int | None = None,
    injured: int | None = None,
    missing: int | None = None,
    displaced: int | None = None,
) -> CasualtyReport:
    """Record the figures that one source gave at one time, beside those already there.

    Raises IncidentDismissed, ExerciseMixed: when the incident takes none of them.
    Raises FiguresFromTheFuture: when `as_of` is later than now.
    """
    require(policies.may_add(actor, reported_by.pk, incident))
    incident = incident_to_extend(incident, reported_by)
    if as_of > now:
        raise FiguresFromTheFuture
    report = CasualtyReport(
        incident=incident,
        reported_by=reported_by,
        source=source,
        as_of=as_of,
        killed=killed,
        injured=injured,
        missing=missing,
        displaced=displaced,
    )
    report.check_fields()
    report.save(force_insert=True)
    tell_of_part("incidents.casualties.recorded.v1", report, incident, now=now)
    return report
