"""Rules that hold even where no verb was asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError

from aid.actions.plan_stay import plan_stay
from aid.models import Delivery, MatchRun
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from tests.factories import aid


def stay(provider: Organisation, now: datetime) -> Any:
    return plan_stay(shelter=aid.shelter(provider, now=now), party_size=3, actor=SYSTEM, now=now)


@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        (lambda provider, now: aid.aid_request(provider, now=now), "aid_request_status_known"),
        (lambda provider, now: aid.resource(provider, now=now), "resource_status_known"),
        (lambda provider, now: aid.shelter(provider, now=now), "shelter_status_known"),
        (stay, "stay_status_known"),
        (lambda provider, now: Delivery.objects.create(provider=provider), "delivery_status_known"),
        (lambda provider, now: MatchRun.objects.create(started_at=now), "match_run_status_known"),
    ],
)
def test_a_status_that_does_not_exist_is_refused_by_the_database(
    make: Callable[[Organisation, datetime], Any], constraint: str, provider: Organisation, now: datetime
) -> None:
    row = make(provider, now)
    with pytest.raises(IntegrityError, match=constraint):
        type(row).objects.filter(pk=row.pk).update(status="smoulders")
