"""What the base of the REST door does around an action."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection

from coordination.web.idempotency import Answer
from coordination.web.rest import again_after_deadlock

pytestmark = pytest.mark.django_db(transaction=True)


class Attempts:
    """A write that the database stops with these states, one attempt each, before it succeeds."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)
        self.made = 0

    def __call__(self) -> Answer:
        self.made += 1
        if self.states:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{self.states.pop(0)}'; END $$")
        return Answer(200, {})


def test_write_stopped_by_deadlocks_is_done_again() -> None:
    attempts = Attempts("40P01", "40001")
    assert again_after_deadlock(attempts).status == 200
    assert attempts.made == 3


@pytest.mark.parametrize(("states", "made"), [(["40P01"] * 3, 3), (["57014"], 1)])
def test_write_stopped_too_often_or_by_something_else_is_given_up(states: list[str], made: int) -> None:
    attempts = Attempts(*states)
    with pytest.raises(OperationalError):
        again_after_deadlock(attempts)
    assert attempts.made == made
