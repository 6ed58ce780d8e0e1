"""How many more matches each provider may hold at once: nobody, least of all who was not vetted, collects needs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from aid.enums import LIVE_MATCH_STATUSES
from aid.models import Match
from coordination.access.models import Organisation


def room_of(provider_ids: Collection[UUID], *, statuses: Collection[str] = LIVE_MATCH_STATUSES) -> dict[UUID, int]:
    """Count for each provider how many more matches of these states it may hold that have not left; never below 0."""
    held = dict(
        Match.objects.reserving()
        .filter(resource__provider__in=provider_ids, status__in=statuses)
        .order_by()
        .values_list("resource__provider")
        .annotate(matches=Count("pk"))
    )
    providers = Organisation.objects.filter(pk__in=provider_ids)
    return {
        key: max(_most(is_vetted, own) - held.get(key, 0), 0)
        for key, is_vetted, own in providers.values_list("pk", "is_vetted", "open_matches_max")
    }


def _most(is_vetted: bool, own: int | None) -> int:
    if own is not None:
        return own
    usual: int = settings.OPEN_MATCHES_MAX if is_vetted else settings.OPEN_MATCHES_MAX_UNVETTED
    return usual
