"""A batch by hand: `./dev manage match`."""

from __future__ import annotations

import json
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aid.models import Match, MatchRun
from coordination.access.models import Organisation
from coordination.areas.models import Area
from tests.factories import aid
from tests.factories.places import kyiv

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(ngo: Organisation, provider: Organisation, now: datetime) -> Area:
    """Give Kyiv, where 45 litres of water and one blanket are wanted and enough of both is offered."""
    area = kyiv()
    blanket = aid.item("blanket")
    aid.line(ngo, now=now)
    aid.line(ngo, now=now, quantity=1, of=blanket)
    aid.resource(provider, now=now)
    aid.resource(provider, now=now, item=blanket)
    return area


def summary(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("match", "--json", *arguments, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_a_dry_run_tells_and_books_nothing(waiting: Area) -> None:
    told = summary("--dry-run")
    assert (told["lines"], told["proposals"], told["units"]) == (2, 2, 46)
    assert not Match.objects.exists()
    assert not MatchRun.objects.exists()


def test_a_run_books_what_it_tells_and_a_second_finds_nothing_left(waiting: Area) -> None:
    told = summary()
    assert (told["proposals"], told["booked"], told["stale"]) == (2, 2, 0)
    assert told["lower_bound"] <= told["objective"]
    assert Match.objects.live().count() == 2
    assert summary()["lines"] == 0
    assert Match.objects.count() == 2


@pytest.mark.parametrize(("arguments", "lines"), [(["--item", "blanket"], 1), (["--area", "UA80"], 2)])
def test_a_scope_narrows_the_run(waiting: Area, arguments: list[str], lines: int) -> None:
    assert summary(*arguments)["lines"] == lines


@pytest.mark.parametrize("arguments", [["--item", "unicorn"], ["--area", "UA99"]])
def test_an_unknown_code_is_named_and_nothing_happens(waiting: Area, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=arguments[1]):
        summary(*arguments)
    assert not Match.objects.exists()
