"""The codes of aid, as GraphQL enums."""

from __future__ import annotations

from aid import enums
from coordination.web.graphql.scalars import described

described(enums.Urgency, "AidRequestUrgency")
for _enum in (
    enums.Sector,
    enums.Unit,
    enums.Condition,
    enums.ShelterKind,
    enums.ShelterStatus,
    enums.Amenity,
    enums.StayStatus,
    enums.ResourceStatus,
    enums.Channel,
    enums.AidRequestStatus,
    enums.Consent,
    enums.Sex,
    enums.Vulnerability,
    enums.FollowUp,
    enums.Coverage,
    enums.MatchStatus,
    enums.DeliveryStatus,
    enums.DuplicateReason,
    enums.MatchRunStatus,
):
    described(_enum)
