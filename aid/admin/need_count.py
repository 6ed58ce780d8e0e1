from __future__ import annotations

from django.contrib import admin

from aid.models import NeedCount
from coordination.web.admin.base import GuardedAdmin


@admin.register(NeedCount)
class NeedCountAdmin(GuardedAdmin):
    """What the public is told of needs."""

    list_display = ["slot", "area", "households", "created_at"]
    fields = ["slot", "area", "households", "created_at"]
