"""Organisations and the people in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from coordination.access.actors import Actor, actor_for_user
from coordination.access.enums import OrganisationType, Role
from coordination.access.models import Membership, Organisation, SharingAgreement, User
from coordination.areas.models import Area


def organisation(name: str = "Warm Hands", **fields: Any) -> Organisation:
    """Make an organisation: a vetted national NGO that is not trusted to verify its own requests."""
    values = {"type": OrganisationType.NATIONAL_NGO, "is_vetted": True, **fields}
    return Organisation.objects.create(name=name, **values)


def cell(name: str = "Coordination cell") -> Organisation:
    """Make the coordination cell."""
    return organisation(name, type=OrganisationType.MUNICIPALITY, is_cell=True, is_trusted=True)


def user(username: str = "olena", **fields: Any) -> User:
    """Make a person who can sign in with the password `correct horse battery`."""
    return User.objects.create_user(username, password="correct horse battery", **{"language": "en", **fields})


def member(of: Organisation, role: str = Role.COORDINATOR, username: str | None = None) -> Actor:
    """Make a person with a role in an organisation and give the actor that the doors would see."""
    person = user(username or f"{role}-{of.pk}")
    Membership.objects.create(user=person, organisation=of, role=role)
    return actor_for_user(person)


def agreement(
    giver: Organisation,
    receiver: Organisation,
    *classes: str,
    now: datetime,
    areas: Sequence[Area] = (),
    days: int = 30,
) -> SharingAgreement:
    """Make an agreement that holds for so many days; of no class, it shares coarsely."""
    made = SharingAgreement.objects.create(
        giver=giver,
        receiver=receiver,
        classes=list(classes),
        purpose="Winter distribution",
        until=now + timedelta(days=days),
    )
    made.areas.set(areas)
    return made
