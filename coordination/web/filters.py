"""What lists can be narrowed by: fields through django-filter, places and areas by our own; all behind the guard.

A filter on a field that a row does not disclose never matches that row: asking must not tell what reading does not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.conf import settings
from django.contrib.gis.geos import Point, Polygon
from django.db import models
from django.db.models import Case, F, FloatField, Func, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as rest_filters
from django_filters.constants import EMPTY_VALUES

from coordination.access.disclosure import is_open, knowing, known, stand_in
from coordination.areas.models import Area
from coordination.geo.cells import cell_centre
from coordination.geo.distance import distance_m, great_circle_m, within_m
from coordination.geo.gate import SRID, GeometryError, parse_point
from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure
from coordination.web.paging import MAX_DISTANCE_M, NEAREST, NEWEST, NearestByIndex, Order
from coordination.web.problems import FieldError, Refusal, invalid

AREA_DEPTH = 5


class RelatedFilter(rest_filters.UUIDFilter):
    """Keep the rows that belong to a related row, if the actor may see that."""

    def filter(self, qs: QuerySet[Any], value: UUID | None) -> QuerySet[Any]:
        if value is None:
            return qs
        related = qs.model._meta.get_field(self.field_name).related_model
        visible = related._default_manager.visible_to(self.parent.request.actor)
        return qs.filter(**{f"{self.field_name}__in": visible.filter(pk=value).values("pk")})


class TrueOrFalse(forms.Field):
    """`true` or `false`; anything else would silently filter nothing."""

    default_error_messages = {"invalid": _("Say true or false.")}

    def to_python(self, value: str | None) -> bool | None:
        """Read the word.

        Raises ValidationError: for any other.
        """
        if not value:
            return None
        if value.lower() not in ("true", "false"):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return value.lower() == "true"


class BooleanFilter(rest_filters.BooleanFilter):
    """Keep the rows where something holds, or where it does not."""

    field_class = TrueOrFalse

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, widget=forms.TextInput)


class GuardedFilterSet(rest_filters.FilterSet):
    """Filters by the fields of a model: one of several codes, a related row's id, or a plain value."""

    @classmethod
    def filter_for_field(cls, field: Any, field_name: str, lookup_expr: str | None = None) -> Any:
        if field.is_relation:
            return RelatedFilter(field_name=field_name)
        if field.choices:
            return django_filters.MultipleChoiceFilter(field_name=field_name, choices=field.choices, distinct=False)
        if isinstance(field, models.BooleanField):
            return BooleanFilter(field_name=field_name)
        return super().filter_for_field(field, field_name, lookup_expr)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for name, value in self.form.cleaned_data.items():
            if value in EMPTY_VALUES:
                continue
            queryset = self.filters[name].filter(knowing(queryset, self.filters[name].field_name), value)
        return queryset


class FieldFilters(rest_filters.DjangoFilterBackend):
    """Filters by the fields that a view names in `filterset_fields`."""

    filterset_base = GuardedFilterSet

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise Refusal(
                400,
                "invalid",
                errors=[
                    FieldError(f"?{name}", error.code or "invalid", " ".join(error.messages))
                    for name, errors in filterset.errors.as_data().items()
                    for error in errors
                ],
            )
        narrowed: QuerySet[Any] = filterset.qs
        return narrowed


@dataclass(frozen=True)
class Place:
    """Where a list's rows are: the column of points, of the cells that stand for undisclosed ones, of the area."""

    point: str = ""
    cell: str = ""
    area: str = ""


def by_place(rows: QuerySet[Any], http_request: HttpRequest, place: Place) -> tuple[QuerySet[Any], Order]:
    """Narrow rows by `area`, `bbox`, `near` with `radius_m` and `updated_since`, and say in which order they come.

    Rows of unknown place are nowhere near.
    Raises Refusal: for a value that cannot be read.
    """
    query, actor = http_request.GET, http_request.actor  # type: ignore[attr-defined] # set by ActorMiddleware
    if moment := query.get("updated_since"):
        rows = changed_since(rows, _moment(moment))
    if area := query.get("area"):
        rows = in_area(rows, area, place.area, actor)
    if bbox := query.get("bbox"):
        rows = Whereabouts(rows, place, actor).inside(_box(bbox))
    if near := query.get("near"):
        return Whereabouts(rows, place, actor).around(
            _point(near), _radius(query.get("radius_m")), query.get("ordering")
        )
    for name in ("radius_m", "ordering"):
        if query.get(name, NEWEST.name) != NEWEST.name:
            raise invalid(f"?{name}", "near_missing", _("This goes only with “near”."))
    return rows, NEWEST


def changed_since(rows: QuerySet[Any], moment: datetime) -> QuerySet[Any]:
    """Keep the rows of which something that their viewer may read has changed, or come to light, since a moment."""
    told = known(rows.model, "updated_at")
    changed = told & Q(updated_at__gte=moment)
    if coarse := stand_in(rows.model, "updated_at"):
        changed |= ~told & Q(**{f"{coarse}__gte": moment})
    return rows.filter(changed | rows.told_since(moment))  # type: ignore[attr-defined] # every queryset here is a VisibleQuerySet


class Whereabouts:
    """Places of rows as the actor may know them: points where disclosed, otherwise the centres of cells."""

    def __init__(self, rows: QuerySet[Any], place: Place, actor: Actor) -> None:
        rules = rows.rules_for(actor)  # type: ignore[attr-defined] # every queryset here is a VisibleQuerySet
        told = known(rows.model, place.point)
        self.place, self.rows = place, rows
        self.is_exact_throughout = is_open(rows.model, place.point) or (
            isinstance(rules, Disclosure) and rules >= Disclosure.EXACT
        )
        located = Q(**{f"{place.point}__isnull": False})
        self.exact = located if self.is_exact_throughout else located & told
        self.undisclosed = ~told

    def centres(self) -> dict[str, tuple[float, float]]:
        if self.is_exact_throughout or not self.place.cell:
            return {}
        coarse = self.rows.filter(self.undisclosed).exclude(**{self.place.cell: ""})
        cells = coarse.order_by().values_list(self.place.cell, flat=True).distinct()
        return {cell: cell_centre(cell) for cell in cells}

    def in_cells(self, cells: list[str]) -> Q:
        return self.undisclosed & Q(**{f"{self.place.cell}__in": cells}) if cells else Q(pk__in=[])

    def inside(self, box: tuple[float, float, float, float]) -> QuerySet[Any]:
        west, south, east, north = box
        outline = Polygon.from_bbox(box)
        outline.srid = SRID
        cells = [cell for cell, (lon, lat) in self.centres().items() if west <= lon <= east and south <= lat <= north]
        return self.rows.filter((self.exact & Q(**{f"{self.place.point}__coveredby": outline})) | self.in_cells(cells))

    def around(self, point: Point, radius_m: float | None, ordering: str | None) -> tuple[QuerySet[Any], Order]:
        if ordering not in (None, NEWEST.name, "distance"):
            raise invalid("?ordering", "ordering_unknown", _("Lists are ordered by -created_at, or by distance."))
        # Read once: each look into a point is a call of the geometry library.
        here = point.x, point.y
        away_m = {cell: great_circle_m(*here, *centre) for cell, centre in self.centres().items()}
        near = {cell: metres for cell, metres in away_m.items() if radius_m is None or metres <= radius_m}
        within = Q() if radius_m is None else Q(within_m(self.place.point, point, radius_m))
        rows = self.rows.filter((self.exact & within) | self.in_cells(list(near)))
        exact_m: Any = distance_m(self.place.point, point)
        order = NEAREST
        if self.is_exact_throughout:
            order = NearestByIndex(NEAREST.name, NEAREST.fields, NEAREST.parse, column=self.place.point, point=point)
        rows = rows.annotate(distance_m=exact_m if self.is_exact_throughout else self._coarsely(exact_m, near))
        return rows, order if ordering == "distance" else NEWEST

    def _coarsely(self, exact_m: Any, near: dict[str, float]) -> Case:
        if not near:
            return Case(When(self.exact, then=exact_m), output_field=FloatField())
        table = Cast(Value(json.dumps(near)), models.JSONField())
        looked_up = Func(table, F(self.place.cell), function="jsonb_extract_path_text", output_field=models.TextField())
        return Case(When(self.exact, then=exact_m), default=Cast(looked_up, FloatField()), output_field=FloatField())


def in_area(rows: QuerySet[Any], text: str, path: str, actor: Actor) -> QuerySet[Any]:
    """Keep the rows that lie in an area or below it; the area is named by id, P-code or KATOTTG code."""
    try:
        named = Q(pk=UUID(text))
    except ValueError:
        if "\0" in text:
            raise invalid("?area", "null_character", _("Null characters are not allowed.")) from None
        named = Q(pcode=text) | Q(katottg=text)
    area = Area.objects.visible_to(actor).filter(named).values_list("pk", flat=True).first()
    if area is None:
        raise invalid("?area", "does_not_exist", _("There is no such area."))
    rows = knowing(rows, path)
    below = Q(pk=area)
    for depth in range(1, AREA_DEPTH + 1):
        below |= Q(**{"__".join(["parent"] * depth): area})
    inside = rows.filter(**{f"{path}__in": Area.objects.visible_to(actor).filter(below).values("pk")})
    # A row in several areas comes once.
    return rows.filter(pk__in=inside.values("pk")) if rows.model._meta.get_field(path).many_to_many else inside


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text.replace(" ", "+"))
        if moment is not None and is_aware(moment):
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = _("Give a moment with its zone, such as 2026-01-31T22:15:00Z.")
    raise invalid("?updated_since", "moment_unreadable", message)


def _numbers(name: str, text: str, count: int) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",", count)]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(map(isfinite, numbers)):
        message = _("Give %(count)d numbers, parted by commas.") % {"count": count}
        raise invalid(f"?{name}", "numbers_unreadable", message)
    return numbers


def _box(text: str) -> tuple[float, float, float, float]:
    west, south, east, north = _numbers("bbox", text, 4)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise invalid("?bbox", "bbox_out_of_range", _("A box is west, south, east, north in degrees, in this order."))
    return west, south, east, north


def _point(text: str) -> Point:
    lon, lat = _numbers("near", text, 2)
    refusal: Refusal
    try:
        return parse_point(lon, lat, bounds=settings.DEPLOYMENT_BOUNDS)
    except GeometryError as error:
        refusal = invalid("?near", error.code, error.message)
    raise refusal


def _radius(text: str | None) -> float | None:
    if text is None:
        return None
    (radius_m,) = _numbers("radius_m", text, 1)
    if not 0 < radius_m <= MAX_DISTANCE_M:
        raise invalid(
            "?radius_m", "radius_out_of_range", _("The radius is more than 0 m and no more than the globe allows.")
        )
    return radius_m
