"""Put what was made with an older key under the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, F, Func, JSONField, TextField, Value
from django.db.models.fields.json import KeyTextTransform

from coordination.access.phones import PhoneIndexField, phone_index
from coordination.access.sealed import SECOND_FACTORS, SealedTextField, key_ring, seal, unseal
from coordination.access.wall import seen_as
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require

BATCH = 200
RINGS = ("SEALING_KEYS", "PHONE_INDEX_KEYS")


@dataclass(frozen=True)
class KeyedColumn:
    """One column whose values name the key that they were made with.

    `source` is the column whose plain text `make` turns into a value: a sealed column seals itself.
    """

    model: type[models.Model]
    name: str
    source: str
    make: Callable[[str], str]
    newest_key: str

    def __str__(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def rows(self) -> models.QuerySet[Any]:
        """Give the rows that hold a value, or ought to, each with the `key_id` that it names."""
        return self._keyed().filter(**{f"{self.source}__gt": ""})

    def stale(self) -> models.QuerySet[Any]:
        """Give the rows whose value was made with an older key."""
        return self.rows().exclude(key_id=self.newest_key)

    def _keyed(self) -> models.QuerySet[Any]:
        key_id = Func(self.stored(), Value(":"), Value(1), function="split_part", output_field=TextField())
        return self.model._base_manager.annotate(key_id=key_id)

    def stored(self) -> Any:
        """Give the text that names its key, as the database has it."""
        return F(self.name)

    def renewed(self, plain: str) -> Any:
        """Give what the column holds once its value is made anew."""
        return self.make(plain)


@dataclass(frozen=True)
class KeyedMember(KeyedColumn):
    """One member of a JSON column of a library, which holds a sealed text and is read as it is stored."""

    def __str__(self) -> str:
        return f"{super().__str__()}.{self.source.rpartition('__')[2]}"

    def rows(self) -> models.QuerySet[Any]:
        """Give the rows that have this member."""
        return self._keyed().filter(key_id__gt="")

    def stored(self) -> Any:
        """Give the sealed text."""
        return KeyTextTransform(self.source.rpartition("__")[2], self.name)

    def renewed(self, plain: str) -> Any:
        """Give the whole of the JSON, with this member made anew."""
        path = Value([self.source.rpartition("__")[2]], output_field=ArrayField(TextField()))
        text = Value(self.make(plain), output_field=JSONField())
        return Func(F(self.name), path, text, function="jsonb_set", output_field=JSONField())


def keyed_columns() -> Iterator[KeyedColumn]:
    """Give every sealed column and every phone index that there is, whichever package it belongs to."""
    newest = {name: next(iter(key_ring(name, tuple(getattr(settings, name))))) for name in RINGS}
    for model in apps.get_models():
        for field in [] if model._meta.proxy else model._meta.local_fields:
            if isinstance(field, SealedTextField):
                yield KeyedColumn(model, field.name, field.name, str, newest["SEALING_KEYS"])
            elif isinstance(field, PhoneIndexField):
                yield KeyedColumn(model, field.name, field.of, _index_or_key, newest["PHONE_INDEX_KEYS"])
    for member in ("secret", "seed"):
        yield KeyedMember(Authenticator, "data", f"data__{member}", _resealed, newest["SEALING_KEYS"])


def _index_or_key(typed: str) -> str:
    # What is no number is marked with the key alone: it is equal to no index, and is not tried again.
    return phone_index(typed) or f"{next(iter(key_ring('PHONE_INDEX_KEYS', tuple(settings.PHONE_INDEX_KEYS))))}:"


def _resealed(text: str) -> str:
    return seal(unseal(text, context=SECOND_FACTORS), context=SECOND_FACTORS)


@action
def count_by_key(*, column: KeyedColumn, actor: Actor) -> dict[str, int]:
    """Count the values of a column by the id of their key."""
    require(actor.is_system)
    with seen_as(actor):
        counted = column.rows().order_by("key_id").values("key_id").annotate(count=Count("pk"))
        return dict(counted.values_list("key_id", "count"))


@action
def rotate_batch(*, column: KeyedColumn, actor: Actor) -> int:
    """Make one batch of stale values anew with the newest key and say how many; none are left at nothing.

    Each row is held while it is read and written, so that what somebody saves meanwhile is not lost.
    Raises KeyError: with the id of a key that the ring does not hold.
    """
    require(actor.is_system)
    with seen_as(actor):
        held = column.stale().select_for_update(no_key=True).order_by("pk")
        batch = list(held.values_list("pk", column.source)[:BATCH])
        for key, plain in batch:
            column.model._base_manager.filter(pk=key).update(**{column.name: column.renewed(plain)})
    return len(batch)
