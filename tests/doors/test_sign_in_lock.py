"""Guessing passwords: the account is locked, not the office; how long an answer takes tells nobody apart."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from coordination.access.enums import AlertKind
from coordination.access.models import Alert, Organisation, User
from tests.doors.people import PASSWORD, is_signed_in, sign_in
from tests.factories.access import member, user

pytestmark = pytest.mark.django_db

GUESSES = 1_000
TOO_MANY = "Too many failed login attempts"


@pytest.fixture(autouse=True)
def _nothing_counted_before(db: None) -> None:
    cache.clear()


def guess(username: str, times: int) -> list[Any]:
    """Try wrong passwords, each as if from another address."""
    return [
        sign_in(Client(), username, f"guess {each}", headers={"X-Forwarded-For": f"203.0.{each // 250}.{each % 250}"})
        for each in range(times)
    ]


def test_a_thousand_guesses_lock_the_account_and_not_the_office(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    member(ngo, username="taras")
    elsewhere = Client()
    sign_in(elsewhere, "oksana")
    began = time.monotonic()
    answers = guess("oksana", GUESSES)
    print(f"{GUESSES} guesses answered in {time.monotonic() - began:.1f} s")
    assert [answer.status_code for answer in answers] == [200] * 9 + [429] * (GUESSES - 9)
    rightful = sign_in(Client(), "oksana")
    assert rightful.status_code == 429
    assert TOO_MANY in rightful.content.decode()
    assert is_signed_in(elsewhere)
    colleague = Client()
    sign_in(colleague, "taras")
    assert is_signed_in(colleague)


@pytest.mark.parametrize("spelling", ["Oksana", "OKSANA", " oksana "])
def test_another_spelling_of_a_name_is_no_other_account(ngo: Organisation, spelling: str) -> None:
    member(ngo, username="oksana")
    guess("oksana", 5)
    guess(spelling, 5)
    assert sign_in(Client(), "oksana").status_code == 429


def test_unknown_names_are_answered_and_locked_alike(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    known, unknown = guess("oksana", 12), guess("nobody", 12)

    def told(answer: Any) -> tuple[int, list[str]]:
        return answer.status_code, answer.context["form"].non_field_errors()

    assert [told(answer) for answer in known] == [told(answer) for answer in unknown]


def test_a_lock_ends_by_itself_however_long_the_guessing_goes_on(ngo: Organisation, settings: Any) -> None:
    member(ngo, username="oksana")
    guess("oksana", 20)
    locked = AccessAttempt.objects.get()
    assert locked.failures_since_start == 10
    AccessAttempt.objects.update(attempt_time=locked.attempt_time - settings.AXES_COOLOFF_TIME)
    client = Client()
    sign_in(client, "oksana")
    assert is_signed_in(client)


def test_administrators_are_told_once_of_a_locked_account(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    guess("oksana", 15)
    guess("nobody", 15)
    alert = Alert.objects.get()
    assert (alert.kind, alert.organisation, alert.user) == (
        AlertKind.ACCOUNT_LOCKED,
        ngo,
        User.objects.get(username="oksana"),
    )


def test_nothing_of_what_was_typed_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    typed = "a password where the name belongs"
    guess(typed, 12)
    kept = [str(value) for row in AccessAttempt.objects.values() for value in row.values()]
    assert kept
    assert not [value for value in [*kept, caplog.text] if typed in value or "203.0" in value or "guess" in value]


def test_a_password_change_is_guarded_by_the_same_lock(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    client = Client()
    sign_in(client, "oksana")
    for each in range(10):
        client.post(reverse("account_reauthenticate"), {"password": f"guess {each}"})
    assert sign_in(Client(), "oksana").status_code == 429


def test_known_unknown_and_locked_names_take_equally_long(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    settings.AXES_FAILURE_LIMIT = 3
    user("locked")
    guess("locked", 3)
    for each in range(8):
        user(f"known{each}")
    took: dict[str, list[float]] = {"known": [], "unknown": [], "locked": []}
    for each in range(8):
        for kind, username in {"known": f"known{each}", "unknown": f"unknown{each}", "locked": "locked"}.items():
            # What this thread works, not what the machine is busy with beside it.
            began = time.thread_time()
            sign_in(Client(), username, "guess")
            took[kind].append(time.thread_time() - began)
    medians = {kind: median(times) for kind, times in took.items()}
    print({kind: f"{value * 1000:.0f} ms" for kind, value in medians.items()})
    assert min(medians.values()) > 0.05
    assert max(medians.values()) < 1.15 * min(medians.values())


def test_the_right_password_opens(ngo: Organisation) -> None:
    member(ngo, username="oksana")
    guess("oksana", 9)
    client = Client()
    sign_in(client, "oksana", PASSWORD)
    assert is_signed_in(client)
    assert not AccessAttempt.objects.exists()
