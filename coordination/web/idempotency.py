"""Writes that happen once however often they are sent: the first answer is kept and given again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from coordination.access.actors import SYSTEM, Actor
from coordination.records.errors import DomainError, NotAllowed
from coordination.web.models import IdempotencyRecord
from coordination.web.problems import Refusal, domain_refusal, invalid, problem_body

MAX_KEY_LENGTH = 255
KEPT_FOR = timedelta(hours=48)
UNREADABLE = _("A key has up to 255 printable characters.")


@dataclass(frozen=True)
class Answer:
    """What a write answered: a status, a body and, where a row came about, its address and id."""

    status: int
    body: Any
    location: str = ""
    subject_id: UUID | None = None
    is_replayed: bool = False


def key_of(http_request: HttpRequest, actor: Actor, *, is_required: bool) -> str | None:
    """Read the Idempotency-Key of a call.

    Raises Refusal: when a system left out one that is required, or when it is too long.
    """
    key = http_request.headers.get("Idempotency-Key", "")
    # Systems repeat themselves, so they must say when they do.
    if not key and is_required and actor.client_id:
        detail = _("Systems send an Idempotency-Key with this, so that a repeated call changes nothing twice.")
        raise Refusal(400, "idempotency_key_required", detail)
    if not is_key(key):
        raise invalid("Idempotency-Key", "idempotency_key_unreadable", UNREADABLE)
    return key or None


def is_key(text: str) -> bool:
    """Tell whether a text can be kept as a key."""
    return len(text) <= MAX_KEY_LENGTH and text.isprintable()


def answer_once(
    http_request: HttpRequest, key: str, perform: Callable[[], Answer], *, actor: Actor, now: datetime
) -> Answer:
    """Perform a write and keep its answer, or give the answer that was kept, in the transaction of the write itself.

    Domain refusals are kept too; what may come out otherwise later (401, 403, 429, 5xx) is not.
    Raises Refusal: while the same key is in flight, or when it came with another body before.
    """
    client = _client(actor)
    fingerprint = _fingerprint(http_request)
    with transaction.atomic():
        _enter(client, key)
        kept = IdempotencyRecord.objects.visible_to(SYSTEM).filter(client=client, key=key).first()
        if kept and now - kept.created_at > KEPT_FOR:
            kept.delete()
            kept = None
        if kept:
            return _replayed(kept, fingerprint)
        answer = _performed(http_request, perform)
        IdempotencyRecord(
            client=client,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            location=answer.location,
            body=answer.body,
            subject_id=answer.subject_id,
        ).save(force_insert=True)
        return answer


def forget_answers(*, now: datetime) -> int:
    """Delete the answers that are kept no longer, and say how many: they may hold what a caller may see no more."""
    old = IdempotencyRecord.objects.visible_to(SYSTEM).filter(created_at__lt=now - KEPT_FOR)
    return old.delete()[0]


def _client(actor: Actor) -> str:
    return f"user:{actor.user_id}" if actor.user_id else f"system:{actor.client_id}"


def _fingerprint(http_request: HttpRequest) -> str:
    call = f"{http_request.method} {http_request.path}\n".encode()
    return hashlib.sha256(call + http_request.body).hexdigest()


def _enter(client: str, key: str) -> None:
    """Hold the key until the transaction ends; a second call would wait on the unique row, here it is told at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(client, key)])
        is_first = cursor.fetchone()[0]
    if not is_first:
        detail = _("A call with this Idempotency-Key is still running; ask again in a moment.")
        raise Refusal(409, "idempotency_key_in_flight", detail, headers={"Retry-After": "1"})


def lock_number(client: str, key: str) -> int:
    """Give the number of the advisory lock that stands for a client's key."""
    return int.from_bytes(hashlib.sha256(f"{client}\n{key}".encode()).digest()[:8], "big", signed=True)


def _replayed(kept: IdempotencyRecord, fingerprint: str) -> Answer:
    if kept.fingerprint != fingerprint:
        raise Refusal(422, "idempotency_key_reused", _("This Idempotency-Key came with another call before."))
    return Answer(kept.status, kept.body, kept.location, kept.subject_id, is_replayed=True)


def _performed(http_request: HttpRequest, perform: Callable[[], Answer]) -> Answer:
    try:
        with transaction.atomic():
            return perform()
    except NotAllowed:
        raise
    except DomainError as error:
        refusal = domain_refusal(error)
    body = problem_body(
        http_request, status=refusal.status, code=refusal.code, detail=refusal.detail, errors=refusal.errors
    )
    return Answer(refusal.status, body)
