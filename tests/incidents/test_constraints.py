"""Rules that hold even where no verb was asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import IntegrityError, connection

from coordination.access.models import Organisation
from incidents.models import DamageAssessment, Incident
from tests.factories import incidents as make

HOUR = timedelta(hours=1)
BOW_TIE = MultiPolygon(Polygon(((30, 50), (31, 51), (31, 50), (30, 51), (30, 50)), srid=4326), srid=4326)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"status": "smoulders"}, "incident_status_known"),
        ({"verification": "rumoured"}, "incident_verification_known"),
        ({"status": "closed"}, "incident_closed_at_when_ended"),
        ({"closed_at": datetime.fromisoformat("2025-01-01T00:00:00Z")}, "incident_closed_at_when_ended"),
        (
            {"status": "dismissed", "closed_at": datetime.fromisoformat("2025-01-01T00:00:00Z")},
            "incident_dismissed_with_reason",
        ),
        ({"dismissal_reason": "none"}, "incident_dismissed_with_reason"),
        ({"public_from": datetime.fromisoformat("2025-01-01T00:00:00Z")}, "incident_public_only_when_confirmed"),
        ({"footprint": BOW_TIE}, "incident_footprint_valid"),
        ({"location": Point(200, 95, srid=4326)}, "incident_location_in_range"),
        ({"location": Point(30.5, float("inf"), srid=4326)}, "incident_location_in_range"),
    ],
)
def test_an_incident_that_breaks_a_rule_is_refused_by_the_database(
    values: dict[str, Any], constraint: str, ngo: Organisation, now: datetime
) -> None:
    incident = make.incident(ngo, now=now)
    with pytest.raises(IntegrityError, match=constraint):
        Incident.objects.filter(pk=incident.pk).update(**values)


def test_a_point_of_no_number_is_refused_by_the_database(ngo: Organisation, now: datetime) -> None:
    make.incident(ngo, now=now)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="incident_location_in_range"):
        cursor.execute("UPDATE incidents_incident SET location = ST_SetSRID(ST_MakePoint('NaN'::float8, 50), 4326)")


def test_an_incident_is_not_its_own_wave(ngo: Organisation, now: datetime) -> None:
    incident = make.incident(ngo, now=now)
    with pytest.raises(IntegrityError, match="incident_not_its_own_wave"):
        Incident.objects.filter(pk=incident.pk).update(parent=incident)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [({"grade": 5}, "assessment_grade_known"), ({"method": "hearsay"}, "assessment_method_known")],
)
def test_an_assessment_that_breaks_a_rule_is_refused_by_the_database(
    values: dict[str, Any], constraint: str, ngo: Organisation, now: datetime
) -> None:
    make.assessment(make.building(make.incident(ngo, now=now), ngo, now=now), ngo, now=now)
    with pytest.raises(IntegrityError, match=constraint):
        DamageAssessment.objects.update(**values)
