"""Questions about incidents, and who sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from coordination.records.actors import Actor
from coordination.records.clock import PUBLIC_STEP, public_now
from coordination.records.visibility import Disclosure, VisibleQuerySet
from incidents.enums import CONFIRMED, STANDING_STATUSES, AssessmentMethod

if TYPE_CHECKING:
    from incidents.models import (
        AccessConstraint,
        AffectedBuilding,
        CasualtyReport,
        DamageAssessment,
        ImpactSite,
        Incident,
        Outage,
    )

Rules = dict[Disclosure, Q] | Disclosure


def _at(path: str, **conditions: object) -> Q:
    return Q(**{f"{path}{name}": value for name, value in conditions.items()})


def _related_model(model: type[models.Model], name: str) -> type[models.Model]:
    return cast(type[models.Model], model._meta.get_field(name).related_model)


def _own(actor: Actor, path: str) -> Q:
    return Q(**{f"{path}__among": actor.organisation_ids})


def _answered_for(actor: Actor, area: str) -> Q:
    """Tell whether a cell of the actor's answers for where a row lies; nowhere known is every cell's."""
    if not actor.is_cell:
        return Q(pk__in=[])
    return Q(**{f"{area}__among": actor.area_ids}) | Q(**{f"{area}__isnull": True})


def _lies_in(actor: Actor, subject: type[models.Model], key: str) -> Q:
    """Tell whether a cell of the actor's answers for an area of the subject with this key, or no area is known."""
    if not actor.is_cell:
        return Q(pk__in=[])
    links = cast("models.ManyToManyField[Any, Any]", subject._meta.get_field("areas"))
    name = links.m2m_field_name()
    known = cast(type[models.Model], links.remote_field.through)._base_manager.all()
    here = known.filter(area__among=actor.area_ids).values(name)
    return Q(**{f"{key}__in": here}) | Q(~Exists(known.filter(**{name: OuterRef(key)})))


def _confirmed(path: str) -> Q:
    return _at(path, verification__in=CONFIRMED, status__in=STANDING_STATUSES)


def _confirmed_for(actor: Actor, path: str) -> Q:
    """Tell whether the incident at a path is confirmed, and no more real than what the actor takes part in."""
    return _confirmed(path) & _at(path, is_exercise=True) if actor.only_practises else _confirmed(path)


def _public(path: str) -> Q:
    """Tell whether the incident at a path may be told to everybody: confirmed, real, and its embargo over."""
    return _confirmed(path) & _at(path, public_from__lte=public_now(), is_exercise=False)


def _told_unlinked() -> Q:
    """Tell whether the public is told of an outage that nobody linked to an incident: it might be of a strike.

    One that was announced well ahead is of none; any other waits as long as an object of unknown kind.
    """
    waited = Q(created_at__lte=public_now() - timedelta(hours=settings.EMBARGO_OTHER_H))
    announced = Q(started_at__gte=F("created_at") + timedelta(hours=settings.EMBARGO_CIVILIAN_H))
    return Q(is_exercise=False) & (waited | announced)


def _public_since(path: str, moment: datetime) -> Q:
    return _at(path, public_from__gte=moment - PUBLIC_STEP, public_from__lte=public_now())


def _has_aid_request_of(actor: Actor, subject: type[models.Model], key: str) -> Q:
    """Tell whether an organisation of the actor filed an aid request that names the subject with this key."""
    relation = cast(models.ManyToOneRel, subject._meta.get_field("aid_requests"))
    name = relation.field.name
    aid_requests = relation.related_model._base_manager.filter(_own(actor, "reported_by"), **{f"{name}__isnull": False})
    return Q(**{f"{key}__in": aid_requests.values(name)})


def _told(actor: Actor, incident: type[models.Model], path: str = "") -> Q:
    """Tell whether the actor is told of the incident at a path: at its coarse place, where nothing more is due."""
    return _public(path) | _told_as_member(actor, incident, path)


def _told_as_member(actor: Actor, incident: type[models.Model], path: str) -> Q:
    told = Q(pk__in=[])
    if actor.may("incidents:read"):
        told |= _confirmed_for(actor, path)
    if actor.organisation_ids:
        told |= _has_aid_request_of(actor, incident, f"{path}id")
    return told


class ByIncidentsScope:
    """Rows that it takes the scope of incidents to read, where they are not public."""

    read_scope: ClassVar[str] = "incidents:read"


class IncidentQuerySet(ByIncidentsScope, VisibleQuerySet["Incident"]):
    """The reporter and the cell see an incident exactly; members coarsely once it is confirmed, all once it is public.

    Who filed an aid request in an incident is told of it in any case. A cell that answers for areas is a member
    elsewhere.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        return {
            Disclosure.EXACT: _own(actor, "reported_by") | _lies_in(actor, self.model, "pk"),
            Disclosure.COARSE: _told(actor, self.model),
        }

    def told_since(self, moment: datetime) -> Q:
        return _public_since("", moment)


class OfIncident:
    """Rows of an incident: seen exactly by who reported them or the incident, and by the cell."""

    incident_path = "incident__"
    # Where a row lies by itself; by its incident where it has no such field.
    area_path: ClassVar[str] = "area"

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        return {Disclosure.EXACT: self.owned_by(actor) | self.answered_for_by(actor)}

    def owned_by(self, actor: Actor) -> Q:
        return _own(actor, "reported_by") | _own(actor, f"{self.incident_path}reported_by")

    def answered_for_by(self, actor: Actor) -> Q:
        return _answered_for(actor, self.area_path)


class CasualtyReportQuerySet(ByIncidentsScope, OfIncident, VisibleQuerySet["CasualtyReport"]):
    """Figures hold no place: members who are told of an incident are told of its casualties.

    The public reads those of the cell and of trusted organisations only: nobody else confirms figures and sources.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        rules = super().disclosure_rules(actor)
        if isinstance(rules, Disclosure):
            return rules
        by_trusted = Q(reported_by__is_trusted=True) | Q(reported_by__is_cell=True)
        as_member = _told_as_member(actor, _related_model(self.model, "incident"), "incident__")
        return {**rules, Disclosure.COARSE: (_public("incident__") & by_trusted) | as_member}

    def told_since(self, moment: datetime) -> Q:
        return _public_since("incident__", moment)

    def answered_for_by(self, actor: Actor) -> Q:
        return _lies_in(actor, _related_model(self.model, "incident"), "incident_id")


class ImpactSiteQuerySet(ByIncidentsScope, OfIncident, VisibleQuerySet["ImpactSite"]):
    """Members are told the cell of a confirmed incident's sites; the public is told nothing."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        rules = super().disclosure_rules(actor)
        if isinstance(rules, Disclosure) or not actor.may("incidents:read"):
            return rules
        return {**rules, Disclosure.COARSE: _confirmed_for(actor, "incident__")}


class AffectedBuildingQuerySet(ByIncidentsScope, OfIncident, VisibleQuerySet["AffectedBuilding"]):
    """Beside its owners, who filed an aid request for a building sees it."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        rules = super().disclosure_rules(actor)
        if isinstance(rules, Disclosure) or not actor.organisation_ids:
            return rules
        return {Disclosure.EXACT: rules[Disclosure.EXACT] | _has_aid_request_of(actor, self.model, "id")}

    def with_grade(self) -> Self:
        """Annotate each building with its present `grade` and `habitability`, None while nobody has said.

        Among the assessments made after its latest impact the weightiest method counts, and within it the newest.
        Either value is taken from the first assessment in this order that states it.
        """
        assessments = _related_model(self.model, "assessments")
        since_impact = assessments._base_manager.filter(
            building=OuterRef("id"), assessed_at__gte=OuterRef("latest_impact_at")
        ).order_by(_weight(), "-assessed_at", "-created_at", "id")
        return self.annotate(latest_impact_at=Coalesce("impact_site__struck_at", "incident__occurred_at")).annotate(
            grade=_first(since_impact, "grade"),
            habitability=_first(since_impact.exclude(habitability=""), "habitability"),
        )


def _weight() -> Case:
    return Case(
        *(When(method=method, then=Value(rank)) for rank, method in enumerate(AssessmentMethod)),
        output_field=models.IntegerField(),
    )


def _first(assessments: QuerySet[Any], field: str) -> Subquery:
    return Subquery(assessments.values(field)[:1])


class DamageAssessmentQuerySet(ByIncidentsScope, OfIncident, VisibleQuerySet["DamageAssessment"]):
    """Beside the incident's reporter, who registered the building sees what was found."""

    incident_path = "building__incident__"
    area_path = "building__area"

    def owned_by(self, actor: Actor) -> Q:
        return super().owned_by(actor) | _own(actor, "building__reported_by")


class OutageQuerySet(ByIncidentsScope, VisibleQuerySet["Outage"]):
    """Which service fails where is public, as soon as it tells of no strike that is not; the rest is the reporters'.

    An outage of an incident is told as the incident is.
    """

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.sees_everywhere:
            return Disclosure.EXACT
        alone = Q(incident__isnull=True)
        if actor.only_practises or not actor.may("incidents:read"):
            alone &= _told_unlinked()
        return {
            Disclosure.EXACT: _own(actor, "reported_by")
            | _own(actor, "incident__reported_by")
            | _lies_in(actor, self.model, "pk"),
            Disclosure.COARSE: alone | _told(actor, _related_model(self.model, "incident"), "incident__"),
        }

    def told_since(self, moment: datetime) -> Q:
        embargo = timedelta(hours=settings.EMBARGO_OTHER_H)
        waited = Q(created_at__gte=moment - PUBLIC_STEP - embargo, created_at__lte=public_now() - embargo)
        return _public_since("incident__", moment) | (waited & Q(incident__isnull=True))


class AccessConstraintQuerySet(ByIncidentsScope, VisibleQuerySet["AccessConstraint"]):
    """Whoever takes part must know where it is not safe to go; the public has its own alerts."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        if actor.only_practises:
            return {Disclosure.EXACT: Q(is_exercise=True)}
        return Disclosure.EXACT if actor.is_system or actor.organisation_ids else {}

    def in_force(self, now: datetime) -> Self:
        """Keep the constraints that hold at a moment."""
        return self.filter(Q(until=None) | Q(until__gt=now), starts_at__lte=now, lifted_at=None)
