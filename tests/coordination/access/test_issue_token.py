"""The command that prints a token for scripts."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from coordination.access.enums import Scope
from coordination.access.keys import actor_for_token
from coordination.access.models import Organisation
from tests.factories.access import member

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    out, notes = StringIO(), StringIO()
    call_command("issue_token", *arguments, stdout=out, stderr=notes)
    assert "ends on" in notes.getvalue()
    return out.getvalue().strip()


def test_the_token_speaks_for_the_person_for_a_week(ngo: Organisation, now: datetime) -> None:
    person = member(ngo, username="olena")
    token = printed("olena")
    actor = actor_for_token(token, now=now)
    assert actor is not None
    assert (actor.user_id, actor.may_for(Scope.MATCH_WRITE, ngo.pk)) == (person.user_id, True)
    assert actor_for_token(token, now=now + timedelta(days=8)) is None


def test_scopes_and_days_narrow_the_token(ngo: Organisation, now: datetime) -> None:
    member(ngo, username="olena")
    token = printed("olena", "--scope", "aid:read", "--days", "1")
    actor = actor_for_token(token, now=now)
    assert actor is not None
    assert (actor.may(Scope.AID_READ), actor.may(Scope.AID_WRITE)) == (True, False)
    assert actor_for_token(token, now=now + timedelta(days=2)) is None


def test_an_unknown_person_gets_none(db: None) -> None:
    with pytest.raises(CommandError, match="nobody"):
        printed("nobody")


@pytest.mark.parametrize("days", ["0", "366"])
def test_a_token_lasts_a_year_at_most(ngo: Organisation, days: str) -> None:
    member(ngo, username="olena")
    with pytest.raises(CommandError, match="365"):
        printed("olena", "--days", days)
