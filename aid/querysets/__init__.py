"""Questions about needs and supplies, and who sees them."""

from aid.querysets.matches import DeliveryQuerySet, MatchQuerySet, MatchRunQuerySet
from aid.querysets.needs import (
    AidRequestQuerySet,
    ContactQuerySet,
    DuplicateMergeQuerySet,
    NeedCountQuerySet,
    NeedSlotQuerySet,
    PossibleDuplicateQuerySet,
    RequestLineQuerySet,
    review_interval,
)
from aid.querysets.sight import released_among, released_to, shared_among
from aid.querysets.supply import ItemQuerySet, ResourceQuerySet, ShelterQuerySet, ShelterStayQuerySet

__all__ = [
    "AidRequestQuerySet",
    "ContactQuerySet",
    "DeliveryQuerySet",
    "DuplicateMergeQuerySet",
    "ItemQuerySet",
    "MatchQuerySet",
    "MatchRunQuerySet",
    "NeedCountQuerySet",
    "NeedSlotQuerySet",
    "PossibleDuplicateQuerySet",
    "RequestLineQuerySet",
    "ResourceQuerySet",
    "ShelterQuerySet",
    "ShelterStayQuerySet",
    "released_among",
    "released_to",
    "review_interval",
    "shared_among",
]
