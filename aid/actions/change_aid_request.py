"""Correct what a request asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.announce import announce_aid_request
from aid.actions.checks import (
    circumstance_problems,
    contact_problems,
    describe_household,
    field_problems,
    household_problems,
    line_problems,
    refuse,
)
from aid.actions.ending import AidRequestNotOpen
from aid.actions.file_aid_request import NewContact, NewLine, contact_columns, store_contact
from aid.actions.letting_go import let_go
from aid.actions.lock_order import lock_promises_to
from aid.actions.noticing import notice_possible_duplicates
from aid.enums import OPEN_AID_REQUEST_STATUSES, AidRequestStatus, EndReason, FollowUp, MatchStatus
from aid.models import AidRequest, Match, RequestLine
from aid.querysets import review_interval
from coordination.access.models import Caseload
from coordination.areas.models import Area
from coordination.geo.cells import HOME_RESOLUTION, cell_of
from coordination.records.actions import action, locked
from coordination.records.actors import Actor
from coordination.records.errors import DomainError, WrongState, require
from incidents.models import AffectedBuilding, Incident


class AidRequestChanges(TypedDict, total=False):
    """What may be changed about a request; what is not named stays. `lines` are all lines, as they shall be."""

    lines: Sequence[NewLine]
    contact: NewContact
    location: Point
    incident: Incident | None
    building: AffectedBuilding | None
    channel: str
    people: int
    members: Sequence[Mapping[str, Any]]
    age_bands: Mapping[str, int]
    vulnerabilities: Sequence[str]
    vulnerable_people: int
    urgency: int
    needed_by: datetime | None
    consent: str


# What was verified: when somebody who may not verify changes it, the request waits for verification again.
VERIFIED_FIELDS = {"lines", "location", "people", "urgency"}


class LessThanPromised(DomainError):
    code = "less_than_promised"
    message = _("More than this is promised or on its way already.")


class LineIsMatched(WrongState):
    code = "line_is_matched"
    message = _("An item that was offered already cannot be taken out; ask for less of it, or cancel the request.")
    field = "lines"


@action
def change_aid_request(
    *, aid_request: AidRequest, actor: Actor, now: datetime, **changes: Unpack[AidRequestChanges]
) -> AidRequest:
    """Change what is named; it also answers the review.

    When the place or the lines change, proposals are let go and made anew; what was accepted stays promised.
    Raises AidRequestNotOpen: when it has ended. Raises LessThanPromised, LineIsMatched: when the lines would not cover
    what is promised. Raises InvalidFields: naming each field that is wrong.
    """
    require(policies.may_change_request(actor, aid_request))
    promises = lock_promises_to([aid_request])
    aid_request = locked(aid_request)
    if aid_request.status not in OPEN_AID_REQUEST_STATUSES:
        raise AidRequestNotOpen
    before = {name: getattr(aid_request, name) for name in VERIFIED_FIELDS - {"lines"}}
    _apply(aid_request, changes)
    refuse(_problems(aid_request, changes, now))
    describe_household(aid_request, _stated_vulnerable_people(aid_request, changes))
    changed = {name for name, value in before.items() if getattr(aid_request, name) != value}
    new_lines = changes.get("lines")
    if new_lines is not None and _differ(aid_request, new_lines):
        changed.add("lines")
    if changed & {"lines", "location"}:
        let_proposals_go(promises, actor, now)
    if new_lines is not None and "lines" in changed:
        _replace_lines(aid_request, new_lines)
    if "contact" in changes:
        store_contact(aid_request, changes["contact"], actor)
    if changed and aid_request.status == AidRequestStatus.VERIFIED and not policies.may_verify(actor, aid_request):
        aid_request.status = AidRequestStatus.SUBMITTED
        aid_request.verified_at = None
    aid_request.review_at = now + review_interval(aid_request.urgency)
    aid_request.follow_up = FollowUp.NONE
    aid_request.save()
    announce_aid_request("changed", aid_request, now=now)
    if changes.keys() & {"contact", "building", "lines"}:
        notice_possible_duplicates(aid_request, actor=actor, now=now)
    return aid_request


def _apply(aid_request: AidRequest, changes: AidRequestChanges) -> None:
    for name, value in changes.items():
        if name not in ("lines", "contact", "vulnerable_people"):
            setattr(aid_request, name, value)
    aid_request.members = list(aid_request.members)
    aid_request.age_bands = dict(aid_request.age_bands)
    aid_request.vulnerabilities = list(dict.fromkeys(aid_request.vulnerabilities))
    if "location" in changes:
        aid_request.public_cell = cell_of(aid_request.location, HOME_RESOLUTION)
        aid_request.area = Area.objects.containing(aid_request.location).first()
        aid_request.caseload = Caseload.objects.of(aid_request.reported_by, aid_request.area)
    if aid_request.building and not aid_request.incident:
        aid_request.incident = aid_request.building.incident


def _problems(aid_request: AidRequest, changes: AidRequestChanges, now: datetime) -> list[Any]:
    touched = set(changes)
    if touched & {"incident", "building"}:
        touched |= {"incident", "building", "is_exercise"}
    problems = [*household_problems(aid_request), *field_problems(aid_request)]
    problems += [problem for problem in circumstance_problems(aid_request, now) if problem.field in touched]
    if "lines" in changes:
        problems += line_problems([_as_row(aid_request, line) for line in changes["lines"]])
    if "contact" in changes:
        problems += contact_problems(contact_columns(changes["contact"]))
    return problems


def _stated_vulnerable_people(aid_request: AidRequest, changes: AidRequestChanges) -> int | None:
    if "vulnerable_people" in changes:
        return changes["vulnerable_people"]
    return None if changes.keys() & {"members", "vulnerabilities"} else aid_request.vulnerable_people


def _as_row(aid_request: AidRequest, line: NewLine) -> RequestLine:
    conditions = list(dict.fromkeys(line.conditions))
    return RequestLine(aid_request=aid_request, item=line.item, quantity=line.quantity, conditions=conditions)


def _differ(aid_request: AidRequest, new_lines: Sequence[NewLine]) -> bool:
    stored = {
        (line.item_id, line.quantity, frozenset(line.conditions))
        for line in RequestLine.objects.filter(aid_request=aid_request)
    }
    return stored != {(line.item.pk, line.quantity, frozenset(line.conditions)) for line in new_lines}


def let_proposals_go(promises: Sequence[Match], actor: Actor, now: datetime) -> None:
    """Let go what of locked promises is not accepted yet: it was proposed for another request than it is now."""
    proposals = [match for match in promises if match.status == MatchStatus.PROPOSED]
    let_go(proposals, status=MatchStatus.CANCELLED, reason=EndReason.AID_REQUEST_CHANGED, actor=actor, now=now)


def _replace_lines(aid_request: AidRequest, new_lines: Sequence[NewLine]) -> None:
    stored = {line.item_id: line for line in RequestLine.objects.filter(aid_request=aid_request)}
    for position, line in enumerate(new_lines):
        wanted = _as_row(aid_request, line)
        row = stored.pop(line.item.pk, None)
        if row is None:
            wanted.save(force_insert=True)
        elif row.reserved + row.dispatched > wanted.quantity:
            raise LessThanPromised(field=f"lines.{position}.quantity")
        else:
            row.quantity, row.conditions = wanted.quantity, wanted.conditions
            row.save(update_fields=["quantity", "conditions"])
    if Match.objects.filter(line__in=stored.values()).exists():
        raise LineIsMatched
    RequestLine.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
