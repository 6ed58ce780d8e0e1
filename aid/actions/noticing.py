"""Notice what may be asked for twice: people decide, nothing is blocked or merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from aid import policies
from aid.actions.announce import announce_possible_duplicate
from aid.enums import DuplicateReason
from aid.models import AidRequest, Contact, PossibleDuplicate
from coordination.access.phones import phone_index
from coordination.access.wall import seen_as
from coordination.records.actors import Actor


def notice_possible_duplicates(aid_request: AidRequest, *, actor: Actor, now: datetime) -> None:
    """Note which other open requests have the same phone, or the same building and item, and tell who may know.

    Of two that are filed at the same moment the later waits and notices. What is alike no more is forgotten, unless
    somebody decided about it.
    """
    phone = _phone_of(aid_request, actor)
    _wait_for_others(filter(None, [phone_index(phone), str(aid_request.building_id or "")]))
    reasons = _reasons(aid_request, phone)
    known = {_other(pair, aid_request): pair for pair in PossibleDuplicate.objects.about([aid_request])}
    gone = known.keys() - {other.pk for other in reasons}
    PossibleDuplicate.objects.filter(pk__in=[known[other].pk for other in gone], dismissed_at=None).delete()
    for other, why in reasons.items():
        if other.pk not in known:
            pair = _pair(aid_request, other, why)
            pair.save(force_insert=True)
            announce_possible_duplicate("possible_duplicate", pair, now=now)
        elif known[other.pk].reasons != why:
            known[other.pk].reasons = why
            known[other.pk].save(update_fields=["reasons"])


def _reasons(aid_request: AidRequest, phone: str) -> dict[AidRequest, list[str]]:
    others = AidRequest.objects.open().filter(is_exercise=aid_request.is_exercise).exclude(pk=aid_request.pk)
    reasons: defaultdict[AidRequest, list[str]] = defaultdict(list)
    for other in others.with_phone(phone) if phone_index(phone) else ():
        reasons[other].append(DuplicateReason.PHONE)
    for other in others.possible_duplicates_of(aid_request) if aid_request.building_id else ():
        reasons[other].append(DuplicateReason.BUILDING)
    return reasons


def _phone_of(aid_request: AidRequest, actor: Actor) -> str:
    with seen_as(actor, scope=policies.WRITE):
        return Contact.objects.filter(aid_request=aid_request).values_list("phone", flat=True).first() or ""


def _wait_for_others(keys: Iterable[str]) -> None:
    """Hold what requests are alike by until this transaction ends, in one order."""
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _pair(one: AidRequest, other: AidRequest, reasons: list[str]) -> PossibleDuplicate:
    earlier, later = sorted((one, other), key=lambda aid_request: (aid_request.created_at, aid_request.pk))
    return PossibleDuplicate(earlier=earlier, later=later, reasons=reasons)


def _other(pair: PossibleDuplicate, aid_request: AidRequest) -> UUID:
    return pair.later_id if pair.earlier_id == aid_request.pk else pair.earlier_id
