"""Tell the scenario through the actions, so that history and events exist as on any night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.contrib.gis.geos import Point, Polygon
from django.utils.translation import gettext as _

from aid.actions.cancel_aid_request import cancel_aid_request
from aid.actions.check_in import check_in
from aid.actions.file_aid_request import NewContact, NewLine, file_aid_request
from aid.actions.offer_resource import offer_resource
from aid.actions.open_shelter import open_shelter
from aid.actions.plan_stay import plan_stay
from aid.actions.reject_aid_request import reject_aid_request
from aid.actions.verify_aid_request import verify_aid_request
from aid.enums import AidRequestStatus, Consent
from aid.management.scenario.outlines import SRID, outlines
from aid.management.scenario.people import make_organisations, make_people
from aid.management.scenario.reading import AidRequestRow, Scenario, SupplyRow, offset, position, ring
from aid.models import Item
from coordination.access.actors import Actor, actor_for_user
from coordination.access.models import Organisation, User
from coordination.areas.models import Area
from incidents.actions.add_impact_site import add_impact_site
from incidents.actions.assess_building import assess_building
from incidents.actions.contain_incident import contain_incident
from incidents.actions.declare_access_constraint import declare_access_constraint
from incidents.actions.dismiss_incident import dismiss_incident
from incidents.actions.record_casualties import record_casualties
from incidents.actions.register_building import register_building
from incidents.actions.report_incident import report_incident
from incidents.actions.report_outage import report_outage
from incidents.actions.restore_outage import restore_outage
from incidents.actions.verify_incident import verify_incident
from incidents.enums import IncidentStatus, Verification
from incidents.models import AffectedBuilding, ImpactSite, Incident

# The cell that looks at what others send in, by the first part of a district's key.
CELLS = {"kyiv": "olena", "kharkiv": "taras"}
VERIFIED_AFTER = timedelta(minutes=10)
# Ukraine has no area code that begins with a nought: no such number can be anybody's.
PHONE = "+380000000000"


class Telling:
    """One telling of the scenario; `loaded_at` is the moment to which all its offsets count."""

    def __init__(self, scenario: Scenario, *, loaded_at: datetime) -> None:
        self.scenario = scenario
        self.loaded_at = loaded_at
        self.areas: dict[str, Area] = {}
        self.organisations: dict[str, Organisation] = {}
        self.incidents: dict[str, Incident] = {}
        self.sites: dict[str, ImpactSite] = {}
        self.buildings: dict[str, AffectedBuilding] = {}
        self.items = {item.code: item for item in Item.objects.all()}
        self.employers = {row["username"]: row["organisation"] for row in scenario.organisations["people"]}
        self.actor = cache(self._actor)

    def tell(self) -> Iterator[str]:
        """Tell everything in its order and name the kind of each row as it is told."""
        for tell_part in (
            self._areas,
            self._organisations,
            self._incidents,
            self._sites,
            self._buildings,
            self._confirmations,
            self._assessments,
            self._casualties,
            self._outages,
            self._access_constraints,
            self._shelters,
            self._resources,
            self._aid_requests,
            self._endings,
        ):
            yield from tell_part()

    def _areas(self) -> Iterator[str]:
        for outline in outlines():
            known = Area.objects.by_code(outline.katottg).first()
            # Official boundaries that were loaded before stay.
            self.areas[outline.key] = known or Area.objects.create(
                pcode=outline.pcode,
                katottg=outline.katottg,
                level=outline.level,
                name_uk=outline.name_uk,
                name_en=outline.name_en,
                parent=self.areas[outline.parent] if outline.parent else None,
                boundary=outline.boundary,
            )
            yield _("areas")

    def _organisations(self) -> Iterator[str]:
        for key, organisation in make_organisations(self.scenario.organisations["organisations"], self.areas):
            self.organisations[key] = organisation
            yield _("organisations")
        for _person in make_people(self.scenario.organisations["people"], self.organisations):
            yield _("people")

    def _incidents(self) -> Iterator[str]:
        for row in self.scenario.events["incidents"]:
            self.incidents[row["key"]] = report_incident(
                title=row["title"],
                hazard=row["hazard"],
                severity=row["severity"],
                urgency=row["urgency"],
                certainty=row["certainty"],
                occurred_at=self._at(row["at"]),
                location=self._point(row),
                parent=self.incidents[row["parent"]] if "parent" in row else None,
                is_exercise=row.get("is_exercise", False),
                client_ref=row["key"],
                **self._by(row, now=self._at(row["reported"])),
            )
            yield _("incidents")

    def _sites(self) -> Iterator[str]:
        for row in self.scenario.events["sites"]:
            incident = self.incidents[row["incident"]]
            self.sites[row["key"]] = add_impact_site(
                incident=incident,
                location=self._point(row),
                kind=row["kind"],
                object_kind=row["object_kind"],
                struck_at=self._at(row["at"]),
                **self._by(self._reporter(row), now=incident.reported_at),
            )
            yield _("impact sites")

    def _buildings(self) -> Iterator[str]:
        for row in self.scenario.events["buildings"]:
            site, incident = self.sites[row["site"]], self.incidents[row["incident"]]
            lon, lat = position({**row, "lon": site.location.x, "lat": site.location.y}, self.scenario.places)
            self.buildings[row["key"]] = register_building(
                incident=incident,
                impact_site=site,
                location=Point(lon, lat, srid=SRID),
                address=row["address"],
                use=row["use"],
                dwellings=row["dwellings"],
                residents=row["residents"],
                **self._by(self._reporter(row), now=incident.reported_at + VERIFIED_AFTER),
            )
            yield _("buildings")

    def _confirmations(self) -> Iterator[str]:
        for row in self.scenario.events["incidents"]:
            if row["verification"] != Verification.UNVERIFIED:
                incident = self.incidents[row["key"]]
                verify_incident(
                    incident=incident,
                    verification=row["verification"],
                    actor=self._cell(row["place"]),
                    now=incident.reported_at + VERIFIED_AFTER,
                )
            yield _("confirmations")

    def _assessments(self) -> Iterator[str]:
        for row in self.scenario.events["assessments"]:
            assess_building(
                building=self.buildings[row["building"]],
                scale=row["scale"],
                value=row["value"],
                method=row["method"],
                assessed_at=self._at(row["at"]),
                habitability=row.get("habitability", ""),
                **self._by(row, now=self._at(row["at"])),
            )
            yield _("assessments")

    def _casualties(self) -> Iterator[str]:
        for row in self.scenario.events["casualties"]:
            record_casualties(
                incident=self.incidents[row["incident"]],
                source=row["source"],
                as_of=self._at(row["as_of"]),
                **{figure: row[figure] for figure in ("killed", "injured", "missing", "displaced")},
                **self._by(row, now=self._at(row["as_of"])),
            )
            yield _("casualty reports")

    def _outages(self) -> Iterator[str]:
        for row in self.scenario.events["outages"]:
            started_at = self._at(row["from"])
            outage = report_outage(
                incident=self.incidents[row["incident"]],
                service=row["service"],
                areas=[self.areas[key] for key in row.get("areas", [])],
                footprint=self._circle(row),
                customers_affected=row["customers"],
                started_at=started_at,
                expected_until=self._at(row["expected"]),
                **self._by(row, now=min(started_at, self.loaded_at)),
            )
            if "restored" in row:
                restore_outage(outage=outage, actor=self.actor(row["by"]), now=self._at(row["restored"]))
            yield _("outages")

    def _access_constraints(self) -> Iterator[str]:
        for row in self.scenario.events["constraints"]:
            declare_access_constraint(
                kind=row["kind"],
                area=self.areas[row["area"]] if "area" in row else None,
                footprint=self._circle(row),
                starts_at=self._at(row["from"]),
                until=self._at(row["until"]),
                **self._by(row, now=self._at(row["from"])),
            )
            yield _("access constraints")

    def _shelters(self) -> Iterator[str]:
        for row in self.scenario.shelters:
            place, group = self.scenario.places[row.place], row.group
            shelter = open_shelter(
                operator=self._employer(group["by"]),
                name=f"{group['name']} · {place['name_uk']}",
                kind=group["kind"],
                location=Point(row.lon, row.lat, srid=SRID),
                address=f"{place['name_uk']}, вул. Прихисткова, {row.quantity}-Я",
                total_places=row.quantity,
                status=group.get("status", "open"),
                amenities=group["amenities"],
                amenities_verified_at=self.loaded_at,
                backup_power_h=group["backup_power_h"],
                is_step_free=group.get("is_step_free", False),
                accepts_pets=group.get("accepts_pets", False),
                opening_hours="24/7",
                observed_at=self.loaded_at,
                is_public=group.get("is_public", True),
                client_ref=row.client_ref,
                actor=self.actor(group["by"]),
                now=self.loaded_at,
            )
            for party_size in group.get("parties", ()):
                stay = plan_stay(
                    shelter=shelter, party_size=party_size, actor=self.actor(group["by"]), now=self.loaded_at
                )
                check_in(stay=stay, actor=self.actor(group["by"]), now=self.loaded_at)
            yield _("shelters")

    def _resources(self) -> Iterator[str]:
        for row in self.scenario.resources:
            self._offer(row)
            yield _("resources")

    def _offer(self, row: SupplyRow) -> None:
        group = row.group
        offer_resource(
            provider=self._employer(group["by"]),
            item=self.items[group["item"]],
            total=row.quantity,
            location=Point(row.lon, row.lat, srid=SRID),
            expires_at=self._at(group["expires"]) if "expires" in group else None,
            conditions=group.get("conditions", ()),
            is_exercise=group.get("is_exercise", False),
            client_ref=row.client_ref,
            actor=self.actor(group["by"]),
            now=self.loaded_at,
        )

    def _aid_requests(self) -> Iterator[str]:
        phones = {row.client_ref: number for number, row in enumerate(self.scenario.aid_requests, start=1)}
        for row in sorted(self.scenario.aid_requests, key=lambda row: row.filed):
            self._file(row, phones[row.same_phone_as or row.client_ref])
            yield _("aid requests")

    def _file(self, row: AidRequestRow, number: int) -> None:
        filed_at = self.loaded_at + row.filed
        incident, building = self.incidents[row.incident], self.buildings[row.building] if row.building else None
        names = self.scenario.contact_names
        aid_request = file_aid_request(
            incident=incident,
            building=building,
            location=Point(row.lon, row.lat, srid=SRID),
            people=row.household.people,
            members=row.household.members,
            vulnerabilities=row.household.vulnerabilities,
            vulnerable_people=row.household.vulnerable_people,
            urgency=row.urgency,
            channel=row.channel,
            needed_by=self.loaded_at + row.needed if row.needed else None,
            consent=Consent.GIVEN,
            lines=[NewLine(self.items[line.item], line.quantity, line.conditions) for line in row.lines],
            contact=NewContact(
                name=f"{names[number % len(names)]} Вигадана Особа",
                phone=f"{PHONE[:-4]}{number:04}",
                address=building.address if building else f"вул. Неіснуюча, {number}-Я",
            ),
            client_ref=row.client_ref,
            is_draft=row.leave == "draft",
            is_exercise=incident.is_exercise,
            **self._by({"by": row.by}, now=filed_at),
        )
        looked_at: dict[str, Any] = {
            "aid_request": aid_request,
            "actor": self._cell(row.place),
            "now": filed_at + VERIFIED_AFTER,
        }
        if row.leave == "verified" and aid_request.status == AidRequestStatus.SUBMITTED:
            verify_aid_request(**looked_at)
        elif row.leave == "rejected":
            reject_aid_request(reason="Перевірено на місці: пошкоджень немає.", **looked_at)
        elif row.leave == "cancelled":
            cancel_aid_request(reason="Допомогли сусіди.", **looked_at)

    def _endings(self) -> Iterator[str]:
        for row in self.scenario.events["incidents"]:
            incident = self.incidents[row["key"]]
            if row["status"] == IncidentStatus.CONTAINED:
                contain_incident(incident=incident, actor=self._cell(row["place"]), now=self._at(row["ended"]))
            elif row["status"] == IncidentStatus.DISMISSED:
                ending: dict[str, Any] = {"actor": self._cell(row["place"]), "now": self._at(row["ended"])}
                dismiss_incident(incident=incident, reason=row["reason"], **ending)
            yield _("endings")

    def _actor(self, username: str) -> Actor:
        return actor_for_user(User.objects.get(username=username), has_second_factor=True)

    def _cell(self, place: str) -> Actor:
        city = self.scenario.places[place]["district"].split("_")[0]
        return self.actor(CELLS[city])

    def _employer(self, username: str) -> Organisation:
        return self.organisations[self.employers[username]]

    def _by(self, row: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        return {"reported_by": self._employer(row["by"]), "actor": self.actor(row["by"]), "now": now}

    def _reporter(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Find who reported the incident to which a row belongs."""
        incidents: list[dict[str, Any]] = self.scenario.events["incidents"]
        return next(incident for incident in incidents if incident["key"] == row["incident"])

    def _at(self, text: str) -> datetime:
        return self.loaded_at + offset(text)

    def _point(self, row: Mapping[str, Any]) -> Point:
        return Point(*position(row, self.scenario.places), srid=SRID)

    def _circle(self, row: Mapping[str, Any]) -> Polygon | None:
        if "radius_m" not in row:
            return None
        return Polygon(*ring(*position(row, self.scenario.places), radius_m=row["radius_m"]), srid=SRID)
