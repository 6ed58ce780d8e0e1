"""What is left of a request when nobody may know any more whose it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import F, Q

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.models import AidRequest, Contact, Delivery, Match, PossibleDuplicate, RequestLine, ShelterStay
from coordination.access.wall import seen_as
from coordination.geo.cells import cell_centre
from coordination.records.actors import Actor
from coordination.web.models import IdempotencyRecord

EMPTY: dict[str, Any] = {
    "building": None,
    "members": [],
    "age_bands": {},
    "vulnerabilities": [],
    "status_reason": "",
    "client_ref": "",
}
REMOVED = "removed"


def reduce_aid_requests(aid_requests: Sequence[AidRequest], *, actor: Actor, now: datetime) -> None:
    """Delete the contacts of locked requests and leave of each what statistics count: people, items, when, which cell.

    The place becomes the middle of its cell. Histories, kept answers and the distances to those who helped, by which
    the place could be found again, are reduced with it; what it was alike is forgotten.
    """
    ids = [aid_request.pk for aid_request in aid_requests]
    with seen_as(actor, scope=policies.MANAGE):
        Contact.objects.filter(aid_request__in=ids).delete()
    for aid_request in aid_requests:
        for name, value in EMPTY.items():
            setattr(aid_request, name, value)
        aid_request.location = Point(*cell_centre(aid_request.public_cell), srid=4326)
        aid_request.anonymised_at = now
    AidRequest.objects.bulk_update(aid_requests, [*EMPTY, "location", "anonymised_at"])
    PossibleDuplicate.objects.filter(Q(earlier__in=ids) | Q(later__in=ids)).delete()
    matches = Match.objects.filter(line__aid_request__in=ids)
    deliveries = Delivery.objects.filter(matches__in=matches)
    told_of = {*ids, *_keys(RequestLine, aid_request__in=ids), *_keys(ShelterStay, match__in=matches)}
    told_of |= {*matches.values_list("pk", flat=True), *deliveries.values_list("pk", flat=True)}
    IdempotencyRecord.objects.filter(subject_id__in=told_of).delete()
    matches.update(distance_m=F("distance_band_m"), status_reason="", reasons={})
    Delivery.objects.filter(pk__in=deliveries.values("pk")).exclude(failure_reason="").update(failure_reason=REMOVED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT aid_forget_history(%s::uuid[]), aid_forget_likeness(%s::uuid[])", [ids, ids])
    for aid_request in aid_requests:
        announce_aid_request("anonymised", aid_request, now=now)


def _keys(model: type[RequestLine] | type[ShelterStay], **conditions: object) -> set[UUID]:
    return set(model.objects.filter(**conditions).values_list("pk", flat=True))
