"""Text that only the running system can read: AES-256-GCM, with keys that live outside the database."""

from __future__ import annotations

import base64
import secrets
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12
# What the secrets of second factors, which a library keeps inside JSON, are sealed as.
SECOND_FACTORS = "mfa.authenticator.data"
KEY_BYTES = 32
MAX_KEY_ID = 20


class SealedTextField(models.TextField):
    """A text column that holds `key id : base64(nonce + ciphertext)`; rows read and write plain text.

    The column's own name is authenticated with it, so that a value moved to another column does not open.
    An empty text stays empty. Not searchable.
    """

    def get_prep_value(self, value: Any) -> str | None:
        plain = super().get_prep_value(value)
        return seal(plain, context=self._context()) if plain else plain

    def from_db_value(self, value: str | None, *_backend: object) -> str | None:
        return unseal(value, context=self._context()) if value else value

    def _context(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"


def seal(plain: str, *, context: str) -> str:
    """Seal a text with the newest key."""
    key_id, cipher = next(iter(_ciphers(tuple(settings.SEALING_KEYS)).items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, plain.encode(), context.encode())
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def unseal(sealed: str, *, context: str) -> str:
    """Open a text with the key that it names.

    Raises KeyError: when the ring does not hold that key.
    Raises cryptography's InvalidTag: when the text was altered or moved.
    """
    key_id, _, body = sealed.partition(":")
    raw = base64.b64decode(body)
    return (
        _ciphers(tuple(settings.SEALING_KEYS))[key_id]
        .decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        .decode()
    )


@cache
def key_ring(setting: str, keys: tuple[str, ...]) -> dict[str, bytes]:
    """Give the keys of a ring by their ids, the newest first.

    Raises ImproperlyConfigured: when there is none, when one is not 32 bytes long or its id longer than 20 characters.
    """
    ring = {}
    for entry in keys:
        key_id, _, encoded = entry.partition(":")
        key = base64.b64decode(encoded)
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"{setting}: key {key_id!r} must be 32 bytes, in base64.")
        if not 0 < len(key_id) <= MAX_KEY_ID:
            raise ImproperlyConfigured(f"{setting}: the id {key_id!r} must have 1 to 20 characters.")
        ring[key_id] = key
    if not ring:
        raise ImproperlyConfigured(f"{setting} names no key.")
    return ring


@cache
def _ciphers(keys: tuple[str, ...]) -> dict[str, AESGCM]:
    return {key_id: AESGCM(key) for key_id, key in key_ring("SEALING_KEYS", keys).items()}
