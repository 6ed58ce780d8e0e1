"""What the public is told of needs: few figures, told late, never changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from aid.actions.count_needs import count_needs
from aid.models import AidRequest, NeedCount, NeedSlot
from aid.tasks import count_public_needs
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import Role
from coordination.access.models import Organisation, User
from coordination.areas.models import Area
from coordination.records.errors import NotAllowed
from incidents.models import Incident
from tests.doors import graphql
from tests.doors.rest import PUBLIC_CALLER, results
from tests.factories import incidents
from tests.factories.access import member
from tests.factories.places import POZNIAKY, darnytskyi, kyiv

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
TUESDAY_NOON = MONDAY + 1.5 * DAY


def file(by: Organisation, households: int, *, at: datetime, area: Area, **fields: Any) -> None:
    """Have households file verified requests at a moment."""
    values = {"status": "verified", "verified_at": at, "location": POZNIAKY, "people": 3, "urgency": 2, **fields}
    rows = AidRequest.objects.bulk_create(
        AidRequest(reported_by=by, area=area, public_cell="861e28947ffffff", review_at=at, **values)
        for _household in range(households)
    )
    AidRequest.objects.filter(pk__in=[row.pk for row in rows]).update(created_at=at)


def told() -> list[tuple[str, str, int]]:
    """Give what was told: day, area and households."""
    counts = NeedCount.objects.select_related("slot", "area").order_by("slot__starts_at", "area__name_en")
    return [(f"{count.slot.starts_at:%d}", count.area.name_en, count.households) for count in counts]


def raion(name: str, code: str, parent: Area | None = None, level: int = 2) -> Area:
    """Make an area."""
    return Area.objects.create(pcode=code, level=level, name_uk=name, name_en=name, parent=parent)


@pytest.mark.parametrize(("households", "shown"), [(9, []), (10, [10]), (12, [10]), (13, [15]), (118, [120])])
def test_count_is_rounded_and_a_small_one_is_not_told(households: int, shown: list[int], ngo: Organisation) -> None:
    file(ngo, households, at=MONDAY, area=raion("Bucha", "UA3208"))
    count_needs(actor=SYSTEM, now=TUESDAY_NOON)
    assert [count for _day, _area, count in told()] == shown
    assert NeedSlot.objects.count() == 1


def test_household_counts_once_in_the_finest_area_that_is_told(ngo: Organisation) -> None:
    city = kyiv()
    district, oblast = darnytskyi(city), raion("Kyivska", "UA32", level=1)
    bucha = raion("Bucha", "UA3208", oblast)
    village = raion("Vorzel", "UA3208099", raion("Hromada", "UA320801", bucha, 3), 4)
    for area, households in ((district, 7), (city, 4), (village, 6), (bucha, 5), (oblast, 9)):
        file(ngo, households, at=MONDAY, area=area)
    count_needs(actor=SYSTEM, now=TUESDAY_NOON)
    assert told() == [("05", "Bucha", 10), ("05", "Kyiv", 10)]


def test_nobody_counts_who_is_not_confirmed_an_exercise_a_duplicate_or_elsewhen(ngo: Organisation) -> None:
    area = raion("Bucha", "UA3208")
    file(ngo, 12, at=MONDAY, area=area)
    for fields in ({"status": "submitted", "verified_at": None}, {"is_exercise": True}, {"status": "duplicate"}):
        file(ngo, 20, at=MONDAY, area=area, **fields)
    file(ngo, 20, at=MONDAY + DAY, area=area)
    count_needs(actor=SYSTEM, now=TUESDAY_NOON)
    assert told() == [("05", "Bucha", 10)]


def test_slot_is_told_after_its_end_and_the_embargo_of_its_last_strike(ngo: Organisation) -> None:
    file(ngo, 12, at=MONDAY + DAY / 2, area=raion("Bucha", "UA3208"))
    assert count_needs(actor=SYSTEM, now=TUESDAY_NOON - timedelta(seconds=1)) == []
    assert len(count_needs(actor=SYSTEM, now=TUESDAY_NOON)) == 1


def test_needs_of_an_incident_whose_embargo_goes_on_are_left_out(ngo: Organisation, now: datetime) -> None:
    area = raion("Bucha", "UA3208")
    strike = incidents.confirmed_incident(ngo, now=now)
    Incident.objects.filter(pk=strike.pk).update(public_from=TUESDAY_NOON + timedelta(hours=1))
    file(ngo, 12, at=MONDAY, area=area)
    file(ngo, 30, at=MONDAY, area=area, incident=strike)
    count_needs(actor=SYSTEM, now=TUESDAY_NOON)
    assert told() == [("05", "Bucha", 10)]


def test_missed_slots_are_made_up_for_and_none_is_counted_twice(ngo: Organisation) -> None:
    area = raion("Bucha", "UA3208")
    for day in (0, 3):
        file(ngo, 10, at=MONDAY + day * DAY, area=area)
    file(ngo, 9, at=MONDAY + DAY, area=area)
    for _time in range(2):
        count_needs(actor=SYSTEM, now=MONDAY + 4.5 * DAY)
        assert told() == [("05", "Bucha", 10), ("08", "Bucha", 10)]
        assert NeedSlot.objects.count() == 4
        # What comes to light later changes nothing that was told, nor what was not.
        file(ngo, 50, at=MONDAY, area=area)
        file(ngo, 50, at=MONDAY + DAY, area=area)


def test_slots_never_overlap_however_long_they_are_made(ngo: Organisation, settings: Any) -> None:
    area = raion("Bucha", "UA3208")
    file(ngo, 10, at=MONDAY, area=area)
    count_needs(actor=SYSTEM, now=TUESDAY_NOON)
    settings.NEEDS_SLOT_H = 96
    count_needs(actor=SYSTEM, now=MONDAY + 14 * DAY)
    slots = list(NeedSlot.objects.order_by("starts_at").values_list("starts_at", "ends_at"))
    assert len(slots) > 1
    assert all(ends <= starts for (_, ends), (starts, _) in pairwise(slots))
    with pytest.raises(IntegrityError), transaction.atomic():
        NeedSlot.objects.create(starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=6))


def test_told_count_can_neither_be_changed_nor_taken_back(ngo: Organisation) -> None:
    file(ngo, 10, at=MONDAY, area=raion("Bucha", "UA3208"))
    count_needs(actor=SYSTEM, now=TUESDAY_NOON)
    for change in (lambda: NeedCount.objects.update(households=500), lambda: NeedCount.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()


def test_member_may_not_count(ngo_actor: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        count_needs(actor=ngo_actor, now=now)


def test_every_door_tells_the_public_the_same(ngo: Organisation, cell: Organisation, now: datetime) -> None:
    area = raion("Bucha", "UA3208")
    file(ngo, 23, at=now - 3 * DAY, area=area)
    count_public_needs()
    (row,) = results(PUBLIC_CALLER.get("needs", {"area": "UA3208"}))
    assert (row["area"], row["households"]) == (str(area.pk), 25)
    assert set(row) == {"id", "area", "starts_at", "ends_at", "households", "created_at"}
    query = "{ needs { totalCount nodes { households startsAt endsAt area { pcode } } } }"
    (node,) = graphql.nodes(graphql.PUBLIC_CALLER.ask(query))
    assert (node["households"], node["area"]) == (25, {"pcode": "UA3208"})
    # Neither writes.
    assert PUBLIC_CALLER.post("needs", {}).status_code == 405
    viewer = Client()
    viewer.force_login(User.objects.get(pk=member(ngo, Role.VIEWER).user_id))
    assert b"25" in viewer.get("/admin/aid/needcount/").content
    assert viewer.get("/admin/aid/needcount/add/").status_code == 403
