"""What the public is told of needs, through REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from aid.models import NeedCount
from coordination.records.actors import Actor
from coordination.web.filters import Place
from coordination.web.rest import GuardedViewSet
from coordination.web.serializers import Row


class NeedCountRow(Row):
    """Households that asked for help in one area and one time slot, rounded to 5; fewer than ten are not told."""

    starts_at = serializers.DateTimeField(read_only=True)
    ends_at = serializers.DateTimeField(read_only=True)

    class Meta:
        model = NeedCount
        fields = ["id", "area", "starts_at", "ends_at", "households", "created_at"]

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        with_slot: QuerySet[Any] = rows.with_slot()  # type: ignore[attr-defined] # of NeedCountQuerySet
        return with_slot


class NeedCountViewSet(GuardedViewSet):
    """Households that asked for help, by area and time slot, for everybody."""

    model = NeedCount
    serializer_class = NeedCountRow
    place = Place(area="area")
