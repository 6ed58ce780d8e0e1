"""Needs and supplies at real places in Kyiv, made by the verbs themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point

from aid.actions.accept_match import accept_match
from aid.actions.file_aid_request import NewLine, file_aid_request
from aid.actions.offer_resource import offer_resource
from aid.actions.open_shelter import PLACE_ITEMS, open_shelter
from aid.actions.verify_aid_request import verify_aid_request
from aid.enums import AidRequestStatus, MatchStatus, Sector, ShelterKind, Unit, Urgency
from aid.models import AidRequest, Item, Match, RequestLine, Resource, Shelter
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.geo.distance import great_circle_m
from coordination.outbox.models import Event
from coordination.records.models import BaseModel
from tests.factories.places import POZNIAKY

DARNYTSIA = Point(30.616, 50.456, srid=4326)
PODIL = Point(30.516, 50.465, srid=4326)


def item(code: str = "drinking_water", **fields: Any) -> Item:
    """Give the item of this code, made on first use."""
    values = {"name_uk": code, "name_en": code, "sector": Sector.WSH, "unit": Unit.PIECE, **fields}
    return Item.objects.get_or_create(code=code, defaults=values)[0]


def place_item(kind: str) -> Item:
    """Give the item that a place in a shelter of this kind is."""
    return item(PLACE_ITEMS[kind], sector=Sector.SHL, unit=Unit.PLACE, is_divisible=False)


def aid_request(
    reported_by: Organisation, *, now: datetime, lines: list[NewLine] | None = None, **fields: Any
) -> AidRequest:
    """File a request of three people in Pozniaky: 45 litres of water, urgently, unless told otherwise."""
    values: dict[str, Any] = {"location": POZNIAKY, "people": 3, "urgency": Urgency.URGENT, **fields}
    return file_aid_request(
        reported_by=reported_by, lines=lines or [NewLine(item(), 45)], actor=SYSTEM, now=now, **values
    )


def line(
    reported_by: Organisation, *, now: datetime, quantity: int = 45, of: Item | None = None, **fields: Any
) -> RequestLine:
    """File a request with one line, verify it and give the line."""
    filed = aid_request(reported_by, now=now, lines=[NewLine(of or item(), quantity)], **fields)
    if filed.status != AidRequestStatus.VERIFIED:
        verify_aid_request(aid_request=filed, actor=SYSTEM, now=now)
    return filed.lines.get()


def resource(provider: Organisation, *, now: datetime, **fields: Any) -> Resource:
    """Offer 100 litres of water in Darnytsia, unless told otherwise."""
    values: dict[str, Any] = {"item": fields.get("item") or item(), "total": 100, "location": DARNYTSIA, **fields}
    return offer_resource(provider=provider, actor=SYSTEM, now=now, **values)


def shelter(operator: Organisation, *, now: datetime, **fields: Any) -> Shelter:
    """Open a collective centre of 20 beds in Podil, unless told otherwise."""
    values: dict[str, Any] = {
        "name": "School 20, Podil",
        "kind": ShelterKind.COLLECTIVE_CENTRE,
        "location": PODIL,
        "total_places": 20,
        **fields,
    }
    place_item(values["kind"])
    return open_shelter(operator=operator, actor=SYSTEM, now=now, **values)


def proposal(for_line: RequestLine, of: Resource, *, now: datetime, quantity: int | None = None) -> Match:
    """Propose a resource for a line, the whole line unless told otherwise, to be answered within half an hour."""
    for_line.refresh_from_db()
    of.refresh_from_db()
    promised = for_line.quantity if quantity is None else quantity
    here, there = for_line.aid_request.location, of.location or for_line.aid_request.location
    distance_m = great_circle_m(here.x, here.y, there.x, there.y)
    of.reserved += promised
    of.save(update_fields=["reserved"])
    for_line.reserved += promised
    for_line.save(update_fields=["reserved"])
    return Match.objects.create(
        line=for_line,
        resource=of,
        quantity=promised,
        distance_m=distance_m,
        distance_band_m=int(distance_m // 1_000 + 1) * 1_000,
        status=MatchStatus.PROPOSED,
        respond_by=now + timedelta(minutes=30),
    )


def acceptance(for_line: RequestLine, of: Resource, *, now: datetime, quantity: int | None = None) -> Match:
    """Propose a resource for a line and have the provider accept it."""
    return accept_match(match=proposal(for_line, of, now=now, quantity=quantity), actor=SYSTEM, now=now)


def places_of(shelter: Shelter) -> Resource:
    """Give the places of a shelter, as stored."""
    return Resource.objects.get(shelter=shelter)


def held(resource: Resource) -> tuple[int, int]:
    """Count what is reserved and what is consumed of a resource, as stored."""
    return Resource.objects.values_list("reserved", "consumed").get(pk=resource.pk)


def served(line: RequestLine) -> tuple[int, int, int]:
    """Count what is reserved, dispatched and delivered of a line, as stored."""
    return RequestLine.objects.values_list("reserved", "dispatched", "delivered").get(pk=line.pk)


def told(subject: BaseModel) -> list[str]:
    """Name the events about a row in the order in which they were told, without their prefix and version."""
    types = Event.objects.filter(subject_id=subject.pk).order_by("sequence").values_list("type", flat=True)
    return [type_.removeprefix("aid.").removesuffix(".v1") for type_ in types]


def author_of(row: Any) -> tuple[str | None, str | None]:
    """Give who wrote the newest history of a row, and on whose behalf."""
    context = row.history.latest("pgh_id").pgh_context
    return context["actor"], context["on_behalf_of"]
