"""Attacks on homes: a partner, or a stranger with invented offers, tries to find where families live.

What a partner is told on purpose is the cell. So the measure is: does any attack come nearer than the best guess of who
knows the cell and nothing else, its centre? Each attack prints its figures and has a control that must find the homes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import h3
import numpy as np
import numpy.typing as npt
import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from scipy.spatial import cKDTree

from aid.matching.candidates import Candidates, Scope, Weights, read_candidates
from aid.matching.explain import distance_band, match_facts, match_sentences
from aid.matching.planning import solve_most_urgent_first
from aid.models import AidRequest, Match, RequestLine, Resource
from coordination.access.models import Organisation
from coordination.geo.cells import HOME_RESOLUTION, cell_centre, cell_of
from coordination.geo.distance import great_circle_m
from coordination.records.visibility import Disclosure
from tests.doors import graphql
from tests.doors.rest import PUBLIC_CALLER, Caller, caller, results
from tests.factories import aid
from tests.factories.access import cell as make_cell
from tests.factories.access import member, organisation

Places = npt.NDArray[np.float64]

pytestmark = pytest.mark.django_db

HOMES = 1_000
WEST, SOUTH, EAST, NORTH = 30.36, 50.36, 30.76, 50.53
# Metres to a degree around Kyiv, for estimates over some kilometres.
METRES = np.array([70_900.0, 111_240.0])
ROUNDS = 12


@dataclass
class World:
    """The homes, what was filed for them, and somebody who was proposed all of them."""

    homes: Places
    cells: list[str]
    lines: list[RequestLine]
    attacker: Organisation

    def error_m(self, guesses: Places) -> float:
        """Measure how far the middle one of the guesses is from its home."""
        return float(np.median(np.hypot(*((guesses - self.homes) * METRES).T)))

    @property
    def centres(self) -> Places:
        """Give the best guess of who knows the cell alone."""
        return np.array([cell_centre(cell) for cell in self.cells])

    def elsewhere(self) -> Places:
        """Give another place for each home, in the same cell."""
        random, places = np.random.default_rng(2), self.homes.copy()
        for index, cell in enumerate(self.cells):
            while True:
                place = self.centres[index] + random.uniform(-5_000, 5_000, 2) / METRES
                if h3.latlng_to_cell(place[1], place[0], HOME_RESOLUTION) == cell:
                    places[index] = place
                    break
        return places


@pytest.fixture
def world(ngo: Organisation, now: datetime) -> World:
    """Have 1,000 homes ask for water, and an unvetted organisation that was proposed every one of them."""
    homes = np.random.default_rng(1).uniform((WEST, SOUTH), (EAST, NORTH), (HOMES, 2))
    points = [Point(lon, lat, srid=4326) for lon, lat in homes.tolist()]
    filed = AidRequest.objects.bulk_create(
        AidRequest(
            reported_by=ngo,
            location=point,
            public_cell=cell_of(point, HOME_RESOLUTION),
            people=3,
            urgency=2,
            status="verified",
            review_at=now,
        )
        for point in points
    )
    water = aid.item()
    lines = RequestLine.objects.bulk_create(
        RequestLine(aid_request=request, item=water, quantity=10, reserved=1) for request in filed
    )
    attacker = organisation("Helping Paws", is_vetted=False)
    depot = aid.DARNYTSIA
    offer = aid.resource(attacker, now=now, total=10 * HOMES, service_radius_m=50_000, location=depot)
    Resource.objects.filter(pk=offer.pk).update(reserved=HOMES)
    Match.objects.bulk_create(
        Match(
            line=line,
            resource=offer,
            quantity=1,
            distance_m=great_circle_m(point.x, point.y, depot.x, depot.y),
            distance_band_m=distance_band(great_circle_m(*cell_centre(request.public_cell), depot.x, depot.y)),
            respond_by=now,
        )
        for line, request, point in zip(lines, filed, points, strict=True)
    )
    with connection.cursor() as cursor:
        # As the database does by itself within a minute: unknown tables are read in poor order.
        cursor.execute("ANALYZE")
    return World(homes, [request.public_cell for request in filed], lines, attacker)


def told(error_m: float, what: str, world: World) -> str:
    """Put a figure beside what knowing the cell gives."""
    centre = cell_centre(world.cells[0])
    corner_m = max(great_circle_m(*centre, *corner[::-1]) for corner in h3.cell_to_boundary(world.cells[0]))
    best_m = world.error_m(world.centres)
    return f"{what}: median error {error_m:,.0f} m; the cell's centre {best_m:,.0f} m, its corners {corner_m:,.0f} m"


# Lists


def all_of(someone: Caller, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Read a list to its end."""
    answer = someone.get("aid-requests", {**query, "limit": "500"})
    yield from results(answer)
    while following := answer.json()["next"]:
        answer = someone.get("aid-requests" + following.partition("aid-requests")[2])
        yield from results(answer)


def by_distances(someone: Caller, world: World) -> Places:
    """Ask how far every home is from six places and find where the circles meet."""
    position = {str(line.aid_request_id): index for index, line in enumerate(world.lines)}
    anchors = np.array([(lon, lat) for lon in (WEST, EAST) for lat in (SOUTH, 50.445, NORTH)])
    distances = np.empty((len(anchors), HOMES))
    for row, (lon, lat) in enumerate(anchors):
        for found in all_of(someone, {"near": f"{lon},{lat}", "ordering": "distance"}):
            distances[row, position[found["id"]]] = found["distance_m"]
    # Differences of squares are linear in the place.
    flat = (anchors - anchors[0]) * METRES
    sums = (flat[1:] ** 2).sum(axis=1)[:, None] + distances[0] ** 2 - distances[1:] ** 2
    solution, *_rest = np.linalg.lstsq(2 * flat[1:], sums, rcond=None)
    return anchors[0] + solution.T / METRES


def by_boxes(someone: Caller, world: World) -> Places:
    """Ask which homes are in each of 40 upright and 40 level stripes, and guess the middle of where each was."""
    position = {str(line.aid_request_id): index for index, line in enumerate(world.lines)}
    guesses = world.centres
    for axis, (low, high) in enumerate(((WEST - 0.05, EAST + 0.05), (SOUTH - 0.05, NORTH + 0.05))):
        edges = np.linspace(low, high, 41)
        for start, end in pairwise(edges):
            box = (start, 50.0, end, 51.0) if axis == 0 else (30.0, start, 31.0, end)
            for found in all_of(someone, {"bbox": ",".join(map(str, box))}):
                guesses[position[found["id"]], axis] = (start + end) / 2
    return guesses


@pytest.mark.parametrize("attack", [by_distances, by_boxes])
def test_lists_tell_no_more_than_the_cell(attack: Any, world: World) -> None:
    found = world.error_m(attack(caller(member(world.attacker)), world))
    known = world.error_m(attack(caller(member(make_cell())), world))
    print(told(found, attack.__name__, world), f"; control: {known:,.0f} m")
    assert found > 0.95 * world.error_m(world.centres)
    assert known < 600


def test_home_that_moves_within_its_cell_changes_no_answer(world: World) -> None:
    # Reading again and again, tags, totals, orders, refs and explanations: all of it is the same for either place.
    someone = caller(member(world.attacker))
    before = transcript(someone, world)
    places = world.elsewhere()
    for line, (lon, lat) in zip(world.lines, places.tolist(), strict=True):
        line.aid_request.location = Point(lon, lat, srid=4326)
    AidRequest.objects.bulk_update([line.aid_request for line in world.lines], ["location"])
    assert transcript(someone, world) == before
    moved = AidRequest.objects.get(pk=world.lines[0].aid_request_id)
    AidRequest.objects.filter(pk=moved.pk).update(public_cell="861e28947ffffff")
    assert transcript(someone, world) != before


def transcript(someone: Caller, world: World) -> list[Any]:
    """Write down every answer to a partner and to the public that could tell of a home."""
    place = "30.5234,50.4501"
    one = world.lines[0].aid_request_id
    said: list[Any] = []
    queries: list[tuple[str, dict[str, str]]] = [
        ("aid-requests", {"near": place, "ordering": "distance", "limit": "500"}),
        ("aid-requests", {"near": place, "radius_m": "4000", "format": "geojson"}),
        ("aid-requests", {"bbox": "30.5,50.4,30.6,50.45"}),
        ("aid-requests", {"updated_since": "2026-01-01T00:00:00Z"}),
        (f"aid-requests/{one}", {}),
        (f"aid-requests/{one}/suggestions", {}),
        (f"aid-requests/{one}/possible-duplicates", {}),
        ("matches", {"limit": "500"}),
        ("resources", {}),
        ("events", {}),
        ("needs", {}),
        ("incidents", {}),
    ]
    for who in (someone, PUBLIC_CALLER):
        for path, query in queries:
            answer = who.get(path, query)
            body = answer.json()
            body.pop("next", None)
            body.pop("links", None)
            said.append((path, answer.status_code, answer.headers.get("ETag"), body))
    near = 'near: {point: {type: "Point", coordinates: [30.52, 50.45]}, radiusM: 6000}'
    shape = "ref distanceM location updatedAt createdAt area { id } publicCell { id }"
    counted = f"{{ aidRequests(first: 50, {near}, orderBy: NEAREST) {{ totalCount nodes {{ {shape} }} }} }}"
    matched = "{ matches(first: 100) { totalCount nodes { distanceM distanceBandM why line { unmet reserved } } } }"
    return said + [graphql.Caller(someone.token).ask(query) for query in (counted, matched)]


# Invented offers


def moved(candidates: Candidates, shift: Places) -> tuple[Candidates, Places]:
    """Put the attacker's offers on a grid that is shifted each time."""
    count = len(candidates.resource_ids)
    columns = 20
    index = np.arange(count)
    step = np.array([(EAST - WEST) / columns, (NORTH - SOUTH) / (count // columns)])
    places = np.array([WEST, SOUTH]) + (np.column_stack((index % columns, index // columns)) + shift) * step
    offers = replace(candidates.offers, lon=places[:, 0].copy(), lat=places[:, 1].copy())
    return replace(candidates, offers=offers), places


def answers(candidates: Candidates) -> list[tuple[int, int, int, list[str]]]:
    """Give what the attacker sees of a plan: which of his offers is asked for which home, how far, and why."""
    plan = solve_most_urgent_first(candidates)
    seen = []
    for line, offer, facts in zip(plan.line.tolist(), plan.offer.tolist(), match_facts(candidates, plan), strict=True):
        band_m = distance_band(
            great_circle_m(
                *cell_centre(candidates.cells[line]),
                float(candidates.offers.lon[offer]),
                float(candidates.offers.lat[offer]),
            )
        )
        seen.append((line, offer, band_m, match_sentences(facts, band_m=band_m, disclosure=Disclosure.COARSE)))
    return seen


def by_invented_offers(candidates: Candidates, world: World, order: list[int]) -> Places:
    """Move the offers, note which is asked for each home, and keep the places for which each would be the nearest."""
    random = np.random.default_rng(3)
    around = world.centres[order]
    guesses = around[:, None, :] + random.uniform(-4_500, 4_500, (len(order), 250, 2)) / METRES
    right = np.zeros(guesses.shape[:2])
    for shift in random.uniform(0, 1, (ROUNDS, 2)):
        offered, places = moved(candidates, shift)
        nearest = np.asarray(cKDTree(places * METRES).query((guesses * METRES).reshape(-1, 2))[1]).reshape(right.shape)
        for line, offer, _band, _why in answers(offered):
            right[line] += nearest[line] == offer
    best = right == right.max(axis=1, keepdims=True)
    found = np.empty_like(world.homes)
    found[order] = (guesses * best[:, :, None]).sum(axis=1) / best.sum(axis=1)[:, None]
    return found


@pytest.fixture
def candidates(world: World, now: datetime) -> Candidates:
    """Give the homes and 280 offers of the attacker's, as the engine reads them."""
    Match.objects.all().delete()
    Resource.objects.all().delete()
    RequestLine.objects.update(reserved=0)
    Resource.objects.bulk_create(
        Resource(
            provider=world.attacker,
            item=aid.item(),
            total=10 * HOMES,
            location=Point(30.5, 50.45),
            service_radius_m=2_000,
        )
        for _offer in range(280)
    )
    return read_candidates(Scope(), now=now, weights=Weights())


def order_of(candidates: Candidates, world: World) -> list[int]:
    """Say which home each line of the engine is."""
    position = {line.pk: index for index, line in enumerate(world.lines)}
    return [position[line_id] for line_id in candidates.line_ids]


def test_invented_offers_find_no_more_than_the_cell(candidates: Candidates, world: World, now: datetime) -> None:
    # The control is what a vetted organisation could do: it is matched on the places themselves.
    order = order_of(candidates, world)
    found = world.error_m(by_invented_offers(candidates, world, order))
    Organisation.objects.filter(pk=world.attacker.pk).update(is_vetted=True)
    exactly = read_candidates(Scope(), now=now, weights=Weights())
    vetted = world.error_m(by_invented_offers(exactly, world, order))
    print(told(found, f"offers moved {ROUNDS} times", world), f"; a vetted provider, matched exactly: {vetted:,.0f} m")
    assert found > 0.95 * world.error_m(world.centres)
    assert vetted < 600


def test_plan_is_the_same_wherever_in_its_cell_a_home_is(candidates: Candidates, world: World, now: datetime) -> None:
    offered, _places = moved(candidates, np.array([0.3, 0.7]))
    before = answers(offered)
    elsewhere = world.elsewhere()[order_of(candidates, world)]
    lines = replace(offered.lines, lon=elsewhere[:, 0].copy(), lat=elsewhere[:, 1].copy())
    assert before
    assert answers(replace(offered, lines=lines)) == before
    known = replace(offered, offers=replace(offered.offers, coarse=np.zeros(280, np.bool_)))
    assert answers(replace(known, lines=lines)) != answers(known)


def test_invented_offers_are_never_weighed_against_others(candidates: Candidates, world: World, now: datetime) -> None:
    # Were they, moving one until it wins would measure the distance from the home to a depot that is known.
    is_invented = np.arange(280) >= 5
    radius_m, stock = np.where(is_invented, 2_000.0, 9_000.0), np.where(is_invented, 10_000, 700)
    asked = []
    for shift in (0.1, 0.6):
        offered, places = moved(candidates, np.array([shift, shift]))
        places[:5] = [(30.4, 50.4), (30.7, 50.4), (30.55, 50.45), (30.4, 50.5), (30.7, 50.5)]
        offers = replace(
            offered.offers, lon=places[:, 0], lat=places[:, 1], coarse=is_invented, radius_m=radius_m, available=stock
        )
        seen = answers(replace(offered, offers=offers))
        asked.append({(line, offer) for line, offer, _band, _why in seen if offer < 5})
        invented = [why for _line, offer, _band, why in seen if offer >= 5]
        assert asked[-1]
        assert invented
        assert all(len(why) == 1 for why in invented)
    assert asked[0] == asked[1]
