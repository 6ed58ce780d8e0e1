from __future__ import annotations

from django.contrib import admin

from aid.models import Item
from coordination.web.admin.base import GuardedAdmin


@admin.register(Item)
class ItemAdmin(GuardedAdmin):
    """The catalogue; it comes by `load_items`."""

    list_display = ["code", "name_uk", "name_en", "sector", "unit", "is_divisible", "is_active"]
    list_filter = ["sector", "unit", "is_divisible", "is_active"]
    search_fields = ["code", "name_uk", "name_en"]
    fields = ["code", "name_uk", "name_en", "sector", "unit", "is_divisible", "default_radius_m", "hxl", "is_active"]
