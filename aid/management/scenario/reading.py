"""Read the scenario's files and expand their archetypes, without chance and without the database."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from coordination.geo.distance import EARTH_RADIUS_M

HERE = Path(__file__).parent
METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M

_OFFSET = re.compile(r"(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
_MEMBER = re.compile(r"([fm])(\d{1,3})(!?)(d?)")
_GROUP = re.compile(r"(\d+)/(\d+)")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(pp)?((?:\+[a-z_]+)*)")

# Steps of the R2 sequence: points that keep apart however many follow, and need no seed.
# Source: M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018.
_R2_STEPS = (0.7548776662466927, 0.5698402909980532)


@dataclass(frozen=True)
class Household:
    """Who one request is for; members only where each one is known."""

    people: int
    vulnerable_people: int
    members: tuple[Mapping[str, Any], ...] = ()
    vulnerabilities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One item of a request, its quantity a whole number of the item's unit."""

    item: str
    quantity: int
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class AidRequestRow:
    """One aid request of the scenario; filed and needed are offsets to the moment of loading."""

    client_ref: str
    archetype: str
    incident: str
    building: str | None
    by: str
    channel: str
    urgency: int
    filed: timedelta
    needed: timedelta | None
    lon: float
    lat: float
    place: str
    household: Household
    lines: tuple[Line, ...]
    same_phone_as: str | None
    leave: str
    meant: str


@dataclass(frozen=True)
class SupplyRow:
    """One shelter or resource of the scenario at its place; `group` holds what all of its group share."""

    client_ref: str
    place: str
    lon: float
    lat: float
    quantity: int
    group: Mapping[str, Any]


@dataclass
class Scatter:
    """Deal points around neighbourhood centres: each at most `spread_m` away, none twice, the same in every loading."""

    places: Mapping[str, Mapping[str, Any]]
    spread_m: float
    dealt: Counter[str] = field(default_factory=Counter)

    def deal(self, place: str) -> tuple[float, float]:
        """Give the next point of a place, longitude first."""
        self.dealt[place] += 1
        centre = self.places[place]
        # Each place starts elsewhere in the sequence, or all places would show the same pattern.
        index = crc32(place.encode()) % 1000 + self.dealt[place]
        return scattered(centre["lon"], centre["lat"], index=index, spread_m=self.spread_m)


def read(name: str) -> dict[str, Any]:
    """Read one of the scenario's files."""
    content: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return content


def read_items() -> list[dict[str, Any]]:
    """Read the catalogue of items."""
    items: list[dict[str, Any]] = json.loads((HERE.parent / "items.json").read_text(encoding="utf-8"))["items"]
    return items


def offset(text: str) -> timedelta:
    """Read an offset such as -7h30m or 3d.

    Raises ValueError: when the text is none.
    """
    found = _OFFSET.fullmatch(text)
    if not text.strip("-") or found is None:
        raise ValueError(f"Not an offset: {text!r}")
    sign, days, hours, minutes = found.groups()
    span = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0))
    return -span if sign else span


def household(text: str) -> Household:
    """Read a household such as `f34 m6 f1! : infant`, or a group such as `24/6 : elderly_alone`.

    Raises ValueError: when a word of it is neither a member nor a group.
    """
    who, _, what = text.partition(":")
    vulnerabilities = tuple(what.split())
    if group := _GROUP.fullmatch(who.strip()):
        return Household(int(group[1]), int(group[2]), vulnerabilities=vulnerabilities)
    members, vulnerable = [], 0
    for word in who.split():
        found = _MEMBER.fullmatch(word)
        if found is None:
            raise ValueError(f"Not a member of a household: {word!r}")
        sex, age, mark, disability = found.groups()
        members.append({"age": int(age), "sex": sex, "disability": bool(disability)})
        vulnerable += bool(mark)
    return Household(len(members), vulnerable, tuple(members), vulnerabilities)


def line(item: str, quantity: int | str, *, people: int) -> Line:
    """Read a line such as 2, `15pp` (for each person) or `3+refrigerated`; parts of a unit are rounded up.

    Raises ValueError: when the quantity is not written so.
    """
    found = _QUANTITY.fullmatch(str(quantity))
    if found is None:
        raise ValueError(f"Not a quantity: {quantity!r}")
    number, per_person, conditions = found.groups()
    amount = float(number) * (people if per_person else 1)
    return Line(item, math.ceil(amount), tuple(conditions.split("+")[1:]))


def moved(lon: float, lat: float, *, east_m: float, north_m: float) -> tuple[float, float]:
    """Move a point by metres, well enough for a few kilometres."""
    return (
        round(lon + east_m / (METRES_PER_DEGREE * math.cos(math.radians(lat))), 6),
        round(lat + north_m / METRES_PER_DEGREE, 6),
    )


def scattered(lon: float, lat: float, *, index: int, spread_m: float) -> tuple[float, float]:
    """Give the index-th point of an even scatter in the circle around a point."""
    share, turn = (math.modf(0.5 + index * step)[0] for step in _R2_STEPS)
    radius_m, angle = spread_m * math.sqrt(share), 2 * math.pi * turn
    return moved(lon, lat, east_m=radius_m * math.cos(angle), north_m=radius_m * math.sin(angle))


def ring(lon: float, lat: float, *, radius_m: float, corners: int = 16) -> list[list[tuple[float, float]]]:
    """Give the coordinates of a polygon around a point, closed, as GeoJSON has them."""
    angles = [2 * math.pi * corner / corners for corner in range(corners)]
    points = [
        moved(lon, lat, east_m=radius_m * math.cos(angle), north_m=radius_m * math.sin(angle)) for angle in angles
    ]
    return [[*points, points[0]]]


def position(row: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Find where a row of the file is: its own lon and lat, or its place, moved by east_m and north_m."""
    centre = row if "lon" in row else places[row.get("place") or row["around"]]
    return moved(centre["lon"], centre["lat"], east_m=row.get("east_m", 0), north_m=row.get("north_m", 0))


class Scenario:
    """Everything the files say, expanded once, in the order in which it is told."""

    def __init__(self) -> None:
        file = read("places")
        self.places: dict[str, dict[str, Any]] = {row["key"]: row for row in file["places"]}
        self.organisations = read("organisations")
        self.events = read("incidents")
        scatter = Scatter(self.places, file["spread_m"])
        self.shelters = tuple(_supplies(read("shelters")["groups"], "places", scatter))
        self.resources = tuple(_supplies(read("resources")["groups"], "total", scatter))
        sites = {site["key"]: position(site, self.places) for site in self.events["sites"]}
        needs = read("aid_requests")
        self.contact_names: list[str] = needs["contact_names"]
        self.aid_requests = tuple(_aid_requests(needs["archetypes"], scatter, sites))

    @property
    def length(self) -> int:
        """Count the steps in which the scenario is told, for a progress bar."""
        events = sum(len(section) for section in self.events.values() if isinstance(section, list))
        # Each incident is reported, confirmed and ended.
        events += 2 * len(self.events["incidents"])
        bodies = len(self.organisations["organisations"]) + len(self.organisations["people"])
        supplies = len(self.shelters) + len(self.resources)
        return len(read("areas")["areas"]) + bodies + events + supplies + len(self.aid_requests)


def _supplies(groups: Sequence[Mapping[str, Any]], counter: str, scatter: Scatter) -> Iterator[SupplyRow]:
    for group in groups:
        for index, place in enumerate(group["at"]):
            lon, lat = scatter.deal(place)
            quantity = group[counter][index % len(group[counter])]
            yield SupplyRow(f"{group['key']}-{index + 1}", place, lon, lat, quantity, group)


def _aid_requests(
    archetypes: Sequence[Mapping[str, Any]], scatter: Scatter, sites: Mapping[str, tuple[float, float]]
) -> Iterator[AidRequestRow]:
    for archetype in archetypes:
        for index, place in enumerate(archetype["at"]):
            lon, lat = scatter.deal(place)
            if "near_site" in archetype:
                lon, lat = scattered(*sites[archetype["near_site"]], index=index, spread_m=100)
            people = household(archetype["who"][index % len(archetype["who"])])
            yield AidRequestRow(
                client_ref=f"{archetype['key']}-{index + 1}",
                archetype=archetype["key"],
                incident=archetype["incident"],
                building=archetype.get("building"),
                by=archetype["by"],
                channel=archetype["channel"],
                urgency=archetype["urgency"],
                filed=offset(archetype["filed"]) + index * timedelta(minutes=archetype.get("later_min", 0)),
                needed=offset(archetype["needed"]) if "needed" in archetype else None,
                lon=lon,
                lat=lat,
                place=place,
                household=people,
                lines=tuple(
                    line(item, quantity, people=people.people) for item, quantity in archetype["lines"].items()
                ),
                same_phone_as=f"{archetype['same_phone_as']}-{index + 1}" if "same_phone_as" in archetype else None,
                leave=archetype.get("leave", "verified"),
                meant=archetype.get("meant", ""),
            )
