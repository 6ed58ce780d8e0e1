"""Worlds that nobody thought of: a few organisations, and whatever may be between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from aid.enums import MatchStatus
from aid.models import AidRequest, Delivery, Item, Match, RequestLine, Resource, Shelter
from coordination.access.enums import DataClass
from coordination.access.models import Caseload, Organisation, SharingAgreement
from coordination.areas.models import Area
from coordination.geo.cells import HOME_RESOLUTION, INCIDENT_RESOLUTION, cell_of
from incidents.models import AffectedBuilding, CasualtyReport, ImpactSite, Incident, Outage
from tests.factories.places import OBOLON, POZNIAKY, SALTIVKA

HOUR = timedelta(hours=1)
# Each with the area that it lies in: a district of the city, the city itself, none that is known.
PLACES = {"district": POZNIAKY, "city": OBOLON, "": SALTIVKA}
OWNERS = ("ngo", "provider", "utility", "cell")

owners, places, flags = st.sampled_from(OWNERS), st.sampled_from(sorted(PLACES)), st.booleans()
few = st.integers(0, 3)

agreements = st.tuples(
    owners, owners, st.frozensets(st.sampled_from(sorted(DataClass))), st.sampled_from(["", "district", "city"]), flags
).filter(lambda agreement: agreement[0] != agreement[1])
incidents = st.fixed_dictionaries(
    {
        "reporter": owners,
        "place": places,
        "state": st.sampled_from(["unverified", "embargoed", "public", "verified", "dismissed"]),
        "is_exercise": flags,
        # Who reported its parts.
        "part": owners,
    }
)
outages = st.tuples(
    owners, few, st.sampled_from(["", "district", "city"]), st.integers(0, 30), st.integers(-2, 6), flags
)
requests = st.tuples(owners, places, few, flags)
offers = st.tuples(owners, places)
shelters = st.tuples(owners, places, flags, flags)
matches = st.tuples(few, few, st.sampled_from(sorted(MatchStatus)), flags, flags)


@dataclass(frozen=True)
class Plan:
    """What a world is made of; a number names one of the things in the list before, or none."""

    agreements: list[tuple[Any, ...]]
    incidents: list[dict[str, Any]]
    outages: list[tuple[Any, ...]]
    requests: list[tuple[Any, ...]]
    offers: list[tuple[Any, ...]]
    shelters: list[tuple[Any, ...]]
    matches: list[tuple[Any, ...]]


plans = st.builds(
    Plan,
    agreements=st.lists(agreements, max_size=4),
    incidents=st.lists(incidents, min_size=1, max_size=4),
    outages=st.lists(outages, max_size=4),
    requests=st.lists(requests, min_size=2, max_size=5),
    offers=st.lists(offers, min_size=1, max_size=3),
    shelters=st.lists(shelters, max_size=2),
    matches=st.lists(matches, max_size=6),
)


class Making:
    """Writes the rows of a plan, as they are and without any verb, so that every state can be."""

    def __init__(self, of: Mapping[str, Organisation], areas: Mapping[str, Area], now: datetime) -> None:
        self.of, self.areas, self.now = of, areas, now
        self.item = Item.objects.create(code="water", name_uk="вода", name_en="water", sector="WSH", unit="litre")

    def make(self, plan: Plan) -> None:
        """Write everything."""
        for giver, receiver, classes, area, is_live in plan.agreements:
            agreement = SharingAgreement.objects.create(
                giver=self.of[giver],
                receiver=self.of[receiver],
                classes=sorted(classes),
                purpose="relief",
                until=self.now + (HOUR if is_live else -HOUR),
            )
            agreement.areas.set([self.areas[area]] if area else [])
        happened = [self.incident(**told) for told in plan.incidents]
        for told in plan.outages:
            self.outage(happened, *told)
        filed = [self.request(happened, *told) for told in plan.requests]
        offered = [self.resource(*told) for told in plan.offers] + [self.shelter(*told) for told in plan.shelters]
        proposed: set[tuple[Any, Any]] = set()
        for request, offer, status, is_released, is_sent in plan.matches:
            pair = filed[request % len(filed)], offered[offer % len(offered)]
            if pair not in proposed:
                self.match(*pair, status, is_released=is_released, is_sent=is_sent)
            proposed.add(pair)

    def incident(self, *, reporter: str, place: str, state: str, is_exercise: bool, part: str) -> Incident:
        """Write an incident with a site, a building and figures."""
        is_dismissed = state == "dismissed"
        incident = Incident.objects.create(
            title=state,
            hazard="missile_strike",
            occurred_at=self.now - HOUR,
            reported_at=self.now - HOUR,
            verification="unverified" if state == "unverified" else "verified",
            public_from={"embargoed": self.now + HOUR, "public": self.now - HOUR}.get(state),
            status="dismissed" if is_dismissed else "active",
            dismissal_reason="a test" if is_dismissed else "",
            closed_at=self.now if is_dismissed else None,
            reported_by=self.of[reporter],
            location=PLACES[place],
            public_cell=cell_of(PLACES[place], INCIDENT_RESOLUTION),
            is_exercise=is_exercise,
        )
        incident.areas.set([self.areas[place]] if place else [])
        of = {"incident": incident, "reported_by": self.of[part]}
        there = {**of, "location": PLACES[place], "area": self.areas.get(place)}
        moments = {"struck_at": incident.occurred_at, "reported_at": self.now}
        cell = incident.public_cell
        ImpactSite.objects.create(**there, **moments, kind="direct_hit", public_cell=cell)
        AffectedBuilding.objects.create(**there)
        CasualtyReport.objects.create(**of, killed=0, source="somebody", as_of=self.now)
        return incident

    def outage(
        self,
        happened: list[Incident],
        reporter: str,
        cause: int,
        area: str,
        age_h: int,
        ahead_h: int,
        is_exercise: bool,
    ) -> None:
        """Write an outage, so many hours old, that began or begins so many hours after it was written."""
        created_at = self.now - age_h * HOUR
        outage = Outage.objects.create(
            reported_by=self.of[reporter],
            incident=happened[cause] if cause < len(happened) else None,
            service="electricity",
            started_at=created_at + ahead_h * HOUR,
            is_exercise=is_exercise,
        )
        Outage.objects.filter(pk=outage.pk).update(created_at=created_at)
        outage.areas.set([self.areas[area]] if area else [])

    def request(
        self, happened: list[Incident], reporter: str, place: str, cause: int, is_building: bool
    ) -> RequestLine:
        """Write a request with one line."""
        incident, area = (happened[cause] if cause < len(happened) else None), self.areas.get(place)
        request = AidRequest.objects.create(
            reported_by=self.of[reporter],
            location=PLACES[place],
            public_cell=cell_of(PLACES[place], HOME_RESOLUTION),
            area=area,
            caseload=Caseload.objects.of(self.of[reporter], area),
            people=3,
            urgency=2,
            status="verified",
            review_at=self.now + HOUR,
            incident=incident,
            building=incident.buildings.first() if incident and is_building else None,
        )
        return RequestLine.objects.create(aid_request=request, item=self.item, quantity=10)

    def resource(self, provider: str, place: str, name: str = "") -> Resource:
        """Write an offer."""
        return Resource.objects.create(
            provider=self.of[provider],
            item=self.item,
            name=name,
            location=PLACES[place],
            area=self.areas.get(place),
            total=100,
            service_radius_m=5_000,
        )

    def shelter(self, operator: str, place: str, is_public: bool, is_exercise: bool) -> Resource:
        """Write a shelter and give its places."""
        places_there = self.resource(operator, place, "places")
        Shelter.objects.create(
            name="shelter",
            kind="bomb_shelter",
            operator=self.of[operator],
            location=PLACES[place],
            area=self.areas.get(place),
            places=places_there,
            is_public=is_public,
            is_exercise=is_exercise,
        )
        return places_there

    def match(self, line: RequestLine, offer: Resource, status: str, *, is_released: bool, is_sent: bool) -> None:
        """Write a match, on its way where it was sent."""
        delivery = Delivery.objects.create(provider=offer.provider) if is_sent and status == "accepted" else None
        Match.objects.create(
            line=line,
            resource=offer,
            quantity=1,
            distance_m=1_000,
            distance_band_m=10_000,
            status=status,
            respond_by=self.now + HOUR,
            released_at=self.now if is_released else None,
            delivery=delivery,
        )
