"""Build lines and offers at named places, one short row each."""

from dataclasses import dataclass

import numpy as np

from aid.matching.solve import Lines, Offers

PLACES = {
    "Maidan": (30.5234, 50.4501),
    "Podil": (30.5160, 50.4660),
    "Obolon": (30.4980, 50.5010),
    "Troieshchyna": (30.6040, 50.5120),
    "Darnytsia": (30.6380, 50.4310),
    "Sviatoshyn": (30.3630, 50.4570),
    "Brovary": (30.7900, 50.5110),
    "Kharkiv": (36.2304, 49.9935),
}


@dataclass(frozen=True)
class Need:
    """Describe one line."""

    place: str = "Maidan"
    quantity: int = 10
    item: int = 1
    penalty: float = 1000.0
    effort: float = 1.0
    needs: int = 0
    needed_by: float = -np.inf
    whole: bool = False


@dataclass(frozen=True)
class Stock:
    """Describe one offer."""

    place: str = "Podil"
    available: int = 10
    item: int = 1
    radius_m: float = np.inf
    has: int = 0
    expires_at: float = np.inf


def lines_of(*needs: Need) -> Lines:
    """Return the needs as arrays."""
    return Lines(
        item=np.array([need.item for need in needs], np.int32),
        lon=np.array([PLACES[need.place][0] for need in needs], np.float64),
        lat=np.array([PLACES[need.place][1] for need in needs], np.float64),
        quantity=np.array([need.quantity for need in needs], np.int64),
        penalty=np.array([need.penalty for need in needs], np.float64),
        effort=np.array([need.effort for need in needs], np.float64),
        needs=np.array([need.needs for need in needs], np.int64),
        needed_by=np.array([need.needed_by for need in needs], np.float64),
        whole=np.array([need.whole for need in needs], np.bool_),
        coarse_lon=np.array([PLACES[need.place][0] for need in needs], np.float64),
        coarse_lat=np.array([PLACES[need.place][1] for need in needs], np.float64),
    )


def offers_of(*stocks: Stock) -> Offers:
    """Return the stocks as arrays."""
    return Offers(
        item=np.array([stock.item for stock in stocks], np.int32),
        lon=np.array([PLACES[stock.place][0] for stock in stocks], np.float64),
        lat=np.array([PLACES[stock.place][1] for stock in stocks], np.float64),
        available=np.array([stock.available for stock in stocks], np.int64),
        radius_m=np.array([stock.radius_m for stock in stocks], np.float64),
        has=np.array([stock.has for stock in stocks], np.int64),
        expires_at=np.array([stock.expires_at for stock in stocks], np.float64),
        coarse=np.zeros(len(stocks), np.bool_),
    )
