"""Make the scenario's organisations and people, and the one password with which all of them sign in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password

from coordination.access.models import Membership, Organisation, User
from coordination.areas.models import Area

_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_WORDS, _SYLLABLES = 4, 3


def make_organisations(rows: list[dict[str, Any]], areas: Mapping[str, Area]) -> Iterator[tuple[str, Organisation]]:
    """Make each organisation and give it with its key."""
    for row in rows:
        organisation = Organisation.objects.create(
            name=row["name"],
            type=row["type"],
            is_cell=row["is_cell"],
            is_vetted=row["is_vetted"],
            is_trusted=row["is_trusted"],
        )
        organisation.areas.set(areas[key] for key in row["areas"])
        yield row["key"], organisation


def make_people(rows: list[dict[str, Any]], organisations: Mapping[str, Organisation]) -> Iterator[User]:
    """Make each person with their membership; nobody can sign in before a password is set."""
    for row in rows:
        first_name, last_name = row["name"].split()
        person = User.objects.create(
            username=row["username"],
            first_name=first_name,
            last_name=last_name,
            language=row["language"],
            password=make_password(None),
        )
        Membership.objects.create(user=person, organisation=organisations[row["organisation"]], role=row["role"])
        yield person


def demo_password(usernames: list[str]) -> str:
    """Give the password of all demo people; where none is kept, or another is in use, a new one is set.

    It is drawn by chance and kept on this machine only, in a file that is never committed.
    """
    people = User.objects.filter(username__in=usernames)
    kept = _kept()
    if kept and all(check_password(kept, person.password) for person in people.order_by("username")[:1]):
        return kept
    password = "-".join(_word() for _ in range(_WORDS))
    people.update(password=make_password(password))
    _keep(password)
    return password


def _word() -> str:
    return "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES))


def _place() -> Path:
    folder: Path = settings.BASE_DIR / ".local"
    return folder / "demo-password"


def _kept() -> str:
    return _place().read_text(encoding="utf-8").strip() if _place().exists() else ""


def _keep(password: str) -> None:
    """Keep the password where the project may write; elsewhere, as in a container, the next question sets another."""
    try:
        _place().parent.mkdir(exist_ok=True)
        _place().touch(mode=0o600)
        _place().write_text(password, encoding="utf-8")
    except OSError:
        return
