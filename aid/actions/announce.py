"""What others hear of each noun: ids, refs, states and coarse places."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aid.models import AidRequest, Delivery, Match, PossibleDuplicate, Resource, Shelter, ShelterStay
from coordination.outbox.publishing import publish


def announce_aid_request(event: str, aid_request: AidRequest, *, now: datetime, **data: Any) -> None:
    """Tell the reporters what became of a request."""
    publish(
        f"aid.aid_request.{event}.v1",
        subject=aid_request,
        now=now,
        audience=[aid_request.reported_by_id],
        data={
            "ref": aid_request.ref,
            "status": aid_request.status,
            "urgency": aid_request.urgency,
            "public_cell": aid_request.public_cell,
            "is_exercise": aid_request.is_exercise,
            **data,
        },
    )


def announce_possible_duplicate(event: str, pair: PossibleDuplicate, *, now: datetime) -> None:
    """Tell the reporters of two requests that they may be the same one; where they differ, the cell alone.

    That somebody asked another organisation, too, is not for the one to know by the other.
    """
    reporters = {pair.earlier.reported_by_id, pair.later.reported_by_id}
    publish(
        f"aid.aid_request.{event}.v1",
        subject=pair.later,
        now=now,
        audience=reporters if len(reporters) == 1 else [],
        data={
            "ref": pair.later.ref,
            "earlier": str(pair.earlier_id),
            "earlier_ref": pair.earlier.ref,
            "reasons": list(pair.reasons),
            "is_exercise": pair.later.is_exercise,
        },
    )


def announce_resource(event: str, resource: Resource, *, now: datetime) -> None:
    """Tell the providers what became of a resource."""
    publish(
        f"aid.resource.{event}.v1",
        subject=resource,
        now=now,
        audience=[resource.provider_id],
        data={"item": str(resource.item_id), "status": resource.status, "is_exercise": resource.is_exercise},
    )


def announce_shelter(event: str, shelter: Shelter, *, now: datetime) -> None:
    """Tell the operators, and everybody where the shelter is public, what became of a shelter."""
    publish(
        f"aid.shelter.{event}.v1",
        subject=shelter,
        now=now,
        audience=[shelter.operator_id],
        is_public=shelter.is_public and not shelter.is_exercise,
        data={
            "ref": shelter.ref,
            "kind": shelter.kind,
            "status": shelter.status,
            "is_exercise": shelter.is_exercise,
        },
    )


def announce_stay(event: str, stay: ShelterStay, *, now: datetime) -> None:
    """Tell the operators, and who asked for the places, what became of a stay."""
    match = stay.match
    publish(
        f"aid.stay.{event}.v1",
        subject=stay,
        now=now,
        audience=[stay.shelter.operator_id, match.line.aid_request.reported_by_id if match else None],
        data={
            "shelter": str(stay.shelter_id),
            "match": str(match.pk) if match else None,
            "status": stay.status,
            "is_exercise": stay.shelter.is_exercise,
        },
    )


def announce_match(event: str, match: Match, *, now: datetime) -> None:
    """Tell both parties what became of a match."""
    aid_request = match.line.aid_request
    publish(
        f"aid.match.{event}.v1",
        subject=match,
        now=now,
        audience=[match.resource.provider_id, aid_request.reported_by_id],
        data={
            "ref": match.ref,
            "status": match.status,
            "aid_request": str(aid_request.pk),
            "line": str(match.line_id),
            "resource": str(match.resource_id),
            "quantity": match.quantity,
            "urgency": aid_request.urgency,
            "public_cell": aid_request.public_cell,
            "is_exercise": aid_request.is_exercise,
        },
    )


def announce_delivery(event: str, delivery: Delivery, matches: list[Match], *, now: datetime) -> None:
    """Tell the provider and everybody it goes to what became of a delivery; each reads what is his of it elsewhere."""
    publish(
        f"aid.delivery.{event}.v1",
        subject=delivery,
        now=now,
        audience=[delivery.provider_id, *(match.line.aid_request.reported_by_id for match in matches)],
        data={"status": delivery.status},
    )
