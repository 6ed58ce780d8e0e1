from collections.abc import Sequence
from datetime import datetime

from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.cells import INCIDENT_RESOLUTION, cell_of
from coordination.geo.outlines import as_multi_polygon
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require
from incidents import policies
from incidents.actions.adding import ExerciseMixed, IncidentDismissed
from incidents.actions.telling import tell_of_incident
from incidents.enums import Certainty, IncidentStatus, Severity, Urgency
from incidents.models import Incident


class WaveWithinWave(DomainError):
    """A wave has children, and its children have none."""

    code = "wave_within_wave"
    message = _("This incident is itself part of a wave: choose the wave.")
    field = "parent"


@action
def report_incident(
    *,
    reported_by: Organisation | None,
    actor: Actor,
    now: datetime,
    title: str,
    hazard: str,
    occurred_at: datetime,
    description: str = "",
    severity: str = Severity.UNKNOWN,
    urgency: str = Urgency.UNKNOWN,
    certainty: str = Certainty.UNKNOWN,
    location: Point | None = None,
    footprint: Polygon | MultiPolygon | None = None,
    areas: Sequence[Area] = (),
    parent: Incident | None = None,
    is_exercise: bool = False,
    client_ref: str = "",
) -> Incident:
    """Report that something happened; nobody but the reporter and the cell sees it until it is verified.

    Without `areas` it lies in the finest area around its place. What an organisation made for exercises reports
    is an exercise.

    Raises WaveWithinWave, IncidentDismissed, ExerciseMixed: when `parent` cannot be its wave.
    """
    outline = as_multi_polygon(footprint)
    place = location or (outline.point_on_surface if outline else None)
    areas = areas or list(Area.objects.containing(place)[:1] if place else [])
    require(policies.may_report(actor, reported_by.pk if reported_by else None, [area.pk for area in areas]))
    is_exercise = is_exercise or bool(reported_by and reported_by.is_exercise)
    if parent:
        _check_wave(parent, is_exercise=is_exercise)
    incident = Incident(
        title=title,
        description=description,
        hazard=hazard,
        severity=severity,
        urgency=urgency,
        certainty=certainty,
        occurred_at=occurred_at,
        reported_at=now,
        parent=parent,
        reported_by=reported_by,
        location=location,
        footprint=outline,
        public_cell=cell_of(place, INCIDENT_RESOLUTION) if place else "",
        is_exercise=is_exercise,
        client_ref=client_ref,
    )
    incident.check_fields()
    incident.save(force_insert=True)
    incident.areas.set(areas)
    tell_of_incident("incidents.incident.reported.v1", incident, now=now)
    return incident


def _check_wave(parent: Incident, *, is_exercise: bool) -> None:
    if parent.parent_id:
        raise WaveWithinWave
    if parent.status == IncidentStatus.DISMISSED:
        raise IncidentDismissed(field="parent")
    if parent.is_exercise != is_exercise:
        raise ExerciseMixed(field="parent")
