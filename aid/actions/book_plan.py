"""Turn a decision into proposals that hold what they promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from aid import policies
from aid.actions.lock_order import lock_organisations, lock_resources_and_lines
from aid.enums import MatchRunStatus, Urgency
from aid.matching.planning import ENGINE_VERSION, Decision, Proposal, still_standing
from aid.matching.room import room_of
from aid.models import Match, MatchRun, RequestLine, Resource
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import require


@action
def book_plan(*, decision: Decision, actor: Actor, now: datetime) -> MatchRun:
    """Book what still stands of a decision, and note the run.

    Everything is checked again under lock: a proposal that has become stale is dropped, never squeezed in; the next run
    sees its line again. Beyond what a provider may hold the less urgent are dropped, for others to serve.
    `counts` of the run tells how many were booked, how many were stale and how many were beyond their provider's cap.
    """
    require(policies.may_match(actor))
    resources, lines = lock_resources_and_lines(
        (proposal.resource_id for proposal in decision.proposals), (proposal.line_id for proposal in decision.proposals)
    )
    lock_organisations(resource.provider_id for resource in resources.values())
    standing = still_standing(decision, now=now)
    booked = _within_room(standing, resources, lines)
    run = MatchRun(
        status=MatchRunStatus.FINISHED,
        scope=decision.scope.as_json(),
        started_at=decision.started_at,
        finished_at=now,
        objective=decision.objective,
        lower_bound=decision.lower_bound,
        gap=decision.gap,
        counts=decision.counts()
        | {
            "booked": len(booked),
            "stale": len(decision.proposals) - len(standing),
            "beyond_cap": len(standing) - len(booked),
        },
        settings=decision.weights.as_json(),
        engine_version=ENGINE_VERSION,
    )
    run.save(force_insert=True)
    matches = [_match(proposal, run, lines[proposal.line_id], now) for proposal in booked]
    Match.objects.bulk_create(matches)
    _reserve(matches)
    _tell(run, matches, resources, lines, now)
    return run


def respond_by(urgency: int, now: datetime) -> datetime:
    """Return until when a proposal stands unanswered."""
    is_urgent = urgency <= Urgency.URGENT
    return now + timedelta(minutes=settings.RESPOND_WITHIN_MIN_URGENT if is_urgent else settings.RESPOND_WITHIN_MIN)


def _within_room(
    proposals: Sequence[Proposal], resources: Mapping[UUID, Resource], lines: Mapping[UUID, RequestLine]
) -> list[Proposal]:
    """Leave each provider the most urgent proposals, the longest waiting first, as many as it may still hold."""
    room = room_of({resource.provider_id for resource in resources.values()})
    kept = set()
    for proposal in sorted(proposals, key=lambda proposal: _turn(lines[proposal.line_id])):
        provider_id = resources[proposal.resource_id].provider_id
        if room[provider_id]:
            room[provider_id] -= 1
            kept.add((proposal.line_id, proposal.resource_id))
    return [proposal for proposal in proposals if (proposal.line_id, proposal.resource_id) in kept]


def _turn(line: RequestLine) -> tuple[int, datetime, UUID]:
    return line.aid_request.urgency, line.aid_request.created_at, line.pk


def _match(proposal: Proposal, run: MatchRun, line: RequestLine, now: datetime) -> Match:
    return Match(
        line_id=proposal.line_id,
        resource_id=proposal.resource_id,
        quantity=proposal.quantity,
        distance_m=proposal.distance_m,
        distance_band_m=proposal.distance_band_m,
        respond_by=respond_by(line.aid_request.urgency, now),
        reasons=proposal.reasons,
        run=run,
    )


def _reserve(matches: Sequence[Match]) -> None:
    """Add the promised quantities to the counters of the locked rows, in one statement a table."""
    for table, by_row in (
        (Resource._meta.db_table, _totals((match.resource_id, match.quantity) for match in matches)),
        (RequestLine._meta.db_table, _totals((match.line_id, match.quantity) for match in matches)),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET reserved = reserved + promised.quantity "  # noqa: S608 - the names are the models'
                "FROM unnest(%s::uuid[], %s::bigint[]) AS promised (id, quantity) "
                f"WHERE {table}.id = promised.id",
                [list(by_row), list(by_row.values())],
            )


def _totals(quantities: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    totals: defaultdict[UUID, int] = defaultdict(int)
    for row_id, quantity in quantities:
        totals[row_id] += quantity
    return totals


def _tell(
    run: MatchRun,
    matches: Sequence[Match],
    resources: Mapping[UUID, Resource],
    lines: Mapping[UUID, RequestLine],
    now: datetime,
) -> None:
    """Publish one event for each organisation and item, whether it gives or gets, naming its matches."""
    concerned: defaultdict[tuple[UUID, UUID, bool], list[str]] = defaultdict(list)
    for match in matches:
        resource = resources[match.resource_id]
        for organisation_id in {resource.provider_id, lines[match.line_id].aid_request.reported_by_id}:
            concerned[organisation_id, resource.item_id, resource.is_exercise].append(str(match.pk))
    for (organisation_id, item_id, is_exercise), match_ids in sorted(concerned.items()):
        publish(
            "aid.match.proposed.v1",
            subject=run,
            now=now,
            audience=[organisation_id],
            data={"item": str(item_id), "is_exercise": is_exercise, "matches": match_ids},
        )
