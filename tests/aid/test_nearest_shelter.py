"""The nearest shelters are found by the index, however many there are."""

from __future__ import annotations

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from aid.models import Shelter
from aid.querysets import ShelterQuerySet
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.geo.distance import great_circle_m
from tests.factories.access import organisation

pytestmark = pytest.mark.django_db

COUNT = 20_000
MAIDAN = Point(30.5234, 50.4501, srid=4326)


@pytest.fixture
def operator() -> Organisation:
    """Give an organisation with shelters all over the country, on a grid, a hundred of them in no known place."""
    operator = organisation("City shelters")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO aid_shelter (id, name, kind, operator_id, location, status, address, amenities, opening_hours,
                                     ref, client_ref, is_public, is_exercise)
            SELECT gen_random_uuid(), 'Shelter ' || n, 'protective_shelter', %s,
                   CASE WHEN n > 100
                        THEN ST_SetSRID(ST_MakePoint(23 + (n %% 200) * 0.08, 45 + (n / 200) * 0.07), 4326) END,
                   'open', '', '{}', '', 'SHL-' || lpad(n::text, 8, '0'), '', true, false
            FROM generate_series(1, %s) AS n
            """,
            [operator.pk, COUNT],
        )
        cursor.execute("ANALYZE aid_shelter")
    return operator


def plan(shelters: ShelterQuerySet) -> str:
    return str(shelters.explain())


def by_hand() -> list[tuple[str, float]]:
    lon, lat = MAIDAN.coords
    places = [(shelter.name, shelter.location) for shelter in Shelter.objects.all()]
    distances = [(name, great_circle_m(lon, lat, place.x, place.y)) for name, place in places if place]
    return sorted(distances, key=lambda found: found[1])


def test_nearest_shelters_come_from_the_index_in_order(operator: Organisation) -> None:
    nearest = Shelter.objects.visible_to(SYSTEM).nearest_first(MAIDAN)[:10]
    assert "Index Scan using shelter_nearby" in plan(nearest)
    assert "Seq Scan" not in plan(nearest)
    found = [(shelter.name, shelter.distance_m) for shelter in nearest]  # type: ignore[attr-defined] # annotated
    expected = by_hand()[:10]
    assert [distance for _name, distance in found] == pytest.approx(
        [distance for _name, distance in expected], rel=1e-6
    )
    assert found[0][0] == expected[0][0]


def test_shelters_within_a_radius_come_from_the_index(operator: Organisation) -> None:
    near = Shelter.objects.visible_to(SYSTEM).within(MAIDAN, 25_000)
    assert "shelter_nearby" in plan(near)
    assert "Seq Scan" not in plan(near)
    assert {shelter.name for shelter in near} == {name for name, distance_m in by_hand() if distance_m <= 25_000}
    assert near.count() > 10


def test_nearest_within_a_radius_uses_the_index_for_both(operator: Organisation) -> None:
    nearest = Shelter.objects.visible_to(SYSTEM).filter(status="open").within(MAIDAN, 25_000).nearest_first(MAIDAN)[:5]
    assert "shelter_nearby" in plan(nearest)
    assert "Seq Scan" not in plan(nearest)
    assert next(shelter.name for shelter in nearest) == by_hand()[0][0]


def test_without_the_index_the_plan_reads_every_row(operator: Organisation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX shelter_nearby")
    assert "Seq Scan" in plan(Shelter.objects.visible_to(SYSTEM).nearest_first(MAIDAN)[:10])
