"""Tell the public how many households asked for help: the only thing it is told of needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min

from aid import policies
from aid.enums import AidRequestStatus
from aid.models import AidRequest, NeedCount, NeedSlot
from coordination.areas.models import Area
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require

FEWEST = 10
STEP = 5
_NO_HOUSEHOLD = (AidRequestStatus.DUPLICATE, AidRequestStatus.REJECTED)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@action
def count_needs(*, actor: Actor, now: datetime) -> list[NeedCount]:
    """Count the households of every slot that is due and not counted yet, the oldest first.

    A household is a verified request that is no exercise. It counts once: in the slot in which it was filed, and in
    the finest area around it that is not below NEEDS_AREA_LEVEL. What names an incident under embargo is left out.
    """
    require(policies.may_count_needs(actor))
    counted: list[NeedCount] = []
    homes = _areas_that_count()
    for starts_at, ends_at in _slots_due(now):
        slot = NeedSlot.objects.create(starts_at=starts_at, ends_at=ends_at)
        totals: Counter[UUID] = Counter()
        for area_id, households in _households(slot, now):
            totals[homes[area_id]] += households
        counted += NeedCount.objects.bulk_create(
            NeedCount(slot=slot, area_id=area_id, households=_rounded(households))
            for area_id, households in sorted(totals.items())
            if households >= FEWEST
        )
    return counted


def _slots_due(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    length = timedelta(hours=settings.NEEDS_SLOT_H)
    last = NeedSlot.objects.order_by("-ends_at").first()
    since = last.ends_at if last else AidRequest.objects.aggregate(first=Min("created_at"))["first"]
    if since is None:
        return
    # A first slot begins before the first request; a later one never before the end of the last.
    behind = (since - _EPOCH) % length
    starts_at = since - behind + (length if last and behind else timedelta())
    while starts_at + length + timedelta(hours=settings.NEEDS_DELAY_H) <= now:
        yield starts_at, starts_at + length
        starts_at += length


def _households(slot: NeedSlot, now: datetime) -> Iterator[tuple[UUID, int]]:
    filed = AidRequest.objects.filter(
        created_at__gte=slot.starts_at,
        created_at__lt=slot.ends_at,
        verified_at__isnull=False,
        area__isnull=False,
        is_exercise=False,
    )
    told = filed.exclude(status__in=_NO_HOUSEHOLD).exclude(incident__public_from__gt=now)
    yield from told.order_by().values_list("area").annotate(households=Count("pk"))


def _areas_that_count() -> dict[UUID, UUID]:
    """Give for each area the one in which its households count."""
    above = {key: (level, parent) for key, level, parent in Area.objects.values_list("pk", "level", "parent")}
    counts: dict[UUID, UUID] = {}
    for area_id in above:
        home = area_id
        while (place := above[home])[0] > settings.NEEDS_AREA_LEVEL and place[1]:
            home = place[1]
        counts[area_id] = home
    return counts


def _rounded(households: int) -> int:
    return (households + STEP // 2) // STEP * STEP
