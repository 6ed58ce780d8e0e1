"""Measure what one list costs the processor: here, and in the database's process that answers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.test import RequestFactory

from aid.api.rest.aid_requests import AidRequestViewSet
from coordination.access.actors import SYSTEM, Actor

TICKS = os.sysconf("SC_CLK_TCK")
LIMIT = 100
# The database's process counts its time in hundredths of a second, so rounds are long and lists many.
ROUNDS = 7
LISTS = 25


def list_as(actor: Actor) -> int:
    """List aid requests through REST as an actor and count the rows."""
    http_request = RequestFactory(SERVER_NAME="localhost").get("/api/v1/aid-requests", {"limit": LIMIT})
    http_request.actor = actor  # type: ignore[attr-defined] # as ActorMiddleware does
    response = AidRequestViewSet.as_view({"get": "list"})(http_request)
    assert response.status_code == 200
    return response.content.count(b'"disclosure"')


def price(actor_anew: Callable[[], Actor]) -> dict[str, Any]:
    """Give the processor's milliseconds of one list with the guard and without, taken in turns, and their ratio."""
    rows = list_as(actor_anew())
    list_as(SYSTEM)
    guarded, unguarded = [], []
    for _round in range(ROUNDS):
        # Made before the clock starts: only what the guard itself reads of an actor is its price.
        guarded.append(_cpu_ms([actor_anew() for _list in range(LISTS)]))
        unguarded.append(_cpu_ms([SYSTEM] * LISTS))
    ratios = [
        (here + there) / (here0 + there0) for (here, there), (here0, there0) in zip(guarded, unguarded, strict=True)
    ]
    return {
        "rows": rows,
        "guarded_ms": _summary(guarded),
        "unguarded_ms": _summary(unguarded),
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in sorted(ratios)],
    }


def _cpu_ms(actors: list[Actor]) -> tuple[float, float]:
    backend = Path(f"/proc/{_backend_pid()}/stat")
    here, there = time.process_time(), _ticks(backend)
    for actor in actors:
        list_as(actor)
    here, there = time.process_time() - here, _ticks(backend) - there
    return 1_000 * here / len(actors), 1_000 * there / TICKS / len(actors)


def _summary(rounds: list[tuple[float, float]]) -> dict[str, float]:
    return {
        "web": round(median(here for here, _there in rounds), 2),
        "database": round(median(there for _here, there in rounds), 2),
        "total": round(median(here + there for here, there in rounds), 2),
    }


def _backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return int(pid)


def _ticks(stat: Path) -> int:
    # The name of the process, in parentheses, may hold anything; times follow it.
    fields = stat.read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
