"""The one order in which rows are locked: resources by id, then lines by id.

A shelter comes before its resource; requests, deliveries, matches and stays, in this order, after the lines. Each lock
leaves the key alone, so that a row that refers to a locked one can be written. Whoever holds the lines of a request
holds it still: nothing is promised to it, accepted or cancelled meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from aid.models import AidRequest, Match, RequestLine, Resource


def lock_resources_and_lines(
    resource_ids: Iterable[UUID], line_ids: Iterable[UUID]
) -> tuple[Mapping[UUID, Resource], Mapping[UUID, RequestLine]]:
    """Lock resources, then lines, and give both by id as they are now; each line holds its request as it is now."""
    resources = Resource.objects.filter(pk__in=set(resource_ids)).select_for_update(no_key=True).order_by("pk")
    by_resource = {resource.pk: resource for resource in resources}
    lines = RequestLine.objects.filter(pk__in=set(line_ids)).select_for_update(no_key=True).order_by("pk")
    by_line = {line.pk: line for line in lines}
    # A statement of its own: a join would show the requests as they were before the lines were ours.
    aid_requests = AidRequest.objects.in_bulk({line.aid_request_id for line in by_line.values()})
    for line in by_line.values():
        line.aid_request = aid_requests[line.aid_request_id]
    return by_resource, by_line


def lock_matches(matches: Iterable[Match]) -> list[Match]:
    """Lock matches with what they hold and give them as they are now, by id; those of one resource share its object."""
    matches = list(matches)
    resources, lines = lock_resources_and_lines(
        (match.resource_id for match in matches), (match.line_id for match in matches)
    )
    fresh = list(
        Match.objects.filter(pk__in=[match.pk for match in matches]).select_for_update(no_key=True).order_by("pk")
    )
    for match in fresh:
        match.resource = resources[match.resource_id]
        match.line = lines[match.line_id]
    return fresh


def lock_promises_to(aid_request: AidRequest) -> list[Match]:
    """Lock all lines of a request, and its live matches with their resources; give these matches."""
    line_ids = RequestLine.objects.filter(aid_request=aid_request).values_list("pk", flat=True)
    promises = Match.objects.live().filter(line__aid_request=aid_request)
    while True:
        with transaction.atomic():
            resources, lines = lock_resources_and_lines(promises.values_list("resource_id", flat=True), line_ids)
            matches = list(promises.select_for_update(of=("self",), no_key=True).order_by("pk"))
            if all(match.resource_id in resources for match in matches):
                for match in matches:
                    match.resource = resources[match.resource_id]
                    match.line = lines[match.line_id]
                return matches
            # Promised while we waited: let the lines go, so that its resource can be locked before them.
            transaction.set_rollback(True)


def write_counters(matches: Sequence[Match]) -> None:
    """Write the counters of the locked resources and lines of these matches."""
    Resource.objects.bulk_update({match.resource for match in matches}, ["reserved", "consumed"])
    RequestLine.objects.bulk_update({match.line for match in matches}, ["reserved", "dispatched", "delivered"])
