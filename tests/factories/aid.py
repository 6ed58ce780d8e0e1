"""Needs and supplies at real places in Kyiv, made by the verbs themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point

from aid.actions.file_aid_request import NewLine, file_aid_request
from aid.actions.offer_resource import offer_resource
from aid.actions.open_shelter import PLACE_ITEMS, open_shelter
from aid.enums import MatchStatus, Sector, ShelterKind, Unit, Urgency
from aid.models import AidRequest, Item, Match, RequestLine, Resource, Shelter
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.geo.distance import great_circle_m

POZNIAKY = Point(30.6343, 50.3979, srid=4326)
DARNYTSIA = Point(30.6160, 50.4560, srid=4326)
TROIESHCHYNA = Point(30.6020, 50.5120, srid=4326)
PODIL = Point(30.5160, 50.4650, srid=4326)
KHARKIV_SALTIVKA = Point(36.3390, 50.0280, srid=4326)


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


def line(reported_by: Organisation, *, now: datetime, quantity: int = 45, of: Item | None = None) -> RequestLine:
    """File a verified request with one line and give the line."""
    filed = aid_request(reported_by, now=now, lines=[NewLine(of or item(), quantity)])
    AidRequest.objects.filter(pk=filed.pk).update(status="verified", verified_at=now)
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


def proposal(for_line: RequestLine, of: Resource, *, respond_by: datetime, quantity: int | None = None) -> Match:
    """Propose a resource for a line, the whole line unless told otherwise, and hold the quantity on both sides."""
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
        respond_by=respond_by,
    )
