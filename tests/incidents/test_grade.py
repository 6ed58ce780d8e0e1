"""The present grade of a building, from all that was ever observed of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.access.models import Organisation
from incidents.enums import AssessmentMethod, DamageScale, Habitability
from incidents.models import AffectedBuilding
from tests.factories import incidents as make

HOUR = timedelta(hours=1)
DETAILED, RAPID, DRONE, SATELLITE, SELF = AssessmentMethod
SAFE, RESTRICTED, UNSAFE = Habitability
UNSAID = ""

# Of each assessment: method, hours after the impact, value on EMS-98, habitability; then what must come out.
Observed = list[tuple[str, int, str, str]]
RULE: dict[str, tuple[Observed, int | None, str | None]] = {
    "nobody looked": ([], None, None),
    "one report of the residents": ([(SELF, 1, "2", UNSAID)], 2, None),
    "satellite over residents": ([(SELF, 2, "5", UNSAID), (SATELLITE, 1, "1", UNSAID)], 1, None),
    "drone over satellite": ([(SATELLITE, 2, "5", UNSAID), (DRONE, 1, "1", UNSAID)], 1, None),
    "rapid inspection over drone": ([(DRONE, 2, "5", UNSAID), (RAPID, 1, "1", RESTRICTED)], 1, RESTRICTED),
    "detailed inspection over all that came later": (
        [
            (DETAILED, 1, "4", UNSAFE),
            (RAPID, 2, "1", SAFE),
            (DRONE, 3, "0", UNSAID),
            (SATELLITE, 4, "0", UNSAID),
            (SELF, 5, "0", SAFE),
        ],
        3,
        UNSAFE,
    ),
    "the newest of one method": ([(RAPID, 3, "2", SAFE), (RAPID, 1, "5", UNSAFE)], 2, SAFE),
    "at the very moment of the impact": ([(RAPID, 0, "3", UNSAID)], 2, None),
    "before the impact it was another building": ([(DETAILED, -1, "0", SAFE)], None, None),
    "only what came after the impact": ([(DETAILED, -1, "0", SAFE), (SELF, 1, "4", UNSAID)], 3, None),
    "habitability from who states it": ([(DETAILED, 1, "4", UNSAID), (RAPID, 1, "2", RESTRICTED)], 3, RESTRICTED),
}


@pytest.mark.parametrize(("observed", "grade", "habitability"), RULE.values(), ids=RULE.keys())
def test_with_grade_gives_the_weightiest_and_newest_since_the_impact(
    observed: Observed, grade: int | None, habitability: str | None, ngo: Organisation, now: datetime
) -> None:
    struck_at = now - 10 * HOUR
    incident = make.incident(ngo, now=now, occurred_at=now - 20 * HOUR)
    site = make.impact_site(incident, ngo, now=now, struck_at=struck_at)
    building = make.building(incident, ngo, now=now, impact_site=site)
    for method, hours, value, placard in observed:
        make.assessment(
            building,
            ngo,
            now=now,
            scale=DamageScale.EMS98,
            value=value,
            method=method,
            assessed_at=struck_at + hours * HOUR,
            habitability=placard,
        )
    graded = AffectedBuilding.objects.with_grade().get()
    assert (graded.grade, graded.habitability, graded.latest_impact_at) == (grade, habitability, struck_at)


def test_with_grade_without_a_site_counts_from_the_incident(ngo: Organisation, now: datetime) -> None:
    building = make.building(make.incident(ngo, now=now, occurred_at=now - 2 * HOUR), ngo, now=now)
    make.assessment(building, ngo, now=now, assessed_at=now - 3 * HOUR)
    assert AffectedBuilding.objects.with_grade().get().grade is None
    make.assessment(building, ngo, now=now, assessed_at=now - HOUR)
    assert AffectedBuilding.objects.with_grade().get().grade == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_with_grade_of_a_list_is_one_query(rows: int, ngo: Organisation, now: datetime) -> None:
    incident = make.incident(ngo, now=now)
    for _row in range(rows):
        make.assessment(make.building(incident, ngo, now=now), ngo, now=now)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert [building.grade for building in AffectedBuilding.objects.with_grade()] == [3] * rows
    assert len(queries) == 1
