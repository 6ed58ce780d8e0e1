"""Who takes part: organisations by what they are to ours, and those who call at the doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from coordination.access.enums import DataClass, Role, Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Membership, Organisation, SharingAgreement, User
from coordination.areas.models import Area
from tests.factories.access import cell, organisation, user

# What each of these organisations lets ours see, in which areas, and whether it still does.
GIVERS: Mapping[str, tuple[DataClass, ...]] = {
    "shared": (),
    "shared_place": (DataClass.EXACT_PLACE,),
    "shared_identity": (DataClass.IDENTITY,),
    "shared_health": (DataClass.HEALTH,),
    "shared_district": (DataClass.EXACT_PLACE,),
    "expired": tuple(DataClass),
}
# Those whose requests are matched with what we offer.
REQUESTERS = ("live", "accepted", "released", "ended")
OTHERS = ("foreign", "provider", "exercise")

CLIENT_SCOPES = sorted(set(Scope) - {Scope.ACCESS_MANAGE})


@dataclass(frozen=True)
class Party:
    """One who calls: its name, and how it makes itself known."""

    name: str
    token: str = ""
    user: User | None = None

    def __str__(self) -> str:
        return self.name


def organisations() -> dict[str, Organisation]:
    """Make our organisation, the coordination cells and everybody else."""
    made = {name: organisation(name) for name in ("own", *GIVERS, *REQUESTERS, *OTHERS)}
    made["cell"] = cell("cell")
    made["district"] = cell("district")
    made["exercise"].is_exercise = True
    made["exercise"].save()
    return made


def agree(of: Mapping[str, Organisation], district: Area, now: datetime) -> dict[str, SharingAgreement]:
    """Let the givers share with us; what we share with a stranger shows us nothing of his."""
    agreements = {}
    for name, classes in GIVERS.items():
        until = now + timedelta(hours=-1 if name == "expired" else 1)
        agreements[name] = SharingAgreement.objects.create(
            giver=of[name], receiver=of["own"], classes=list(classes), purpose=f"relief by {name}", until=until
        )
    agreements["shared_district"].areas.add(district)
    agreements["given"] = SharingAgreement.objects.create(
        giver=of["own"],
        receiver=of["foreign"],
        classes=list(DataClass),
        purpose="relief by us",
        until=now + timedelta(hours=1),
    )
    agreements["foreign"] = SharingAgreement.objects.create(
        giver=of["shared"], receiver=of["foreign"], classes=[], purpose="none of ours", until=now + timedelta(hours=1)
    )
    return agreements


def parties(of: Mapping[str, Organisation]) -> dict[str, Party]:
    """Make the callers: the public, the four roles and two systems of our organisation, and both kinds of cell."""
    people = {
        "viewer": ("own", Role.VIEWER),
        "caseworker": ("own", Role.CASEWORKER),
        "coordinator": ("own", Role.COORDINATOR),
        "administrator": ("own", Role.ADMINISTRATOR),
        "cell": ("cell", Role.ADMINISTRATOR),
        "district": ("district", Role.ADMINISTRATOR),
    }
    made = {"public": Party("public")}
    for name, (home, role) in people.items():
        person = user(name)
        Membership.objects.create(user=person, organisation=of[home], role=role)
        made[name] = Party(name, issue_key(user=person, scopes=Scope.values), person)
    for name, scopes in (("system", CLIENT_SCOPES), ("reader", [Scope.INCIDENTS_READ])):
        client = ApiClient.objects.create(organisation=of["own"], name=name, scopes=scopes)
        made[name] = Party(name, issue_key(client=client, scopes=scopes))
    return made
