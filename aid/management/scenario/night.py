"""Draw an exercise around real incidents: needs of the scenario's households, and what could serve most of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from aid.actions.file_aid_request import NewLine, file_aid_request
from aid.actions.offer_resource import offer_resource
from aid.management.scenario.outlines import SRID
from aid.management.scenario.reading import AidRequestRow, Line, Scenario, scattered
from aid.models import AidRequest, Item
from coordination.access.actors import SYSTEM
from coordination.access.enums import OrganisationType
from coordination.access.models import Organisation
from incidents.models import Incident

NEEDS_WITHIN_M, SUPPLIES_WITHIN_M = 1_500, 4_000
# One line in four finds nothing made for it, so that an exercise has needs that stay open.
UNSERVED_EVERY = 4


class Night:
    """An exercise of a bounded size; equal seeds draw equal needs and supplies around equal incidents."""

    def __init__(self, incidents: Sequence[Incident], *, each: int, seed: int, now: datetime) -> None:
        self.incidents = incidents
        self.each = each
        self.seed = seed
        self.now = now
        self.asking = _exercise_organisation("Навчання: хто просить · Exercise: who asks")
        self.giving = _exercise_organisation("Навчання: хто дає · Exercise: who gives")
        self.items = {item.code: item for item in Item.objects.all()}
        self.households = [row for row in Scenario().aid_requests if row.leave == "verified"]
        self.number = count(seed)

    def draw(self) -> Iterator[str]:
        """File the requests and offer the resources, naming each kind; what an earlier drawing made is left alone."""
        drawn = AidRequest.objects.filter(reported_by=self.asking).values_list("client_ref", flat=True)
        known = set(drawn)
        for incident in self.incidents:
            for turn in range(self.each):
                number = next(self.number)
                client_ref = f"night-{self.seed}-{incident.ref}-{turn}"
                if client_ref in known:
                    continue
                # A step that shares no factor with their number visits all households.
                row = self.households[number * 7 % len(self.households)]
                self._file(row, self._near(incident, number, NEEDS_WITHIN_M), client_ref)
                yield _("aid requests")
                for position, line in enumerate(row.lines):
                    if (number + position) % UNSERVED_EVERY:
                        self._offer(line, self._near(incident, number + position + 1, SUPPLIES_WITHIN_M))
                        yield _("resources")

    def _file(self, row: AidRequestRow, location: Point, client_ref: str) -> None:
        file_aid_request(
            reported_by=self.asking,
            lines=[NewLine(self.items[line.item], line.quantity, line.conditions) for line in row.lines],
            location=location,
            people=row.household.people,
            members=row.household.members,
            vulnerabilities=row.household.vulnerabilities,
            vulnerable_people=row.household.vulnerable_people,
            urgency=row.urgency,
            channel=row.channel,
            needed_by=self.now + row.needed if row.needed else None,
            client_ref=client_ref,
            is_exercise=True,
            actor=SYSTEM,
            now=self.now,
        )

    def _offer(self, line: Line, location: Point) -> None:
        offer_resource(
            provider=self.giving,
            item=self.items[line.item],
            total=line.quantity,
            location=location,
            conditions=line.conditions,
            is_exercise=True,
            actor=SYSTEM,
            now=self.now,
        )

    def _near(self, incident: Incident, index: int, spread_m: float) -> Point:
        assert incident.location is not None  # noqa: S101 - incidents without a place are not given
        return Point(*scattered(*incident.location.coords, index=index, spread_m=spread_m), srid=SRID)


def _exercise_organisation(name: str) -> Organisation:
    organisation, _created = Organisation.objects.get_or_create(
        name=name,
        defaults={"type": OrganisationType.OTHER, "is_vetted": True, "is_trusted": True, "is_exercise": True},
    )
    return organisation
