"""What everybody needs to know: areas, organisations, and what has happened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.outbox.models import Event
from coordination.records.actors import Actor
from coordination.web.paging import Order
from coordination.web.problems import invalid
from coordination.web.rest import GuardedViewSet, Router
from coordination.web.serializers import Row

OLDEST_EVENT = Order("sequence", ("sequence",), (int,))


class AreaRow(Row):
    """An area, without its outline."""

    class Meta:
        model = Area
        fields = ["id", "pcode", "katottg", "level", "name_uk", "name_en", "parent", "updated_at"]

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return rows.defer("boundary")


class AreaDetail(Row):
    """An area with its outline."""

    class Meta:
        model = Area
        fields = [*AreaRow.Meta.fields, "boundary"]


class AreaViewSet(GuardedViewSet):
    """Administrative areas."""

    model = Area
    serializer_class = AreaRow
    detail_class = AreaDetail
    filterset_fields = ("pcode", "katottg", "level", "parent")


class OrganisationRow(Row):
    """An organisation that takes part."""

    class Meta:
        model = Organisation
        fields = ["id", "name", "type", "is_vetted", "is_cell", "is_exercise", "is_active", "areas", "updated_at"]

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        areas = Area.objects.visible_to(actor).only("id").order_by("id")
        return rows.prefetch_related(Prefetch("areas", queryset=areas, to_attr="shown_areas"))


class OrganisationViewSet(GuardedViewSet):
    """Organisations that take part."""

    model = Organisation
    serializer_class = OrganisationRow
    filterset_fields = ("type", "is_vetted", "is_cell", "is_active")


@extend_schema_field(OpenApiTypes.STR)
class ConstantField(serializers.Field[Any, Any, Any, Any]):
    """Always the same text."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(read_only=True)

    def get_attribute(self, instance: Any) -> str:
        return self.text

    def to_representation(self, value: str) -> str:
        return value


class EventRow(Row):
    """One thing that happened. Source: CloudEvents 1.0, JSON format."""

    specversion = ConstantField("1.0")
    source = ConstantField("/api/v1/")  # type: ignore[assignment] # DRF takes declared fields out of the class
    datacontenttype = ConstantField("application/json")
    subject = serializers.UUIDField(source="subject_id", read_only=True)
    time = serializers.DateTimeField(source="occurred_at", read_only=True)

    class Meta:
        model = Event
        fields = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"]


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter(
                "after", OpenApiTypes.UUID, description="The id of the last event that is known: those after it follow."
            )
        ]
    )
)
class EventViewSet(GuardedViewSet):
    """What has happened, oldest first, for replay."""

    model = Event
    serializer_class = EventRow
    order = OLDEST_EVENT
    filterset_fields = ("type", "subject_id")
    own_parameters = frozenset({"after"})

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        narrowed: QuerySet[Any] = super().filter_queryset(queryset)
        after = self.request.query_params.get("after")
        return narrowed if after is None else narrowed.filter(sequence__gt=self._sequence_of(after))

    def _sequence_of(self, text: str) -> int:
        try:
            known = self.get_queryset().filter(id=UUID(text)).values_list("sequence", flat=True).first()
        except ValueError:
            known = None
        if known is None:
            raise invalid("?after", "does_not_exist", _("There is no such event."))
        return int(known)


router = Router()
router.register("areas", AreaViewSet, basename="area")
router.register("organisations", OrganisationViewSet, basename="organisation")
router.register("events", EventViewSet, basename="event")
