"""What crosses the REST door inside a body: geometry by the gate, related rows by the guard."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from coordination.geo.cells import cell_centre, cell_outline
from coordination.geo.gate import GeometryError, parse_geometry
from coordination.records.actors import Actor
from coordination.records.visibility import VisibleQuerySet

POSITION = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
RING = {"type": "array", "items": POSITION, "minItems": 4}
POLYGON = {"type": "array", "items": RING}
COORDINATES: dict[str, Any] = {
    "Point": POSITION,
    "Polygon": POLYGON,
    "MultiPolygon": {"type": "array", "items": POLYGON},
}


NO_SUCH_RECORD = _("There is no such record.")
MAX_RELATED = 500


def guarded(model: type[models.Model], actor: Actor) -> VisibleQuerySet[Any]:
    """Give the rows of a model that an actor may see."""
    rows: VisibleQuerySet[Any] = model._default_manager.visible_to(actor)  # type: ignore[attr-defined] # every manager here is made from a VisibleQuerySet
    return rows


def geojson_schema(*kinds: str) -> dict[str, Any]:
    """Describe GeoJSON geometry of these types. Source: RFC 7946, section 3.1."""
    schemas = [
        {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {"type": {"const": kind}, "coordinates": COORDINATES[kind]},
        }
        for kind in kinds
    ]
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def geojson(geometry: GEOSGeometry) -> dict[str, Any]:
    """Write a geometry as GeoJSON."""
    return {"type": geometry.geom_type, "coordinates": geometry.coords}  # type: ignore[attr-defined] # of its subclasses


class GeometryField(serializers.Field[Any, Any, Any, Any]):
    """GeoJSON in, checked by the gate within the deployment's bounds; GeoJSON out."""

    def __init__(self, kinds: tuple[str, ...] = ("Point",), **options: Any) -> None:
        self.kinds = kinds
        super().__init__(**options)

    def to_internal_value(self, value: Any) -> GEOSGeometry:
        refusal: serializers.ValidationError
        try:
            return parse_geometry(value, allowed=self.kinds, bounds=settings.DEPLOYMENT_BOUNDS)
        except GeometryError as error:
            detail: Any = [serializers.ErrorDetail(error.message, code=error.code)]
            for step in reversed(error.path):
                detail = {str(step): detail}
            refusal = serializers.ValidationError(detail)
        raise refusal

    def to_representation(self, value: GEOSGeometry) -> dict[str, Any]:
        return geojson(value)


@extend_schema_field(
    {
        "type": "object",
        "required": ["id", "centre", "outline"],
        "properties": {
            "id": {"type": "string", "description": "H3 index"},
            "centre": geojson_schema("Point"),
            "outline": geojson_schema("Polygon"),
        },
    }
)
class CellField(serializers.Field[Any, Any, Any, Any]):
    """The fixed H3 cell that stands for a place: its id, centre and outline."""

    def to_representation(self, value: str) -> dict[str, Any] | None:
        if not value:
            return None
        return {
            "id": value,
            "centre": {"type": "Point", "coordinates": cell_centre(value)},
            "outline": cell_outline(value),
        }


@extend_schema_field({"type": "string", "format": "uuid"})
class RelatedId(serializers.Field[Any, Any, Any, Any]):
    """The id of a related row, null where the actor may not see it; in a body, an id or the row's code.

    What is hidden cannot be told from what does not exist. Reading, the serializer's context has the actor's `visible`
    ids by model; writing, its `actor`.
    """

    default_error_messages = {"does_not_exist": NO_SUCH_RECORD}

    def __init__(self, model: type[models.Model], *, code: str = "", **options: Any) -> None:
        self.model, self.code = model, code
        super().__init__(**options)

    def get_attribute(self, instance: Any) -> UUID | None:
        return cast(UUID | None, getattr(instance, f"{self.source}_id"))

    def to_representation(self, value: UUID) -> str | None:
        visible = self.context["visible"][self.model]
        return str(value) if visible is None or value in visible else None

    def to_internal_value(self, value: Any) -> models.Model:
        if key := _as_uuid(value):
            named = models.Q(pk=key)
        elif self.code and isinstance(value, str):
            named = models.Q(**{self.code: value})
        else:
            self.fail("does_not_exist")
        row = guarded(self.model, self.context["actor"]).filter(named).first()
        if row is None:
            self.fail("does_not_exist")
        return cast(models.Model, row)


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class RelatedRows(serializers.Field[Any, Any, Any, Any]):
    """Several related rows in a body, by id or code, loaded at once through the guard and given in the same order."""

    default_error_messages = {
        "not_a_list": _("Give a list."),
        "too_many": _("At most %(limit)d are accepted at once.") % {"limit": MAX_RELATED},
    }

    def __init__(self, model: type[models.Model], *, code: str = "", **options: Any) -> None:
        self.model, self.code = model, code
        super().__init__(**options)

    def to_internal_value(self, value: Any) -> list[models.Model]:
        if not isinstance(value, list):
            self.fail("not_a_list")
        if len(value) > MAX_RELATED:
            self.fail("too_many")
        keys = [str(_as_uuid(entry) or entry) for entry in value]
        named = models.Q(pk__in=[key for key in keys if _as_uuid(key)])
        if self.code:
            named |= models.Q(**{f"{self.code}__in": [key for key in keys if not _as_uuid(key)]})
        found: dict[str, models.Model] = {}
        for row in guarded(self.model, self.context["actor"]).filter(named):
            found[str(row.pk)] = row
            if self.code:
                found[str(getattr(row, self.code))] = row
        absent = [serializers.ErrorDetail(str(NO_SUCH_RECORD), code="does_not_exist")]
        if refused := {str(position): absent for position, key in enumerate(keys) if key not in found}:
            raise serializers.ValidationError(refused)
        return [found[key] for key in keys]


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
class RelatedIds(serializers.Field[Any, Any, Any, Any]):
    """The ids of several related rows, as a guarded prefetch put them into `shown_…`."""

    def get_attribute(self, instance: Any) -> list[models.Model]:
        return cast(list[models.Model], getattr(instance, f"shown_{self.source}"))

    def to_representation(self, value: list[models.Model]) -> list[str]:
        return [str(row.pk) for row in value]


class ActingOrganisation:
    """A body's default for who reports or offers: the organisation on whose behalf the actor acts."""

    requires_context = True

    def __call__(self, field: serializers.Field[Any, Any, Any, Any]) -> Any:
        actor: Actor = field.context["actor"]
        if actor.acts_for_id is None:
            field.fail("required")
        return field.to_internal_value(str(actor.acts_for_id))


def _as_uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
