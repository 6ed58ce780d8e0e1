"""Filing a request: what is written, what is refused and what is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from aid.actions.file_aid_request import AlreadyFiled, NewContact, NewLine, file_aid_request
from aid.enums import AidRequestStatus
from aid.models import AidRequest, Contact
from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.outbox.models import Event
from coordination.records.errors import InvalidFields, NotAllowed
from tests.factories import aid


def test_file_aid_request_of_untrusted_organisation_awaits_verification(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    filed = file_aid_request(
        reported_by=ngo,
        lines=[NewLine(aid.item(), 45), NewLine(aid.item("insulin"), 2, ["refrigerated"])],
        location=aid.POZNIAKY,
        people=3,
        urgency=2,
        members=[{"age": 71, "sex": "f", "disability": True}, {"age": 1}, {"age": 34, "sex": "m"}],
        vulnerabilities=["insulin"],
        contact=NewContact(name="Oksana", phone="+380441234567"),
        actor=ngo_actor,
        now=now,
    )
    filed.refresh_from_db()
    assert (filed.status, filed.verified_at, filed.review_at) == ("submitted", None, now + timedelta(hours=48))
    assert filed.vulnerable_people == 2
    assert filed.public_cell == "861e63bafffffff"
    assert filed.members[1] == {"age": 1, "sex": "u", "disability": False}
    assert [(line.item.code, line.quantity, line.conditions) for line in filed.lines.order_by("-quantity")] == [
        ("drinking_water", 45, []),
        ("insulin", 2, ["refrigerated"]),
    ]
