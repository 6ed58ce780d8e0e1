"""What is sealed cannot be read without the key, moved, or altered."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from coordination.access.sealed import seal, unseal

OLD = "2025:b2xkLWtleS1vbGQta2V5LW9sZC1rZXktb2xkLWtleTA="
NEW = "2026:bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleTA="


def test_a_text_opens_only_in_its_own_column() -> None:
    sealed = seal("Олена, +380 00 000 00 00", context="aid.contact.phone")
    assert "Олена" not in sealed
    assert unseal(sealed, context="aid.contact.phone") == "Олена, +380 00 000 00 00"
    with pytest.raises(InvalidTag):
        unseal(sealed, context="aid.contact.name")


def test_equal_texts_are_sealed_differently() -> None:
    assert seal("Olena", context="c") != seal("Olena", context="c")


def test_an_old_key_still_opens_after_a_new_one_seals() -> None:
    with override_settings(SEALING_KEYS=[OLD]):
        sealed = seal("Olena", context="c")
    with override_settings(SEALING_KEYS=[NEW, OLD]):
        assert unseal(sealed, context="c") == "Olena"
        assert seal("Olena", context="c").startswith("2026:")
    with override_settings(SEALING_KEYS=[NEW]), pytest.raises(KeyError):
        unseal(sealed, context="c")


@pytest.mark.parametrize("keys", [[], ["short:c2hvcnQ="]])
def test_a_ring_without_a_proper_key_stops_the_start(keys: list[str]) -> None:
    with override_settings(SEALING_KEYS=keys), pytest.raises(ImproperlyConfigured):
        seal("Olena", context="c")
