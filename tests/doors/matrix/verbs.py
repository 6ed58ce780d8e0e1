"""Who may do what: every verb of every door, with the rows that it is about, written by hand from the contract.

A verb is named as each door names it: REST by its address, GraphQL by its mutation, the admin by the page's last part.
Whoever may not see a row is told that it is not there; who sees it and may not is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.doors.matrix.parties import Party
from tests.doors.matrix.sight import sight
from tests.doors.matrix.world import World

Body = Callable[[World, str], dict[str, Any]]

NOBODY: frozenset[str] = frozenset()
REPORTERS = frozenset({"caseworker", "coordinator", "administrator", "system"})
COORDINATORS = REPORTERS - {"caseworker"}

MANAGERS = frozenset({"administrator"})
EVERYBODY = REPORTERS | {"viewer"}

# Which rows are ours; `own` alone where nothing else is said.
OURS: Mapping[str, frozenset[str]] = {
    "aid.AidRequest": frozenset({"own", "own_far", "concerning_us", "guests"}),
    "aid.Resource": frozenset({"own", "places_own"}),
    "incidents.Incident": frozenset({"own", "own_far"}),
    "access.Membership": frozenset({"viewer", "caseworker", "coordinator", "administrator"}),
    "access.ApiClient": frozenset({"system", "reader"}),
}
# We provide what the first promise, and need what the second do.
PROVIDED = frozenset({"live", "accepted", "released", "ended"})
NEEDED = frozenset({"for_us", "once_for_us", "accepted_for_us", "places_for_us"})


def nothing(_world: World, _name: str) -> dict[str, Any]:
    """Give no fields."""
    return {}


@dataclass(frozen=True)
class Verb:
    """One verb: its names at the doors, the model of the row it is about, and who may do it to which.

    `own` may do it to `ours`, `others` to what is not ours. The coordination cell may do everything, that of a district
    to `in_district`, or else to what it sees beyond its cell. A verb about no row that is there is about an
    organisation, in whose name (`speaker`) it is done.
    """

    about: str
    own: frozenset[str]
    rest: str = ""
    graphql: str = ""
    admin: str = ""
    # The model whose page the admin does it on, where it is not the one that the verb is about.
    page: str = ""
    others: frozenset[str] = NOBODY
    ours: frozenset[str] | None = None
    in_district: frozenset[str] | None = None
    body: Body = nothing
    # The field of the body that names the row, where the address does not.
    subject: str = ""
    is_list: bool = False
    rows: tuple[str, ...] = ()
    # Who the people are is told to those alone who are told of them.
    is_reading: bool = False
    # What not even the cell may.
    not_the_cell: frozenset[str] = NOBODY

    def __str__(self) -> str:
        return self.rest or self.graphql or self.on_page

    @property
    def on_page(self) -> str:
        """Name the verb as the admin does: by its model and the last part of its page."""
        return f"{self.page or self.about} {self.admin}" if self.admin else ""

    def may(self, party: Party, name: str) -> bool:
        """Tell whether a party may do this to a row that it sees."""
        if party.name == "cell":
            return name not in self.not_the_cell
        if self.is_reading:
            return party.name in REPORTERS | {"district"} and sight(self.about, name, party).tells("contact")
        if party.name == "district":
            if self.in_district is not None:
                return name in self.in_district
            return self.about == "access.Organisation" or sight(self.about, name, party).tells("exact")
        ours = OURS.get(self.about, frozenset({"own"})) if self.ours is None else self.ours
        return party.name in (self.own if name in ours else self.others)
