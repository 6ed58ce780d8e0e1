"""Make up scarce, clustered demand and supply over Kyiv; equal seeds give equal cities."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aid.matching.solve import Lines, Offers

KYIV_LON, KYIV_LAT = 30.52, 50.45
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class City:
    """Describe a city to make up: how many lines and offers of how many items, and how much the supply covers."""

    lines: int
    offers: int
    items: int = 10
    coverage: float = 0.7
    are_whole: bool = False
    seed: int = 1


def make_city(city: City) -> tuple[Lines, Offers]:
    """Return lines clustered around struck blocks, and offers around depots and shelters in the same city."""
    random = np.random.default_rng(city.seed)
    struck = _scatter(random, max(4, city.lines // 250), spread_m=6_000)
    depots = _scatter(random, max(4, city.offers // 8), spread_m=8_000)
    line_lon, line_lat = _around(random, struck, city.lines, spread_m=700)
    offer_lon, offer_lat = _around(random, depots, city.offers, spread_m=1_500)

    item = random.integers(0, city.items, city.lines).astype(np.int32)
    people = random.choice([1, 2, 3, 4, 5, 6, 7, 8], city.lines, p=[0.24, 0.26, 0.2, 0.14, 0.08, 0.04, 0.02, 0.02])
    quantity = people if city.are_whole else people * random.integers(1, 12, city.lines)
    urgency = random.choice([1, 2, 3, 4], city.lines, p=[0.05, 0.25, 0.4, 0.3])
    vulnerable = random.random(city.lines) * (random.random(city.lines) < 0.4)
    waiting_hours = random.exponential(12, city.lines)
    effort = people / quantity
    needs = random.choice([0, 1, 2], city.lines, p=[0.8, 0.15, 0.05])

    offer_item = random.integers(0, city.items, city.offers).astype(np.int32)
    share = random.gamma(2.0, 1.0, city.offers)
    asked = np.bincount(item, quantity, city.items)
    offered = np.bincount(offer_item, share, city.items)
    available = np.rint(city.coverage * asked[offer_item] * share / offered[offer_item])
    lines = Lines(
        item=item,
        lon=line_lon,
        lat=line_lat,
        quantity=quantity.astype(np.int64),
        penalty=effort * 200 * 2.0 ** (4 - urgency) * (1 + vulnerable) * (1 + waiting_hours / 24),
        effort=effort,
        needs=needs.astype(np.int64),
        needed_by=np.where(random.random(city.lines) < 0.7, -np.inf, random.random(city.lines) * 86_400),
        whole=np.full(city.lines, city.are_whole),
        coarse_lon=line_lon,
        coarse_lat=line_lat,
    )
    offers = Offers(
        item=offer_item,
        lon=offer_lon,
        lat=offer_lat,
        available=available.astype(np.int64),
        radius_m=random.choice([5_000.0, 10_000.0, 25_000.0], city.offers, p=[0.3, 0.4, 0.3]),
        has=random.choice([0, 1, 3], city.offers, p=[0.4, 0.4, 0.2]).astype(np.int64),
        expires_at=np.where(random.random(city.offers) < 0.6, np.inf, random.random(city.offers) * 172_800),
        coarse=np.zeros(city.offers, np.bool_),
    )
    return lines, offers


def _scatter(random: np.random.Generator, count: int, spread_m: float) -> npt.NDArray[np.float64]:
    return random.normal(0, spread_m, (count, 2))


def _around(
    random: np.random.Generator, centres: npt.NDArray[np.float64], count: int, spread_m: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return degrees of points around centres that differ in how many they draw."""
    weight = random.pareto(1.5, len(centres)) + 0.2
    chosen = random.choice(len(centres), count, p=weight / weight.sum())
    metres = centres[chosen] + random.normal(0, spread_m, (count, 2))
    lat = KYIV_LAT + metres[:, 1] / METRES_PER_DEGREE
    return KYIV_LON + metres[:, 0] / (METRES_PER_DEGREE * np.cos(np.radians(KYIV_LAT))), lat
