"""A phone number is found again however it is written, and read by nobody."""

from __future__ import annotations

import pytest
from django.test import override_settings

from coordination.access.phones import international, phone_index, phone_indexes

OLD = "2025:b2xkLWtleS1vbGQta2V5LW9sZC1rZXktb2xkLWtleTA="
NEW = "2026:bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleTA="


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+380 50 123-45-67", "+380501234567"),
        ("(050) 123 45 67", "+380501234567"),
        ("380501234567", "+380501234567"),
        ("044 123 45 67, дод. 5", None),
        ("+1 202 555 0100", "+12025550100"),
        ("ask the neighbour", None),
        ("103", None),
        ("9" * 50, None),
        ("", None),
    ],
)
def test_a_number_is_read_as_the_deployment_writes_it(typed: str, number: str | None) -> None:
    assert international(typed) == number


def test_one_number_has_one_index_that_does_not_show_it() -> None:
    index = phone_index("050 123 45 67")
    assert index == phone_index("+380501234567") != phone_index("+380501234568")
    assert "1234567" not in index
    assert len(index) <= 64


def test_what_is_no_number_has_no_index() -> None:
    assert phone_index("ask the neighbour") == ""
    assert phone_indexes("ask the neighbour") == []


def test_a_search_compares_with_every_key_of_the_ring() -> None:
    with override_settings(PHONE_INDEX_KEYS=[OLD]):
        kept = phone_index("050 123 45 67")
    with override_settings(PHONE_INDEX_KEYS=[NEW, OLD]):
        newest, oldest = phone_indexes("050 123 45 67")
        assert newest == phone_index("050 123 45 67") != kept == oldest
