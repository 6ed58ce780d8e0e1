from datetime import datetime

from django.contrib.gis.geos import MultiPolygon, Polygon

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.geo.outlines import as_multi_polygon
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require
from incidents import policies
from incidents.models import AccessConstraint


@action
def declare_access_constraint(
    *,
    reported_by: Organisation,
    actor: Actor,
    now: datetime,
    kind: str,
    starts_at: datetime,
    area: Area | None = None,
    footprint: Polygon | MultiPolygon | None = None,
    until: datetime | None = None,
    is_exercise: bool = False,
) -> AccessConstraint:
    """Say where help cannot go, and from when; everybody who takes part sees it at once."""
    require(policies.may_report(actor, reported_by.pk, [area.pk] if area else []))
    access_constraint = AccessConstraint(
        reported_by=reported_by,
        kind=kind,
        area=area,
        footprint=as_multi_polygon(footprint),
        starts_at=starts_at,
        until=until,
        is_exercise=is_exercise or reported_by.is_exercise,
    )
    access_constraint.check_fields()
    access_constraint.save(force_insert=True)
    publish(
        "incidents.access_constraint.declared.v1",
        subject=access_constraint,
        now=now,
        audience=[reported_by.pk],
        data={"kind": access_constraint.kind},
    )
    return access_constraint
