"""Make up scarce, clustered demand and supply; equal seeds give equal places."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aid.matching.solve import Lines, Offers

KYIV_LON, KYIV_LAT = 30.52, 50.45
METRES_PER_DEGREE = 111_195.0
TOWNS = 40
KINDS = ("city", "country", "crowd")


@dataclass(frozen=True)
class Place:
    """Describe a place to make up: how many lines and offers of how many items, and how much the supply covers.

    A `city` is as dense as Kyiv; a `country` has forty towns, and offers that go farther; a `crowd` is a city in which
    every offer may serve every line of its item.
    """

    lines: int
    offers: int
    items: int = 10
    coverage: float = 0.7
    kind: str = "city"
    are_whole: bool = False
    seed: int = 1


def make_place(place: Place) -> tuple[Lines, Offers]:
    """Return lines clustered around struck blocks, and offers around depots and shelters in the same towns."""
    random = np.random.default_rng(place.seed)
    struck = _scatter(random, max(4, place.lines // 250), spread_m=6_000)
    depots = _scatter(random, max(4, place.offers // 8), spread_m=8_000)
    if place.kind == "country":
        towns = np.column_stack((random.uniform(-550_000, 600_000, TOWNS), random.uniform(-400_000, 150_000, TOWNS)))
        size = random.pareto(1.0, TOWNS) + 0.1
        struck += towns[random.choice(TOWNS, len(struck), p=size / size.sum())]
        depots += towns[random.choice(TOWNS, len(depots), p=size / size.sum())]
    line_lon, line_lat = _around(random, struck, place.lines, spread_m=700)
    offer_lon, offer_lat = _around(random, depots, place.offers, spread_m=1_500)

    item = random.integers(0, place.items, place.lines).astype(np.int32)
    people = random.choice([1, 2, 3, 4, 5, 6, 7, 8], place.lines, p=[0.24, 0.26, 0.2, 0.14, 0.08, 0.04, 0.02, 0.02])
    quantity = people if place.are_whole else people * random.integers(1, 12, place.lines)
    urgency = random.choice([1, 2, 3, 4], place.lines, p=[0.05, 0.25, 0.4, 0.3])
    vulnerable = random.random(place.lines) * (random.random(place.lines) < 0.4)
    waiting_hours = random.exponential(12, place.lines)
    effort = people / quantity
    needs = random.choice([0, 1, 2], place.lines, p=[0.8, 0.15, 0.05])

    offer_item = random.integers(0, place.items, place.offers).astype(np.int32)
    share = random.gamma(2.0, 1.0, place.offers)
    asked = np.bincount(item, quantity, place.items)
    offered = np.bincount(offer_item, share, place.items)
    available = np.rint(place.coverage * asked[offer_item] * share / offered[offer_item])
    lines = Lines(
        item=item,
        lon=line_lon,
        lat=line_lat,
        quantity=quantity.astype(np.int64),
        penalty=effort * 200 * 2.0 ** (4 - urgency) * (1 + vulnerable) * (1 + waiting_hours / 24),
        effort=effort,
        needs=needs.astype(np.int64),
        needed_by=np.where(random.random(place.lines) < 0.7, -np.inf, random.random(place.lines) * 86_400),
        whole=np.full(place.lines, place.are_whole),
        coarse_lon=line_lon,
        coarse_lat=line_lat,
    )
    radii_m = {
        "city": [5_000.0, 10_000.0, 25_000.0],
        "country": [15_000.0, 60_000.0, 250_000.0],
        "crowd": [np.inf, np.inf, np.inf],
    }
    is_open = place.kind == "crowd"
    has = random.choice([0, 1, 3], place.offers, p=[0.4, 0.4, 0.2])
    expires_at = np.where(random.random(place.offers) < 0.6, np.inf, random.random(place.offers) * 172_800)
    offers = Offers(
        item=offer_item,
        lon=offer_lon,
        lat=offer_lat,
        available=available.astype(np.int64),
        radius_m=random.choice(radii_m[place.kind], place.offers, p=[0.3, 0.4, 0.3]),
        has=np.full(place.offers, 3) if is_open else has.astype(np.int64),
        expires_at=np.full(place.offers, np.inf) if is_open else expires_at,
        coarse=np.zeros(place.offers, np.bool_),
    )
    return lines, offers


def _scatter(random: np.random.Generator, count: int, spread_m: float) -> npt.NDArray[np.float64]:
    return random.normal(0, spread_m, (count, 2))


def _around(
    random: np.random.Generator, centres: npt.NDArray[np.float64], count: int, spread_m: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return degrees of points around centres that differ in how many they draw."""
    weight = random.pareto(1.5, len(centres)) + 0.2
    drawn = random.choice(len(centres), count, p=weight / weight.sum())
    metres = centres[drawn] + random.normal(0, spread_m, (count, 2))
    lat = KYIV_LAT + metres[:, 1] / METRES_PER_DEGREE
    return KYIV_LON + metres[:, 0] / (METRES_PER_DEGREE * np.cos(np.radians(KYIV_LAT))), lat
