"""What the OpenAPI description says beyond what serializers tell: problems, pages, places, keys and tags."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from coordination.access.enums import SYSTEM_SCOPES, Scope
from coordination.web.fields import geojson_schema
from coordination.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from coordination.web.problems import MEDIA_TYPE

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "description": "For programs; does not change with the language."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "Into the body (`#/lines/0/item`, RFC 6901), or a query parameter (`?bbox`).",
                    },
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
GEOJSON = "application/geo+json"
FEATURE_COLLECTION_SCHEMA = {
    "type": "object",
    "description": "A list as GeoJSON (RFC 7946); the properties of a feature are the row's other fields.",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "id", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": "string", "format": "uuid"},
                    "geometry": {"type": ["object", "null"]},
                    "properties": {"type": "object"},
                },
            },
        },
        "links": {"type": "array", "items": {"type": "object"}, "description": "The next page, if there is one."},
    },
}
PARAMETERS = {
    "near": (OpenApiTypes.STR, "Longitude and latitude, `lon,lat`: each row tells its `distance_m` from there."),
    "radius_m": (OpenApiTypes.NUMBER, "With `near`: no farther than this many metres."),
    "ordering": (OpenApiTypes.STR, "`-created_at`, or with `near` also `distance`, nearest first."),
    "bbox": (OpenApiTypes.STR, "A box in degrees, `west,south,east,north`."),
    "area": (OpenApiTypes.STR, "The id, P-code or KATOTTG code of an area; areas below it count."),
    "updated_since": (OpenApiTypes.DATETIME, "Changed at this moment or later."),
}


class ProblemAutoSchema(AutoSchema):
    """Describe the guarded views: their pages and places, their problems, their preconditions."""

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = []
        if self._is_list_view() and hasattr(self.view, "place_parameters"):
            known = self.view.place_parameters()
            parameters += [
                OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=text)
                for name, (kind, text) in PARAMETERS.items()
                if name in known
            ]
        if self.method == "GET":
            parameters.append(_header("If-None-Match", "The `ETag` of an earlier answer: the same answer is a 304."))
        else:
            parameters.append(_header("Idempotency-Key", "However often it is sent with this key, it is done once."))
        if self.method == "PATCH" or (self.method == "POST" and getattr(self.view, "detail", False)):
            parameters.append(_header("If-Match", "The `ETag` of what was read: 412 where it has changed since."))
        return parameters

    def get_summary(self) -> str:
        """Show the first line of what the address does beside it."""
        line: str = self.get_description().partition("\n")[0].rstrip(".")
        return line

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return super().get_serializer_name(serializer, direction).removesuffix("Row")

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name}Page"

    def _get_paginator(self) -> Any:
        return _Pages() if hasattr(self.view, "place_parameters") else super()._get_paginator()

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        answers = super()._get_response_bodies(direction)
        features = answers.get("200", {}).get("content", {}).get(GEOJSON)
        if features:
            features["schema"] = self._ref("FeatureCollection", FEATURE_COLLECTION_SCHEMA)
        content = {MEDIA_TYPE: {"schema": self._ref("Problem", PROBLEM_SCHEMA)}}
        answers["default"] = {"description": "What went wrong.", "content": content}
        return answers

    def _ref(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=name, schema=schema)
        self.registry.register_on_missing(component)
        return component.ref


class _Pages:
    """How lists come in pages."""

    def get_schema_operation_parameters(self, _view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "limit",
                "in": "query",
                "description": "How many rows at most.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            },
            {
                "name": "cursor",
                "in": "query",
                "description": "Where to go on; take `next`, which has it.",
                "schema": {"type": "string"},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": {"type": ["string", "null"], "format": "uri"}, "results": schema},
        }


class GeometryFieldExtension(OpenApiSerializerFieldExtension):
    """Describe geometry as GeoJSON of the types that the field takes."""

    target_class = "coordination.web.fields.GeometryField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return geojson_schema(*self.target.kinds)


class CallerScheme(OpenApiAuthenticationExtension):
    """A key, an OAuth2 access token, a session, or nobody."""

    target_class = "coordination.web.authentication.CallerAuthentication"
    name = ["bearer", "oauth2", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        scopes = {str(scope): str(scope.label) for scope in Scope if scope in SYSTEM_SCOPES}
        return [
            {"type": "http", "scheme": "bearer", "description": "A key, `aid_live_…`; of a sandbox, `aid_test_…`."},
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}}},
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        known: list[dict[str, list[Any]]] = [{"bearer": []}, {"oauth2": []}, {"session": []}]
        return [*known, {}] if auto_schema.method == "GET" else known


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description)
