"""Who sees which rows at which level, worked out slowly in plain Python from the contract: what the guard is judged by.

Nothing here asks the guard or its tables; rows are read whole and looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aid.models import AidRequest, Delivery, Match, Resource, Shelter
from coordination.access.models import SharingAgreement
from coordination.areas.models import Area
from incidents.models import AffectedBuilding, CasualtyReport, ImpactSite, Incident, Outage

HIDDEN, COARSE, EXACT, CONTACT = range(4)
AID, INCIDENTS, IDENTITY = "aid:read", "incidents:read", "pii:read"
MODELS: tuple[Any, ...] = (
    AidRequest,
    Resource,
    Shelter,
    Match,
    Delivery,
    Incident,
    CasualtyReport,
    ImpactSite,
    AffectedBuilding,
    Outage,
)


@dataclass(frozen=True)
class Viewer:
    """Who looks: the scopes that it has in each organisation; for a cell, the areas that it answers for, or all."""

    scopes: Mapping[UUID, frozenset[str]]
    cells: Mapping[UUID, frozenset[UUID] | None]

    def organisations(self, *scopes: str) -> set[UUID]:
        """Name the organisations in which it has all of these scopes."""
        return {owner for owner, held in self.scopes.items() if held.issuperset(scopes)}

    def answers_for(self, areas: Iterable[UUID | None], scope: str) -> bool:
        """Tell whether it belongs to a cell that answers for one of these areas, or nobody knows where that is."""
        known = set(areas) - {None}
        for owner in self.organisations(scope) & self.cells.keys():
            answered = self.cells[owner]
            if answered is None or not known or known & answered:
                return True
        return False


class World:
    """All rows there are, as one viewer sees them."""

    def __init__(self, viewer: Viewer, now: datetime) -> None:
        self.viewer, self.now = viewer, now
        self.rows: dict[Any, list[Any]] = {model: list(model._base_manager.all()) for model in MODELS}
        self.agreements = [
            (agreement, below({area.pk for area in agreement.areas.all()}))
            for agreement in SharingAgreement._base_manager.all()
        ]
        self.requests = {row.pk: row for row in self.rows[AidRequest]}
        self.resources = {row.pk: row for row in self.rows[Resource]}
        self.incidents = {row.pk: row for row in self.rows[Incident]}
        self.request_of = dict(Match._base_manager.values_list("pk", "line__aid_request"))
        self.areas_of = {
            row.pk: {area.pk for area in row.areas.all()} for model in (Incident, Outage) for row in self.rows[model]
        }

    def levels(self) -> dict[str, dict[str, int]]:
        """Give the level of each row that the viewer sees, by model and id."""
        rules: Mapping[Any, Callable[[Any], int]] = {
            AidRequest: self.aid_request,
            Resource: self.resource,
            Shelter: self.shelter,
            Match: self.match,
            Delivery: self.delivery,
            Incident: self.incident,
            CasualtyReport: self.casualty_report,
            ImpactSite: self.impact_site,
            AffectedBuilding: self.building,
            Outage: self.outage,
        }
        seen = {model: {str(row.pk): rules[model](row) for row in self.rows[model]} for model in MODELS}
        return {
            model._meta.label: {key: level for key, level in levels.items() if level} for model, levels in seen.items()
        }

    def holds(self, owner: UUID | None, areas: Iterable[UUID | None], scope: str) -> bool:
        """Tell whether a row is the viewer's own, or lies where a cell of his answers."""
        return owner in self.viewer.organisations(scope) or self.viewer.answers_for(areas, scope)

    def agreed(self, row: AidRequest) -> list[SharingAgreement]:
        """Give the agreements that let the viewer's organisations see a request."""
        return [
            agreement
            for agreement, areas in self.agreements
            if agreement.until > self.now
            and agreement.giver_id == row.reported_by_id
            and agreement.receiver_id in self.viewer.organisations(AID)
            and (not areas or row.area_id in areas)
        ]

    def aid_request(self, row: AidRequest) -> int:
        """Judge a request: its reporters', the cell's, those with whom it is shared, and their providers'."""
        if self.holds(row.reported_by_id, [row.area_id], AID):
            return CONTACT
        reads_identity = self.viewer.organisations(AID, IDENTITY)
        level = HIDDEN
        for agreement in self.agreed(row):
            shown = EXACT if "exact_place" in agreement.classes else COARSE
            if "identity" in agreement.classes and agreement.receiver_id in reads_identity:
                shown = CONTACT
            level = max(level, shown)
        for match in self.rows[Match]:
            provider = self.resources[match.resource_id].provider
            if self.request_of[match.pk] != row.pk or provider.pk not in self.viewer.organisations(AID):
                continue
            if match.status in ("proposed", "accepted"):
                level = max(level, COARSE)
            if match.status == "accepted" and match.released_at and provider.is_vetted:
                level = max(level, CONTACT if provider.pk in reads_identity else EXACT)
        return level

    def resource(self, row: Resource) -> int:
        """Judge an offer: its provider's, the cell's, and coarsely those it is promised to."""
        if self.holds(row.provider_id, [row.area_id], AID):
            return EXACT
        promised = [match for match in self.rows[Match] if match.resource_id == row.pk and self._asked(match)]
        return COARSE if any(match.status in ("proposed", "accepted") for match in promised) else HIDDEN

    def shelter(self, row: Shelter) -> int:
        """Judge a shelter: its operator's, the cell's, everybody's where it is public, and its guests'."""
        if self.holds(row.operator_id, [row.area_id], AID):
            return EXACT
        promised = [match for match in self.rows[Match] if row.places_id and match.resource_id == row.places_id]
        is_guest = any(match.status == "accepted" and self._asked(match) for match in promised)
        return COARSE if is_guest or (row.is_public and not row.is_exercise) else HIDDEN

    def match(self, row: Match) -> int:
        """Judge a match: coarsely both parties' and theirs with whom the request is shared; a cell's by its ends."""
        request, resource = self.requests[self.request_of[row.pk]], self.resources[row.resource_id]
        ends = [
            self.holds(request.reported_by_id, [request.area_id], AID),
            self.holds(resource.provider_id, [resource.area_id], AID),
        ]
        is_cell = bool(self.viewer.organisations(AID) & self.viewer.cells.keys())
        if is_cell and all(ends):
            return EXACT
        return COARSE if any(ends) or self.agreed(request) else HIDDEN

    def delivery(self, row: Delivery) -> int:
        """Judge a delivery: its provider's, the cell's where it goes, and coarsely theirs to whom it goes."""
        goes_to = [
            self.requests[self.request_of[match.pk]] for match in self.rows[Match] if match.delivery_id == row.pk
        ]
        if row.provider_id in self.viewer.organisations(AID):
            return EXACT
        if any(self.viewer.answers_for([request.area_id], AID) for request in goes_to) or self._is_everywhere(AID):
            return EXACT
        ours = self.viewer.organisations(AID)
        return COARSE if any(request.reported_by_id in ours for request in goes_to) else HIDDEN

    def incident(self, row: Incident) -> int:
        """Judge an incident: its reporter's, the cell's; coarsely members' once confirmed, the public's once it may."""
        if self.holds(row.reported_by_id, self.areas_of[row.pk], INCIDENTS):
            return EXACT
        return COARSE if self._told_as_member(row) or self._is_public(row) else HIDDEN

    def casualty_report(self, row: CasualtyReport) -> int:
        """Judge figures: as their incident is told; the public reads those of the cell and of the trusted alone."""
        if self._owns_part(row, self.areas_of[row.incident_id]):
            return EXACT
        by_trusted = row.reported_by.is_trusted or row.reported_by.is_cell
        incident = self.incidents[row.incident_id]
        return COARSE if self._told_as_member(incident) or (by_trusted and self._is_public(incident)) else HIDDEN

    def impact_site(self, row: ImpactSite) -> int:
        """Judge a site: coarsely the members' once its incident is confirmed, never the public's."""
        if self._owns_part(row, [row.area_id]):
            return EXACT
        return COARSE if self._is_confirmed_for_members(self.incidents[row.incident_id]) else HIDDEN

    def building(self, row: AffectedBuilding) -> int:
        """Judge a building: its owners' and theirs who filed a request for it."""
        ours = self.viewer.organisations(INCIDENTS)
        filed = any(
            request.building_id == row.pk and request.reported_by_id in ours for request in self.rows[AidRequest]
        )
        return EXACT if filed or self._owns_part(row, [row.area_id]) else HIDDEN

    def outage(self, row: Outage) -> int:
        """Judge an outage: as its incident is told; of none, once it can tell of no strike."""
        incident = self.incidents[row.incident_id] if row.incident_id else None
        owners = {row.reported_by_id, incident.reported_by_id if incident else None}
        if owners & self.viewer.organisations(INCIDENTS) or self.viewer.answers_for(self.areas_of[row.pk], INCIDENTS):
            return EXACT
        if incident:
            return COARSE if self._told_as_member(incident) or self._is_public(incident) else HIDDEN
        waited = row.created_at <= self.now - timedelta(hours=12)
        announced = row.started_at >= row.created_at + timedelta(hours=3)
        is_told = bool(self.viewer.organisations(INCIDENTS)) or (not row.is_exercise and (waited or announced))
        return COARSE if is_told else HIDDEN

    def _asked(self, match: Match) -> bool:
        return self.requests[self.request_of[match.pk]].reported_by_id in self.viewer.organisations(AID)

    def _is_everywhere(self, scope: str) -> bool:
        return any(self.viewer.cells.get(owner, ()) is None for owner in self.viewer.organisations(scope))

    def _owns_part(self, row: Any, areas: Iterable[UUID | None]) -> bool:
        owners = {row.reported_by_id, self.incidents[row.incident_id].reported_by_id}
        return bool(owners & self.viewer.organisations(INCIDENTS)) or self.viewer.answers_for(areas, INCIDENTS)

    def _is_public(self, row: Incident) -> bool:
        return (
            _is_confirmed(row) and not row.is_exercise and row.public_from is not None and row.public_from <= self.now
        )

    def _is_confirmed_for_members(self, row: Incident) -> bool:
        return _is_confirmed(row) and bool(self.viewer.organisations(INCIDENTS))

    def _told_as_member(self, row: Incident) -> bool:
        ours = self.viewer.organisations(INCIDENTS)
        filed = any(each.incident_id == row.pk and each.reported_by_id in ours for each in self.rows[AidRequest])
        return filed or self._is_confirmed_for_members(row)


def below(areas: set[UUID]) -> frozenset[UUID]:
    """Give areas with all that lie in them."""
    found, parents = set(areas), dict(Area._base_manager.values_list("pk", "parent"))
    while more := {area for area, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def _is_confirmed(row: Incident) -> bool:
    return row.verification in ("verified", "official") and row.status != "dismissed"
