"""Phone numbers that can be found again by who knows them, and by nobody else: a keyed hash of each."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import phonenumbers
from django.conf import settings
from django.db import models

from coordination.access.sealed import key_ring


class PhoneIndexField(models.CharField):
    """A text column that holds the index of the number in the sealed column `of` beside it."""

    def __init__(self, *args: Any, of: str = "", **options: Any) -> None:
        self.of = of
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        """Say how migrations write it: as the plain column that it is for the database."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


def international(typed: str) -> str | None:
    """Give a number as E.164 writes it, one without a country read in the deployment's; nothing where it is none."""
    try:
        number = phonenumbers.parse(typed, settings.DEPLOYMENT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_index(typed: str) -> str:
    """Give what a contact keeps beside its sealed number: a hash under the newest key, `key id : base64`.

    Empty for what is no number. The same number gives the same index however it is written.
    """
    return next(iter(phone_indexes(typed)), "")


def phone_indexes(typed: str) -> list[str]:
    """Give the index of a number under every key of the ring, the newest first: what a search compares with."""
    number = international(typed)
    if number is None:
        return []
    ring = key_ring("PHONE_INDEX_KEYS", tuple(settings.PHONE_INDEX_KEYS))
    return [f"{key_id}:{_hash(key, number)}" for key_id, key in ring.items()]


def _hash(key: bytes, number: str) -> str:
    digest = hmac.digest(key, number.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
