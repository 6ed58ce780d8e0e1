"""Who sees which rows, and how much of each: the contract of protection, written by hand and not read off the guard.

A row of a table is a row of the world by its name, a column an audience; who has no column sees nothing. `-` hides the
row. `coarse`, `exact` and `contact` include one another in this order; `health` stands apart, and `all` is both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.doors.matrix.parties import Party

LEVELS = ("-", "coarse", "exact", "contact")
# The columns in which a party may stand, the most particular one first.
COLUMNS = {
    "public": ("public",),
    "viewer": ("viewer", "member"),
    "caseworker": ("caseworker", "staff", "member"),
    "coordinator": ("coordinator", "staff", "member"),
    "administrator": ("administrator", "staff", "member"),
    "system": ("staff", "member"),
    "reader": ("reader", "public"),
    "cell": ("cell",),
    "district": ("district",),
}


@dataclass(frozen=True)
class Sight:
    """How much of a row somebody sees."""

    level: str
    has_health: bool = False

    def __bool__(self) -> bool:
        return self.level != "-"

    def tells(self, needed: str) -> bool:
        """Tell whether a field that needs this level, or class, is told."""
        if needed == "health":
            return self.has_health
        return LEVELS.index(self.level) >= LEVELS.index(needed)


# Public knowledge.
OPEN = {"areas.Area", "access.Organisation", "aid.Item", "aid.NeedCount"}

TABLES = """
aid.AidRequest      public  viewer         staff          reader  cell   district
  own               -       all            all            -       all    all
  own_far           -       all            all            -       all    -
  concerning_us     -       all            all            -       all    -
  guests            -       all            all            -       all    -
  foreign           -       -              -              -       all    all
  foreign_far       -       -              -              -       all    -
  nowhere           -       -              -              -       all    all
  exercise          -       -              -              -       all    -
  shared            -       coarse         coarse         -       all    -
  shared_place      -       exact          exact          -       all    -
  shared_identity   -       coarse         contact        -       all    -
  shared_health     -       coarse+health  coarse+health  -       all    -
  shared_district   -       exact          exact          -       all    all
  shared_outside    -       -              -              -       all    -
  expired           -       -              -              -       all    -
  live              -       coarse         coarse         -       all    -
  accepted          -       coarse         coarse         -       all    -
  released          -       exact          contact        -       all    -
  ended             -       -              -              -       all    -

aid.RequestLine     public  viewer   staff    reader  cell     district
  own               -       contact  contact  -       contact  contact
  own_far           -       contact  contact  -       contact  -
  concerning_us     -       contact  contact  -       contact  -
  guests            -       contact  contact  -       contact  -
  foreign           -       -        -        -       contact  contact
  foreign_far       -       -        -        -       contact  -
  nowhere           -       -        -        -       contact  contact
  exercise          -       -        -        -       contact  -
  shared            -       coarse   coarse   -       contact  -
  shared_place      -       exact    exact    -       contact  -
  shared_identity   -       coarse   exact    -       contact  -
  shared_health     -       coarse   coarse   -       contact  -
  shared_district   -       exact    exact    -       contact  contact
  shared_outside    -       -        -        -       contact  -
  expired           -       -        -        -       contact  -
  live              -       coarse   coarse   -       contact  -
  accepted          -       coarse   coarse   -       contact  -
  released          -       coarse   coarse   -       contact  -
  ended             -       -        -        -       contact  -

aid.Resource              public  member  reader  cell   district
  own                     -       exact   -       exact  -
  foreign                 -       -       -       exact  exact
  foreign_far             -       -       -       exact  -
  offered_to_us           -       coarse  -       exact  -
  once_offered_to_us      -       -       -       exact  -
  of_giver                -       -       -       exact  -
  places_own              -       exact   -       exact  -
  places_foreign          -       -       -       exact  exact
  places_public           -       -       -       exact  -
  places_public_exercise  -       -       -       exact  -
  places_promised_to_us   -       coarse  -       exact  -
  places_of_giver         -       -       -       exact  -

aid.Shelter         public  member  reader  cell   district
  own               -       exact   -       exact  -
  foreign           -       -       -       exact  exact
  public            coarse  coarse  coarse  exact  coarse
  public_exercise   -       -       -       exact  -
  promised_to_us    -       coarse  -       exact  -
  of_giver          -       -       -       exact  -

aid.ShelterStay     public  member  reader  cell   district
  own               -       exact   -       exact  -
  foreign           -       -       -       exact  exact
  at_public         -       -       -       exact  -
  for_us            -       coarse  -       exact  -

aid.Match           public  member  reader  cell   district
  live              -       coarse  -       exact  -
  accepted          -       coarse  -       exact  -
  released          -       coarse  -       exact  -
  ended             -       coarse  -       exact  -
  for_us            -       coarse  -       exact  coarse
  once_for_us       -       coarse  -       exact  coarse
  accepted_for_us   -       coarse  -       exact  -
  places_for_us     -       coarse  -       exact  -
  foreign           -       -       -       exact  -

aid.MatchRun        public  member  reader  cell   district
  any               -       -       -       exact  -

aid.Delivery        public  member  reader  cell   district
  own               -       exact   -       exact  -
  for_us            -       coarse  -       exact  -
  foreign           -       -       -       exact  -

aid.PossibleDuplicate  public  member  reader  cell   district
  own                  -       exact   -       exact  -
  half_foreign         -       -       -       exact  exact
  foreign              -       -       -       exact  -

aid.DuplicateMerge  public  member  reader  cell   district
  own               -       exact   -       exact  -
  foreign           -       -       -       exact  -

incidents.Incident  public  member  reader  cell   district
  own               -       exact   exact   exact  exact
  own_far           -       exact   exact   exact  -
  foreign           -       -       -       exact  exact
  foreign_far       -       -       -       exact  -
  concerning_us     -       coarse  coarse  exact  -
  embargoed         -       coarse  coarse  exact  coarse
  public            coarse  coarse  coarse  exact  coarse
  public_exercise   -       coarse  coarse  exact  coarse
  dismissed         -       -       -       exact  -
  of_giver          -       -       -       exact  -

incidents.CasualtyReport  public  member  reader  cell   district
  own                     -       exact   exact   exact  exact
  foreign                 -       -       -       exact  exact
  foreign_far             -       -       -       exact  -
  concerning_us           -       coarse  coarse  exact  -
  embargoed               -       coarse  coarse  exact  coarse
  public                  -       coarse  coarse  exact  coarse
  confirmed               coarse  coarse  coarse  exact  coarse

incidents.ImpactSite  public  member  reader  cell   district
  own                 -       exact   exact   exact  exact
  foreign             -       -       -       exact  exact
  foreign_far         -       -       -       exact  -
  concerning_us       -       -       -       exact  -
  embargoed           -       coarse  coarse  exact  coarse
  public              -       coarse  coarse  exact  coarse

incidents.AffectedBuilding  public  member  reader  cell   district
  own                       -       exact   exact   exact  exact
  foreign                   -       -       -       exact  exact
  foreign_far               -       -       -       exact  -
  concerning_us             -       exact   exact   exact  -
  embargoed                 -       -       -       exact  -
  public                    -       -       -       exact  -

incidents.DamageAssessment  public  member  reader  cell   district
  own                       -       exact   exact   exact  exact
  foreign                   -       -       -       exact  exact
  foreign_far               -       -       -       exact  -
  concerning_us             -       -       -       exact  -
  embargoed                 -       -       -       exact  -
  public                    -       -       -       exact  -

incidents.Outage    public  member  reader  cell   district
  own               -       exact   exact   exact  exact
  foreign           -       -       -       exact  exact
  foreign_far       -       -       -       exact  -
  concerning_us     -       coarse  coarse  exact  -
  embargoed         -       coarse  coarse  exact  coarse
  public            coarse  coarse  coarse  exact  coarse
  alone             -       coarse  coarse  exact  exact
  announced         coarse  coarse  coarse  exact  exact
  waited            coarse  coarse  coarse  exact  exact
  alone_exercise    -       coarse  coarse  exact  exact

incidents.AccessConstraint  public  member  reader  cell   district
  own                       -       exact   exact   exact  exact
  foreign                   -       exact   exact   exact  exact

access.User         member  administrator  cell     district
  viewer            contact contact        contact  -
  caseworker        contact contact        contact  -
  coordinator       contact contact        contact  -
  administrator     contact contact        contact  -
  cell              -       -              contact  -
  district          -       -              contact  contact
  stranger          -       -              contact  -

access.Membership   member  administrator  cell     district
  viewer            contact contact        contact  -
  caseworker        contact contact        contact  -
  coordinator       contact contact        contact  -
  administrator     contact contact        contact  -
  cell              -       -              contact  -
  district          -       -              contact  contact
  stranger          -       -              contact  -

access.SharingAgreement  member  reader  cell   district
  shared                 exact   exact   exact  -
  shared_place           exact   exact   exact  -
  shared_identity        exact   exact   exact  -
  shared_health          exact   exact   exact  -
  shared_district        exact   exact   exact  -
  expired                exact   exact   exact  -
  given                  exact   exact   exact  -
  foreign                -       -       exact  -

access.ApiClient    viewer  staff  administrator  cell     district
  system            -       -      contact        contact  -
  reader            -       -      contact        contact  -
  foreign           -       -      -              contact  -

access.OAuthClient  viewer  staff  administrator  cell     district
  system            -       -      contact        contact  -
  reader            -       -      contact        contact  -
  foreign           -       -      -              contact  -

access.ApiKey       viewer   caseworker  coordinator  administrator  cell     district
  viewer            contact  -           -            -              contact  -
  caseworker        -        contact     -            -              contact  -
  coordinator       -        -           contact      -              contact  -
  administrator     -        -           -            contact        contact  -
  cell              -        -           -            -              contact  -
  district          -        -           -            -              contact  contact
  system            -        -           -            contact        contact  -
  reader            -        -           -            contact        contact  -
  foreign           -        -           -            -              contact  -
  stranger          -        -           -            -              contact  -

access.AccessRecord  viewer  caseworker  coordinator  administrator  cell     district
  own                -       contact     -            contact        contact  -
  foreign            -       -           -            -              contact  -

access.Alert        member  administrator  cell     district
  own               -       contact        contact  -
  foreign           -       -              contact  -

access.ErasureTombstone  member  cell   district
  any                    -       exact  exact

webhooks.WebhookEndpoint  member   cell     district
  own                     contact  contact  -
  foreign                 -        contact  -

webhooks.WebhookDelivery  member   cell     district
  own                     contact  contact  -
  foreign                 -        contact  -

web.Job             member   cell     district
  own               contact  contact  -
  foreign           -        contact  -
"""


def sight(label: str, name: str, party: Party) -> Sight:
    """Say how much of a row a party sees.

    Raises KeyError: for a row or a model of which the tables say nothing.
    """
    if label in OPEN:
        return Sight("exact")
    columns = TABLE[label][name]
    return next((columns[column] for column in COLUMNS[party.name] if column in columns), Sight("-"))


def kinds(label: str, parties: Iterable[Party]) -> list[Party]:
    """Give one of those parties who see the same of a model, for questions that go row by row."""
    alike = {tuple(sight(label, name, party) for name in TABLE.get(label, ())): party for party in parties}
    return list(alike.values())


def _read(tables: str) -> Iterator[tuple[str, dict[str, dict[str, Sight]]]]:
    for table in tables.strip().split("\n\n"):
        (label, *audiences), *lines = map(str.split, table.splitlines())
        yield label, {name: dict(zip(audiences, map(_sight, told), strict=True)) for name, *told in lines}


def _sight(word: str) -> Sight:
    level, _plus, health = ("contact+health" if word == "all" else word).partition("+")
    return Sight(level, has_health=bool(health))


TABLE = dict(_read(TABLES))
