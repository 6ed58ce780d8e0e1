"""The one order in which rows are locked: resources by id, then lines by id.

A shelter comes before its resource; requests, matches, deliveries and stays, in this order, after the lines;
organisations last. Each lock leaves the key alone, so that a row that refers to a locked one can be written. A match
changes only while its resource and its line are locked: whoever holds the lines of a request, or a resource, holds
their matches still.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from aid.enums import MatchStatus
from aid.models import AidRequest, Delivery, Match, RequestLine, Resource, ShelterStay
from coordination.access.models import Organisation
from coordination.records.actions import locked


def lock_resources_and_lines(
    resource_ids: Iterable[UUID], line_ids: Iterable[UUID], *, skip_locked: bool = False
) -> tuple[Mapping[UUID, Resource], Mapping[UUID, RequestLine]]:
    """Lock resources, then lines, and give both by id as they are now; each line holds its request as it is now.

    With `skip_locked` those that others hold are left out.
    """
    resources = {
        resource.pk: resource
        for resource in Resource.objects.filter(pk__in=set(resource_ids))
        .select_for_update(no_key=True, skip_locked=skip_locked)
        .order_by("pk")
    }
    lines = {
        line.pk: line
        for line in RequestLine.objects.filter(pk__in=set(line_ids))
        .select_for_update(no_key=True, skip_locked=skip_locked)
        .order_by("pk")
    }
    # A statement of its own: a join would show the requests as they were before the lines were ours.
    aid_requests = AidRequest.objects.in_bulk({line.aid_request_id for line in lines.values()})
    for line in lines.values():
        line.aid_request = aid_requests[line.aid_request_id]
    return resources, lines


def lock_matches(matches: Iterable[Match], *, skip_locked: bool = False) -> list[Match]:
    """Lock matches with their resources and lines and give them as they are now, by id.

    Matches of one resource or line share one object of it, so that counters add up. With `skip_locked` those that
    others hold are left out.
    """
    matches = list(matches)
    resources, lines = lock_resources_and_lines(
        (match.resource_id for match in matches), (match.line_id for match in matches), skip_locked=skip_locked
    )
    ours = [match.pk for match in matches if match.resource_id in resources and match.line_id in lines]
    fresh = list(Match.objects.filter(pk__in=ours).select_for_update(no_key=True).order_by("pk"))
    if any(match.line_id not in lines for match in fresh):
        # A merge was undone while we waited, and its matches went over to other lines.
        return lock_matches(fresh, skip_locked=skip_locked)
    for match in fresh:
        match.resource, match.line = resources[match.resource_id], lines[match.line_id]
    return fresh


def lock_promises_to(aid_requests: Iterable[AidRequest]) -> list[Match]:
    """Lock all lines of some requests and whatever is promised to them and has not left; give these matches."""
    aid_requests = list(aid_requests)
    line_ids = RequestLine.objects.filter(aid_request__in=aid_requests).values_list("pk", flat=True)
    promises = Match.objects.reserving().filter(line__aid_request__in=aid_requests)
    while True:
        with transaction.atomic():
            resources, lines = lock_resources_and_lines(promises.values_list("resource_id", flat=True), line_ids)
            matches = list(promises.select_for_update(of=("self",), no_key=True).order_by("pk"))
            if all(match.resource_id in resources for match in matches):
                for match in matches:
                    match.resource, match.line = resources[match.resource_id], lines[match.line_id]
                return matches
            # Promised while we waited: let the lines go, so that its resource can be locked before them.
            transaction.set_rollback(True)


def lock_proposals_of(resource: Resource) -> tuple[Resource, list[Match]]:
    """Lock a resource with its proposals and give both as they are now."""
    resource = lock_resources_and_lines([resource.pk], [])[0][resource.pk]
    proposals = lock_matches(Match.objects.filter(resource=resource, status=MatchStatus.PROPOSED))
    for match in proposals:
        match.resource = resource
    return resource, proposals


def lock_organisations(organisation_ids: Iterable[UUID]) -> None:
    """Lock organisations, so that nobody else counts what they hold until this transaction ends."""
    rows = Organisation.objects.filter(pk__in=set(organisation_ids)).select_for_update(no_key=True).order_by("pk")
    list(rows.values_list("pk"))


def lock_delivery(delivery: Delivery) -> tuple[Delivery, list[Match]]:
    """Lock a delivery with its matches and give both as they are now."""
    # Matches leave a planned delivery, none joins one.
    matches = lock_matches(Match.objects.filter(delivery=delivery))
    delivery = locked(delivery)
    return delivery, [match for match in matches if match.delivery_id == delivery.pk]


def lock_stay(stay: ShelterStay) -> tuple[ShelterStay, Resource]:
    """Lock a stay with its places and its match, where it has one, and give it and the places as they are now."""
    match = None
    if stay.match:
        (match,) = lock_matches([stay.match])
        places = match.resource
    else:
        of_shelter = Resource.objects.filter(shelter=stay.shelter_id).values_list("pk", flat=True)
        (places,) = lock_resources_and_lines(of_shelter, [])[0].values()
    fresh = locked(stay)
    fresh.shelter, fresh.match = stay.shelter, match
    return fresh, places


def write_counters(matches: Sequence[Match]) -> None:
    """Write the counters of the locked resources and lines of these matches."""
    Resource.objects.bulk_update({match.resource for match in matches}, ["reserved", "consumed"])
    RequestLine.objects.bulk_update({match.line for match in matches}, ["reserved", "dispatched", "delivered"])
