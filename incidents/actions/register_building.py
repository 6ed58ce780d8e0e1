from datetime import datetime

from django.contrib.gis.geos import MultiPolygon, Point, Polygon
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
from incidents.enums import BuildingUse
from incidents.models import AffectedBuilding, ImpactSite, Incident


class SiteOfAnotherIncident(DomainError):
    """A building and its impact site belong to the same incident."""

    code = "site_of_another_incident"
    message = _("This impact site belongs to another incident.")
    field = "impact_site"


@action
def register_building(
    *,
    incident: Incident,
    reported_by: Organisation,
    actor: Actor,
    now: datetime,
    location: Point,
    impact_site: ImpactSite | None = None,
    address: str = "",
    footprint: Polygon | MultiPolygon | None = None,
    area: Area | None = None,
    use: str = BuildingUse.UNKNOWN,
    dwellings: int | None = None,
    residents: int | None = None,
) -> AffectedBuilding:
    """Register a building that an incident affected; its grade comes with the first assessment.

    Raises IncidentDismissed, ExerciseMixed: when the incident takes no building.
    Raises SiteOfAnotherIncident: when the impact site is not one of this incident's.
    """
    require(policies.may_add(actor, reported_by.pk, incident))
    incident = incident_to_extend(incident, reported_by)
    if impact_site and impact_site.incident_id != incident.pk:
        raise SiteOfAnotherIncident
    building = AffectedBuilding(
        incident=incident,
        impact_site=impact_site,
        reported_by=reported_by,
        address=address,
        location=location,
        footprint=as_multi_polygon(footprint),
        area=area or Area.objects.containing(location).first(),
        use=use,
        dwellings=dwellings,
        residents=residents,
    )
    building.check_fields()
    building.save(force_insert=True)
    tell_of_part("incidents.building.registered.v1", building, incident, now=now)
    return building
