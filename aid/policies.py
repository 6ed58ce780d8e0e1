"""Who may do what: pure questions about an actor and a row."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from aid.querysets import released_to
from coordination.access.enums import DataClass
from coordination.records.actors import Actor

if TYPE_CHECKING:
    from aid.models import AidRequest, Delivery, Match, Resource, Shelter

READ = "aid:read"
WRITE = "aid:write"
ANSWER = "match:write"
READ_CONTACT = "pii:read"
MANAGE = "access:manage"


def may_read(actor: Actor) -> bool:
    """Tell whether the actor takes part in aid at all."""
    return actor.is_system or actor.may(READ)


def may_file(actor: Actor, reported_by_id: UUID, area_id: UUID | None) -> bool:
    """Tell whether the actor may file a request from an area in the name of an organisation."""
    return actor.may_for(WRITE, reported_by_id, within=[area_id])


def may_change_request(actor: Actor, aid_request: AidRequest) -> bool:
    """Tell whether the actor speaks for the organisation that filed the request, or for the cell."""
    return _of_request(actor, WRITE, aid_request)


def may_verify(actor: Actor, aid_request: AidRequest) -> bool:
    """Tell whether the actor may decide that a request is true: the cell, and trusted reporters about their own."""
    return actor.may_for(WRITE, None, within=[aid_request.area_id]) or (
        aid_request.reported_by.is_trusted and actor.may_for(WRITE, aid_request.reported_by_id)
    )


def may_offer(actor: Actor, provider_id: UUID, area_id: UUID | None) -> bool:
    """Tell whether the actor may offer what is in an area in the name of an organisation."""
    return actor.may_for(WRITE, provider_id, within=[area_id])


def may_change_resource(actor: Actor, resource: Resource) -> bool:
    """Tell whether the actor speaks for the resource's provider, or for the cell."""
    return actor.may_for(WRITE, resource.provider_id, within=[resource.area_id])


def may_run_shelter(actor: Actor, shelter: Shelter) -> bool:
    """Tell whether the actor speaks for the shelter's operator, or for the cell."""
    return actor.may_for(WRITE, shelter.operator_id, within=[shelter.area_id])


def may_answer(actor: Actor, match: Match) -> bool:
    """Tell whether the actor may accept or decline: the provider's people, or the cell on their behalf."""
    return actor.may_for(ANSWER, match.resource.provider_id, within=[match.resource.area_id])


def may_cancel_match(actor: Actor, match: Match) -> bool:
    """Tell whether the actor speaks for one of the two parties, or for the cell."""
    return may_answer(actor, match) or _of_request(actor, ANSWER, match.line.aid_request)


def may_release(actor: Actor, match: Match) -> bool:
    """Tell whether the actor may say who the people are, and have it said: for their reporters, or for the cell."""
    return all(_of_request(actor, scope, match.line.aid_request) for scope in (WRITE, READ_CONTACT))


def may_deliver(actor: Actor, delivery: Delivery) -> bool:
    """Tell whether the actor speaks for the delivery's provider, or for the cell."""
    # Read only for a cell that answers for some areas.
    goes_to = delivery.matches.values_list("line__aid_request__area", flat=True)
    return actor.may_for(ANSWER, delivery.provider_id, within=goes_to)


def may_read_contact(actor: Actor, aid_request: AidRequest) -> bool:
    """Tell whether the actor may read who the people are: for their reporters, the cell, or whom either let know."""
    reader = actor.narrowed_to(READ_CONTACT)
    shared = reader.shared(DataClass.IDENTITY)
    return (
        _of_request(actor, READ_CONTACT, aid_request)
        or aid_request.reported_by_id in shared.organisation_ids
        or aid_request.caseload_id in shared.caseload_ids
        or aid_request.pk in released_to(reader)
    )


def may_find_by_phone(actor: Actor) -> bool:
    """Tell whether the actor may search for phone numbers, among the contacts that it may read."""
    return actor.may(READ_CONTACT)


def may_erase(actor: Actor, aid_request: AidRequest) -> bool:
    """Tell whether the actor may have the people of a request forgotten: administrators of its reporters, the cell."""
    return _of_request(actor, MANAGE, aid_request)


def may_forget(actor: Actor) -> bool:
    """Tell whether the actor may have forgotten whatever is due: the system itself."""
    return actor.is_system


def may_match(actor: Actor) -> bool:
    """Tell whether the actor may start a match run: the cell and the system itself."""
    return _is_the_cell(actor, ANSWER)


def may_follow_up(actor: Actor) -> bool:
    """Tell whether the actor may move the follow-up queue: the cell and the system itself."""
    return _is_the_cell(actor, WRITE)


def may_count_needs(actor: Actor) -> bool:
    """Tell whether the actor may make the counts that the public is told: the cell and the system itself."""
    return _is_the_cell(actor, WRITE)


def _of_request(actor: Actor, scope: str, aid_request: AidRequest) -> bool:
    return actor.may_for(scope, aid_request.reported_by_id, within=[aid_request.area_id])


def _is_the_cell(actor: Actor, scope: str) -> bool:
    return actor.may_for(scope, None)
