from collections.abc import Sequence
from datetime import datetime

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.outlines import as_multi_polygon
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require
from incidents import policies
from incidents.actions.adding import incident_to_extend
from incidents.actions.telling import tell_of_part
from incidents.enums import OutageStatus
from incidents.models import Incident, Outage


class OutageWithoutPlace(DomainError):
    """An outage is somewhere."""

    code = "outage_without_place"
    message = _("Name the areas of the outage or draw its outline.")
    field = "areas"


@action
def report_outage(
    *,
    reported_by: Organisation,
    actor: Actor,
    now: datetime,
    service: str,
    started_at: datetime,
    areas: Sequence[Area] = (),
    footprint: Polygon | MultiPolygon | None = None,
    incident: Incident | None = None,
    customers_affected: int | None = None,
    expected_until: datetime | None = None,
) -> Outage:
    """Report that a service is interrupted, or will be: an outage that starts later is planned.

    It is an exercise when its incident is one, or else when its reporter was made for exercises.

    Raises OutageWithoutPlace: when neither areas nor an outline are given.
    Raises IncidentDismissed, ExerciseMixed: when the incident takes no outage.
    """
    require(policies.may_report(actor, reported_by.pk, [area.pk for area in areas]))
    if incident:
        incident = incident_to_extend(incident, reported_by)
    if not areas and not footprint:
        raise OutageWithoutPlace
    outage = Outage(
        incident=incident,
        reported_by=reported_by,
        service=service,
        status=OutageStatus.PLANNED if started_at > now else OutageStatus.ACTIVE,
        footprint=as_multi_polygon(footprint),
        customers_affected=customers_affected,
        started_at=started_at,
        expected_until=expected_until,
        is_exercise=incident.is_exercise if incident else reported_by.is_exercise,
    )
    outage.check_fields()
    outage.save(force_insert=True)
    outage.areas.set(areas)
    tell_of_part(
        "incidents.outage.reported.v1", outage, incident, now=now, service=outage.service, status=outage.status
    )
    return outage
