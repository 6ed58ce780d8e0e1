"""The shapes of bodies: rows as their viewer may see them, and what callers send."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib.gis.db import models as gis
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from coordination.access.disclosure import is_open, readable, stand_in
from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure
from coordination.web.fields import CellField, GeometryField, RelatedId, RelatedIds, guarded

# The ids that an actor may see, by model; None where all are.
Visible = Mapping[type[models.Model], Collection[UUID] | None]


@extend_schema_field({"type": "string", "enum": [level.name.lower() for level in Disclosure]})
class DisclosureField(serializers.Field[Any, Any, Any, Any]):
    """How much of a row its viewer sees."""

    def to_representation(self, value: int) -> str:
        return Disclosure(value).name.lower()


class Row(serializers.ModelSerializer[Any]):
    """A row of the guard as its viewer may see it: fields above its disclosure are null, related rows are ids."""

    disclosure = DisclosureField(read_only=True)

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        """Load what the shape shows beside the row itself; every prefetch goes through the guard."""
        return rows

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for field in self._readable_fields:
            source = cast(str, field.source)
            read = readable(instance, source)
            value = field.get_attribute(instance) if read == source else read and getattr(instance, read)
            shown[cast(str, field.field_name)] = None if value is None else field.to_representation(value)
        return shown

    def build_standard_field(self, field_name: str, model_field: models.Field[Any, Any]) -> Any:
        if isinstance(model_field, gis.PointField):
            return GeometryField, {"allow_null": model_field.null}
        if isinstance(model_field, gis.MultiPolygonField):
            return GeometryField, {"kinds": ("MultiPolygon",), "allow_null": model_field.null}
        if field_name == "public_cell":
            return CellField, {"allow_null": True}
        return super().build_standard_field(field_name, model_field)

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        if relation_info.to_many:
            return RelatedIds, {}
        return RelatedId, {"model": relation_info.related_model, "allow_null": True}

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        kwargs = super().include_extra_kwargs(kwargs, {**extra_kwargs, "read_only": True})
        return kwargs

    def build_field(self, field_name: str, info: Any, model_class: Any, nested_depth: int) -> Any:
        field_class, options = super().build_field(field_name, info, model_class, nested_depth)
        if not is_open(model_class, field_name) and not stand_in(model_class, field_name):
            options = {**options, "allow_null": True}
        return field_class, options


class DistanceField(serializers.FloatField):
    """The distance in metres from the place that was asked about, from the cell's centre where no place is shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def get_attribute(self, instance: Any) -> float | None:
        distance_m: float | None = getattr(instance, "distance_m", None)
        return None if distance_m is None else round(distance_m, 1)


def visible_related(serializer: Row, rows: Iterable[Any], actor: Actor) -> Visible:
    """Ask once for each related model which of the ids that these rows name the actor may see."""
    named: defaultdict[type[models.Model], set[UUID]] = defaultdict(set)
    _gather(serializer, rows, named)
    visible: dict[type[models.Model], Collection[UUID] | None] = {}
    for model, ids in named.items():
        if not ids:
            visible[model] = ids
            continue
        rows_seen = guarded(model, actor)
        is_open = isinstance(rows_seen.rules_for(actor), Disclosure)
        visible[model] = None if is_open else frozenset(rows_seen.filter(pk__in=ids).values_list("pk", flat=True))
    return visible


def _gather(serializer: Row, rows: Iterable[Any], named: defaultdict[type[models.Model], set[UUID]]) -> None:
    rows = list(rows)
    for field in serializer.fields.values():
        if isinstance(field, RelatedId):
            named[field.model].update(key for row in rows if (key := field.get_attribute(row)) is not None)
        elif isinstance(field, serializers.ListSerializer) and isinstance(field.child, Row):
            _gather(field.child, [below for row in rows for below in getattr(row, cast(str, field.source))], named)


class Body(serializers.Serializer[Any]):
    """What a caller sends: names that are not known are refused, so that a typo loses nothing."""

    # What to make of the values where they are not to stay a dictionary.
    makes: ClassVar[type[Any] | None] = None

    def to_internal_value(self, data: Any) -> Any:
        refused: dict[str, Any] = {}
        if isinstance(data, Mapping):
            unknown = serializers.ErrorDetail(gettext("There is no such field."), code="unknown_field")
            refused = {str(name): [unknown] for name in data if name not in self.fields}
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            refused |= cast(dict[str, Any], error.detail)
        if refused:
            raise serializers.ValidationError(refused)
        return self.makes(**values) if self.makes else values


class Reason(Body):
    """Why."""

    reason = serializers.CharField(max_length=300)


class OptionalReason(Body):
    """Why, where there is something to say."""

    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class Nothing(Body):
    """No fields."""
