from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coordination.access.models import Organisation
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, require
from incidents import policies
from incidents.actions.adding import incident_to_extend
from incidents.actions.telling import tell_of_part
from incidents.enums import CROSSWALK, CROSSWALK_VERSION
from incidents.models import AffectedBuilding, DamageAssessment


class UnknownDamageValue(DomainError):
    """Every scale has its own values, and no other can be graded."""

    code = "unknown_damage_value"
    message = _("This scale does not have this value.")
    field = "value"


class AssessedInTheFuture(DomainError):
    """An assessment was made at a time that has come."""

    code = "assessed_in_the_future"
    message = _("An assessment cannot be of a time that is still to come.")
    field = "assessed_at"


@action
def assess_building(
    *,
    building: AffectedBuilding,
    reported_by: Organisation,
    actor: Actor,
    now: datetime,
    scale: str,
    value: str,
    method: str,
    assessed_at: datetime,
    habitability: str = "",
) -> DamageAssessment:
    """Keep one observation of a building as it was made, with the grade that the present crosswalk gives it.

    Raises IncidentDismissed, ExerciseMixed: when the building's incident takes no assessment.
    Raises UnknownDamageValue: when the scale has no such value.
    Raises AssessedInTheFuture: when `assessed_at` is later than now.
    """
    require(policies.may_add(actor, reported_by.pk, building.incident))
    incident = incident_to_extend(building.incident, reported_by)
    if value not in CROSSWALK.get(scale, {}):
        raise UnknownDamageValue
    if assessed_at > now:
        raise AssessedInTheFuture
    assessment = DamageAssessment(
        building=building,
        reported_by=reported_by,
        scale=scale,
        value=value,
        grade=CROSSWALK[scale][value],
        crosswalk_version=CROSSWALK_VERSION,
        method=method,
        assessed_at=assessed_at,
        assessor_id=actor.user_id,
        habitability=habitability,
    )
    assessment.check_fields()
    assessment.save(force_insert=True)
    tell_of_part("incidents.building.assessed.v1", assessment, incident, now=now, building=str(building.pk))
    return assessment
