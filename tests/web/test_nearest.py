"""The nearest rows come from the index through the door too, page by page, whatever lies at one distance."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aid.models import Shelter
from coordination.access.models import Organisation
from tests.aid.test_nearest_shelter import MAIDAN, operator  # noqa: F401 - a fixture
from tests.doors.rest import PREFIX, PUBLIC_CALLER, results

pytestmark = pytest.mark.django_db

NEAR = {"near": f"{MAIDAN.x},{MAIDAN.y}", "ordering": "distance"}


def test_nearest_shelters_come_from_the_index(operator: Organisation) -> None:  # noqa: F811 - the fixture
    with CaptureQueriesContext(connection) as statements:
        found = results(PUBLIC_CALLER.get("shelters", {**NEAR, "limit": "10"}))
    (statement,) = [query["sql"] for query in statements if "aid_shelter" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    # How far the last one is, and what is no farther.
    assert plan.count("Index Scan using shelter_nearby") == 2, plan
    assert "Seq Scan on aid_shelter" not in plan, plan
    distances = [row["distance_m"] for row in found]
    assert (len(found), distances) == (10, sorted(distances))


def test_shelters_at_one_distance_are_each_shown_once(operator: Organisation) -> None:  # noqa: F811 - the fixture
    Shelter.objects.filter(ref__lt="SHL-00000108").update(location=Point(30.5, 50.4, srid=4326))
    seen, path = [], f"shelters?limit=3&near={NEAR['near']}&ordering=distance&radius_m=6000"
    while path:
        answer = PUBLIC_CALLER.get(path)
        seen += [(row["distance_m"], row["id"]) for row in results(answer)]
        path = (answer.json()["next"] or "").partition(PREFIX)[2]
    assert len(seen) == len(set(seen)) >= 107
    assert seen == sorted(seen)
