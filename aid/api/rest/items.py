"""The catalogue through REST."""

from __future__ import annotations

from aid.models import Item
from coordination.web.rest import GuardedViewSet
from coordination.web.serializers import Row


class ItemRow(Row):
    """A kind of good, place or service."""

    class Meta:
        model = Item
        fields = [
            "id", "code", "name_uk", "name_en", "sector", "unit", "is_divisible", "default_radius_m", "hxl",
            "is_active", "updated_at",
        ]  # fmt: skip


class ItemViewSet(GuardedViewSet):
    """What can be asked for and offered."""

    model = Item
    serializer_class = ItemRow
    filterset_fields = ("code", "sector", "unit", "is_divisible", "is_active")
