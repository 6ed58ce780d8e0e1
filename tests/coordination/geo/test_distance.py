"""Distances on the globe: in Python and in the database they are the same."""

from __future__ import annotations

import pytest
from django.db import connection

from coordination.geo.distance import great_circle_m

KYIV = (30.5234, 50.4501)
KHARKIV = (36.2304, 49.9935)


def test_kyiv_to_kharkiv_is_as_far_as_known() -> None:
    # A hundredth of a degree of a great circle is 1,111.95 m.
    assert great_circle_m(30, 50, 30, 50.01) == pytest.approx(1_111.95, abs=0.01)
    assert great_circle_m(*KYIV, *KHARKIV) == pytest.approx(409_700, rel=0.01)
    assert great_circle_m(*KYIV, *KYIV) == 0
    assert great_circle_m(0, 0, 180, 0) == pytest.approx(20_015_115, abs=1)


@pytest.mark.django_db
@pytest.mark.parametrize("there", [KHARKIV, (30.5235, 50.4501), (-77.03, 38.89)])
def test_python_and_the_database_measure_alike(there: tuple[float, float]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(ST_MakePoint(%s, %s)::geography, ST_MakePoint(%s, %s)::geography, false)",
            [*KYIV, *there],
        )
        (measured,) = cursor.fetchone()
    assert great_circle_m(*KYIV, *there) == pytest.approx(measured, rel=1e-6)
