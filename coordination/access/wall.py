"""The second wall: the database itself shows sealed rows to nobody whom it was not told of.

Row-level security holds the tables with sealed fields. What it goes by is told for one transaction at a time, so that
a pooled connection carries nothing over, and a query that forgets the guard finds nothing. It stops mistakes of ours,
not somebody who can run SQL of his own: for him the fields are sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from coordination.access.enums import DataClass, Scope
from coordination.records.actors import Actor

SETTINGS = ("everything", "organisations", "areas", "shared_organisations", "shared_caseloads", "aid_requests")
NOTHING = dict.fromkeys(SETTINGS, "")


@contextmanager
def seen_as(actor: Actor, *, scope: str = Scope.PII_READ, released_ids: Iterable[UUID] = ()) -> Iterator[None]:
    """Open the wall for what the actor may read, or by another `scope` write, until the block ends.

    `released_ids` are aid requests whose contacts were given to the actor, by which way this package cannot know.
    What the block raises is rolled back with it. A block inside another goes by its own actor alone.
    """
    with transaction.atomic():
        outer = _told()
        allowed = actor.narrowed_to(scope)
        sight = {**NOTHING, **_own(allowed)}
        if scope == Scope.PII_READ:
            sight |= {**_given(allowed), "aid_requests": _array(released_ids)}
        _tell(sight)
        yield
        _tell(outer)


def _own(actor: Actor) -> dict[str, str]:
    if actor.sees_everywhere:
        return {"everything": "on"}
    # A cell answers for what lies nowhere known, however few its areas: an empty list of them says more than none.
    areas = _array(actor.area_ids) if actor.is_cell else ""
    return {"organisations": _array(actor.organisation_ids), "areas": areas}


def _given(actor: Actor) -> dict[str, str]:
    shared = actor.shared(DataClass.IDENTITY)
    return {
        "shared_organisations": _array(shared.organisation_ids),
        "shared_caseloads": _array(shared.caseload_ids),
    }


def _array(ids: Iterable[UUID]) -> str:
    return f"{{{','.join(map(str, ids))}}}"


def _told() -> dict[str, str]:
    columns = ", ".join(f"COALESCE(current_setting('wall.{name}', true), '')" for name in SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}")
        return dict(zip(SETTINGS, cursor.fetchone(), strict=True))


def _tell(sight: dict[str, str]) -> None:
    columns = ", ".join(f"set_config('wall.{name}', %s, true)" for name in sight)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", list(sight.values()))
