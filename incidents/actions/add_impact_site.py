from datetime import datetime

from django.contrib.gis.geos import Point

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.cells import INCIDENT_RESOLUTION, cell_of
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require
from incidents import policies
from incidents.actions.adding import incident_to_extend
from incidents.actions.embargo import prolong_wave
from incidents.actions.telling import tell_of_part
from incidents.enums import CONFIRMED, ObjectKind
from incidents.models import ImpactSite, Incident


@action
def add_impact_site(
    *,
    incident: Incident,
    reported_by: Organisation,
    actor: Actor,
    now: datetime,
    location: Point,
    kind: str,
    struck_at: datetime,
    object_kind: str = ObjectKind.UNKNOWN,
    area: Area | None = None,
) -> ImpactSite:
    """Add a place that was struck to an incident, which then lies in the site's area too.

    A site can delay the moment at which a verified incident becomes public, and never brings it forward.

    Raises IncidentDismissed, ExerciseMixed: when the incident takes no site.
    """
    require(policies.may_add_site(actor, incident, reported_by))
    incident = incident_to_extend(incident, reported_by)
    site = ImpactSite(
        incident=incident,
        reported_by=reported_by,
        location=location,
        public_cell=cell_of(location, INCIDENT_RESOLUTION),
        area=area or Area.objects.containing(location).first(),
        kind=kind,
        object_kind=object_kind,
        struck_at=struck_at,
        reported_at=now,
    )
    site.check_fields()
    site.save(force_insert=True)
    _extend(incident, site, now)
    tell_of_part("incidents.impact_site.added.v1", site, incident, now=now, public_cell=site.public_cell)
    return site


def _extend(incident: Incident, site: ImpactSite, now: datetime) -> None:
    if site.area:
        incident.areas.add(site.area)
    if incident.verification in CONFIRMED:
        incident.public_from = max(site.embargo_until, incident.public_from or site.embargo_until)
    incident.public_cell = incident.public_cell or site.public_cell
    incident.save(update_fields=["public_from", "public_cell"])
    prolong_wave(incident, now)
