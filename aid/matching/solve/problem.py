"""What the solver is given and what it answers: frozen records of arrays, and the checks they pass at the door."""

from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

LARGEST_QUANTITY = 2**53
"""Above this a quantity is no longer exact as a float, and sums over an item leave 64 bits."""
LARGEST_WEIGHT = 1e30
"""Penalties and efforts above this mean nothing, and their products would leave the floats."""


_MAY_BE_ZERO = frozenset(
    ("all_edges_up_to", "stop_at_gap", "exact_edges_up_to", "exact_work", "exact_work_in_all", "repair_rounds")
)


class Reason(IntEnum):
    """Why a line got what it got; the order is the order in which the causes are tested."""

    SERVED = 0
    NONE_NEARBY = 1
    OUT_OF_STOCK = 2
    CONDITION = 3
    EXPIRES = 4
    OUTBID = 5


@dataclass(frozen=True, eq=False)
class Lines:
    """Hold the open request lines, one array element each."""

    item: Int32
    lon: Float
    lat: Float
    quantity: Int64
    penalty: Float
    effort: Float
    needs: Int64
    needed_by: Float
    whole: Bool
    coarse_lon: Float
    coarse_lat: Float


@dataclass(frozen=True, eq=False)
class Offers:
    """Hold the free resources, one array element each; to `coarse` ones lines are where their coarse place is."""

    item: Int32
    lon: Float
    lat: Float
    available: Int64
    radius_m: Float
    has: Int64
    expires_at: Float
    coarse: Bool


def _no_indexes() -> Int32:
    return np.empty(0, np.int32)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Hold pairs of a line and an offer by their indexes, in any order."""

    line: Int32 = field(default_factory=_no_indexes)
    offer: Int32 = field(default_factory=_no_indexes)

    def among(self, lines: Int64, offers: Int64) -> "Pairs":
        """Return the pairs of these lines and offers by their positions there."""
        both = np.isin(self.line, lines) & np.isin(self.offer, offers)
        return Pairs(_positions(self.line[both], lines), _positions(self.offer[both], offers))


def _positions(values: Int32, among: Int64) -> Int32:
    order = np.argsort(among)
    return order[np.searchsorted(among, values, sorter=order)].astype(np.int32)


@dataclass(frozen=True, eq=False)
class Plan:
    """Hold who gets how much from where, one row per line and offer, sorted by them.

    `unmet`, `reason` have one element per line, `price` one per offer: what one more unit there would save.
    `objective` and `lower_bound` come from unrounded costs, in km-equivalents.
    """

    line: Int32
    offer: Int32
    quantity: Int64
    distance_m: Float
    unmet: Int64
    reason: Int8
    price: Float
    objective: float
    lower_bound: float


@dataclass(frozen=True)
class Settings:
    """Hold what may be tuned without changing what is feasible.

    All budgets count work, never seconds: an equal input gives an equal plan on a slow machine too.
    """

    all_edges_up_to: int = 200_000
    """An item with no more edges goes to the flow whole; a larger one begins with a few and adds those that help."""
    stop_at_gap: float = 1e-5
    """A larger item is as good as solved when its prices prove that at most this share could be saved."""
    first_edges: int = 8
    """How many edges of each line a larger item begins with."""
    edges_per_round: int = 16
    rounds: int = 40
    choices_if_whole: int = 48
    """How many offers each indivisible line of a larger item chooses among."""
    exact_edges_up_to: int = 600
    """A connected group with indivisible lines and no more edges is also solved as an integer programme."""
    exact_work: float = 1.0
    """Deterministic time of one integer programme, in the solver's own units: about seconds."""
    exact_work_in_all: float = 10.0
    """The same for all integer programmes of one item; the groups that may gain the most come first."""
    repair_rounds: int = 12


Records = TypeVar("Records", Lines, Offers)


def chosen(records: Records, which: Bool | Int64) -> Records:
    """Return the chosen ones."""
    return type(records)(*(getattr(records, part.name)[which] for part in fields(records)))


def checked_lines(lines: Lines) -> Lines:
    """Return the lines as arrays of the promised types.

    Raises ValueError: when a field is malformed; the message begins with its name.
    """
    checked = Lines(
        item=_integers("lines.item", lines.item, np.int32),
        lon=_floats("lines.lon", lines.lon),
        lat=_floats("lines.lat", lines.lat),
        quantity=_integers("lines.quantity", lines.quantity, np.int64),
        penalty=_floats("lines.penalty", lines.penalty),
        effort=_floats("lines.effort", lines.effort),
        needs=_integers("lines.needs", lines.needs, np.int64),
        needed_by=_floats("lines.needed_by", lines.needed_by),
        whole=_booleans("lines.whole", lines.whole),
        coarse_lon=_floats("lines.coarse_lon", lines.coarse_lon),
        coarse_lat=_floats("lines.coarse_lat", lines.coarse_lat),
    )
    _equal_length("lines", checked)
    _within("lines.lon", checked.lon, -180, 180)
    _within("lines.lat", checked.lat, -90, 90)
    _within("lines.coarse_lon", checked.coarse_lon, -180, 180)
    _within("lines.coarse_lat", checked.coarse_lat, -90, 90)
    _within("lines.quantity", checked.quantity, 0, LARGEST_QUANTITY)
    _within("lines.penalty", checked.penalty, 0, LARGEST_WEIGHT)
    _within("lines.effort", checked.effort, 0, LARGEST_WEIGHT)
    _within("lines.needs", checked.needs, 0, np.iinfo(np.int64).max)
    return checked


def checked_offers(offers: Offers) -> Offers:
    """Return the offers as arrays of the promised types.

    Raises ValueError: when a field is malformed; the message begins with its name.
    """
    checked = Offers(
        item=_integers("offers.item", offers.item, np.int32),
        lon=_floats("offers.lon", offers.lon),
        lat=_floats("offers.lat", offers.lat),
        available=_integers("offers.available", offers.available, np.int64),
        radius_m=_floats("offers.radius_m", offers.radius_m),
        has=_integers("offers.has", offers.has, np.int64),
        expires_at=_floats("offers.expires_at", offers.expires_at),
        coarse=_booleans("offers.coarse", offers.coarse),
    )
    _equal_length("offers", checked)
    _within("offers.lon", checked.lon, -180, 180)
    _within("offers.lat", checked.lat, -90, 90)
    _within("offers.available", checked.available, 0, LARGEST_QUANTITY)
    _within("offers.radius_m", checked.radius_m, 0, np.inf)
    _within("offers.has", checked.has, 0, np.iinfo(np.int64).max)
    return checked


def checked_pairs(pairs: Pairs, lines: int, offers: int) -> Pairs:
    """Return the pairs as arrays of the promised types.

    Raises ValueError: when an index is out of range; the message begins with the field's name.
    """
    checked = Pairs(
        line=_integers("forbidden.line", pairs.line, np.int32),
        offer=_integers("forbidden.offer", pairs.offer, np.int32),
    )
    _equal_length("forbidden", checked)
    _within("forbidden.line", checked.line, 0, lines - 1)
    _within("forbidden.offer", checked.offer, 0, offers - 1)
    return checked


def checked_prices(name: str, prices: Float, offers: int) -> Float:
    """Return the prices as an array of floats.

    Raises ValueError: when there is not one for each offer, or one is negative or not a number.
    """
    checked = _floats(name, prices)
    if len(checked) != offers:
        raise ValueError(f"{name}: {len(checked)} elements, but there are {offers} offers")
    # A price is at most a penalty, but for the rounding.
    _within(name, checked, 0, 2 * LARGEST_WEIGHT)
    return checked


def checked_settings(settings: Settings) -> Settings:
    """Return the settings.

    Raises ValueError: when one is negative, not a number, or too small to work with; the message begins with its name.
    """
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        least = 0 if setting.name in _MAY_BE_ZERO else 1
        if not least <= value < np.inf:
            raise ValueError(f"settings.{setting.name}: {value} is out of range")
    return settings


def _one_dimensional(name: str, values: Any) -> npt.NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name}: expected one dimension, not {array.ndim}")
    return array


def _integers(name: str, values: Any, dtype: type[np.int32] | type[np.int64]) -> npt.NDArray[Any]:
    array = _one_dimensional(name, values)
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"{name}: expected whole numbers, not {array.dtype}")
    bounds = np.iinfo(dtype)
    if array.size and (int(array.min()) < bounds.min or int(array.max()) > bounds.max):
        raise ValueError(f"{name}: out of range for {bounds.bits} bits")
    return array.astype(dtype, copy=False)


def _floats(name: str, values: Any) -> Float:
    array = _one_dimensional(name, values)
    if array.size and array.dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected numbers, not {array.dtype}")
    array = array.astype(np.float64, copy=False)
    if np.isnan(array).any():
        raise ValueError(f"{name}: not a number at {int(np.flatnonzero(np.isnan(array))[0])}")
    return array


def _booleans(name: str, values: Any) -> Bool:
    array = _one_dimensional(name, values)
    if array.size and array.dtype.kind != "b":
        raise ValueError(f"{name}: expected true or false, not {array.dtype}")
    return array.astype(np.bool_, copy=False)


def _equal_length(name: str, record: Lines | Offers | Pairs) -> None:
    first, *others = fields(record)
    expected = len(getattr(record, first.name))
    for other in others:
        if (length := len(getattr(record, other.name))) != expected:
            raise ValueError(f"{name}.{other.name}: {length} elements, but {name}.{first.name} has {expected}")


def _within(name: str, values: npt.NDArray[Any], low: float, high: float) -> None:
    wrong = np.flatnonzero((values < low) | (values > high))
    if wrong.size:
        raise ValueError(f"{name}: {values[wrong[0]]} at {int(wrong[0])} is outside {low} to {high}")
