"""A city's worth of requests in a scratch database: filed by many organisations, some of which share theirs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from coordination.access.actors import Actor, Grant
from coordination.access.enums import ROLE_SCOPES, Role

# Settlements below hromadas below raions below one oblast.
AREAS = """
INSERT INTO areas_area (id, pcode, level, name_uk, name_en, parent_id)
SELECT md5('oblast')::uuid, 'UA01', 1, 'область', 'oblast', NULL;
INSERT INTO areas_area (id, pcode, level, name_uk, name_en, parent_id)
SELECT md5('raion' || n)::uuid, 'UA01' || n, 2, 'район', 'raion', md5('oblast')::uuid FROM generate_series(0, 19) AS n;
INSERT INTO areas_area (id, pcode, level, name_uk, name_en, parent_id)
SELECT md5('hromada' || n)::uuid, 'UA01' || n % 20 || 'H' || n, 3, 'громада', 'hromada', md5('raion' || n % 20)::uuid
FROM generate_series(0, 199) AS n;
INSERT INTO areas_area (id, pcode, level, name_uk, name_en, parent_id)
SELECT md5('settlement' || n)::uuid, 'UA01S' || n, 4, 'село', 'settlement', md5('hromada' || n % 200)::uuid
FROM generate_series(0, 1999) AS n;
"""

# By number: 0 a cell, 1 is shared a third, 2 sees almost nothing, 3 a cell that answers for areas, 4 is shared what is
# old. The last ten have filed nothing for long.
ORGANISATIONS = """
INSERT INTO access_organisation (id, name, type, is_vetted, is_trusted, is_cell, is_exercise, is_active)
SELECT md5('organisation' || n)::uuid, 'Organisation ' || n, 'national_ngo', true, false, n = 0, false, true
FROM generate_series(0, %(organisations)s - 1) AS n;
"""

# Numbers that wander look random and are the same each time.
REQUESTS = """
CREATE TEMPORARY TABLE filed AS
SELECT
    n,
    CASE
        WHEN n < 3 THEN 2
        WHEN n < %(requests)s / 50 THEN %(organisations)s - 1 - n %% 10
        ELSE 5 + (hashint4(n) & 1048575) %% (%(organisations)s - 15)
    END AS organisation,
    CASE WHEN n %% 50 = 0 THEN NULL ELSE (hashint4(n + 7) & 1048575) %% 2000 END AS settlement
FROM generate_series(0, %(requests)s - 1) AS n;
INSERT INTO access_caseload (id, organisation_id, area_id)
SELECT md5('caseload' || organisation || ' ' || settlement)::uuid, md5('organisation' || organisation)::uuid,
    md5('settlement' || settlement)::uuid
FROM (SELECT DISTINCT organisation, settlement FROM filed WHERE settlement IS NOT NULL) AS known;
INSERT INTO aid_aidrequest (
    id, ref, reported_by_id, channel, location, public_cell, area_id, caseload_id, people, members, age_bands,
    vulnerabilities, vulnerable_people, urgency, consent, status, status_reason, review_at, follow_up, is_exercise,
    client_ref, created_at
)
SELECT
    md5('request' || n)::uuid, 'R' || n, md5('organisation' || organisation)::uuid, 'hotline',
    ST_SetSRID(ST_MakePoint(30.2 + n %% 1009 * 0.0007, 50.2 + n %% 997 * 0.0004), 4326), '861e2894fffffff',
    md5('settlement' || settlement)::uuid, md5('caseload' || organisation || ' ' || settlement)::uuid,
    1 + n %% 5, '[{"age": 71, "sex": "f"}]', '{}', ARRAY['elderly_alone'], 1, 1 + n %% 4, 'given', 'verified', '',
    now(), 'none', false, '', now() - (%(requests)s - n) * interval '20 seconds'
FROM filed;
INSERT INTO aid_item (id, code, name_uk, name_en, sector, unit, is_divisible, default_radius_m, hxl, is_active)
VALUES (md5('item')::uuid, 'drinking_water', 'вода', 'water', 'WSH', 'litre', true, 20000, '', true);
INSERT INTO aid_requestline (id, aid_request_id, item_id, quantity, conditions, reserved, dispatched, delivered)
SELECT md5('line' || n)::uuid, md5('request' || n)::uuid, md5('item')::uuid, 45, '{}', 0, 0, 0 FROM filed;
"""

# A third of the others share exact places with 1, one of them a village with 2, and those that filed long ago with 4.
AGREEMENTS = """
INSERT INTO access_sharingagreement (id, giver_id, receiver_id, classes, purpose, until)
SELECT md5('agreement' || n)::uuid, md5('organisation' || n)::uuid, md5('organisation1')::uuid, ARRAY['exact_place'],
    'distribution', now() + interval '1 day'
FROM generate_series(5, %(organisations)s - 11) AS n WHERE n %% 3 = 0;
INSERT INTO access_sharingagreement (id, giver_id, receiver_id, classes, purpose, until)
SELECT md5('old agreement' || n)::uuid, md5('organisation' || n)::uuid, md5('organisation4')::uuid,
    ARRAY['exact_place'], 'distribution', now() + interval '1 day'
FROM generate_series(%(organisations)s - 10, %(organisations)s - 1) AS n;
INSERT INTO access_sharingagreement (id, giver_id, receiver_id, classes, purpose, until)
VALUES (md5('village')::uuid, md5('organisation5')::uuid, md5('organisation2')::uuid, ARRAY['exact_place'],
    'distribution', now() + interval '1 day');
INSERT INTO access_sharingagreement_areas (sharingagreement_id, area_id)
SELECT md5('village')::uuid, area_id FROM access_caseload WHERE organisation_id = md5('organisation5')::uuid LIMIT 1;
INSERT INTO access_organisation_areas (organisation_id, area_id)
SELECT md5('organisation3')::uuid, md5('raion' || n)::uuid FROM generate_series(0, 6) AS n;
UPDATE access_organisation SET is_cell = true WHERE id = md5('organisation3')::uuid;
ANALYZE;
"""


@dataclass(frozen=True)
class World:
    """How much there is."""

    requests: int
    organisations: int


@contextmanager
def loaded(world: World) -> Iterator[None]:
    """Keep a scratch database of its own full of the world for the length of a block, then drop it."""
    connection.settings_dict["TEST"]["NAME"] = "bench_guard"
    own = connection.settings_dict["NAME"]
    # Standard output is for the figures alone.
    with redirect_stdout(sys.stderr):
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with connection.cursor() as cursor:
            # Neither history nor checks: the world is right, and only read.
            cursor.execute("SET session_replication_role = replica")
            for step in (AREAS.replace("%", "%%"), ORGANISATIONS, REQUESTS, AGREEMENTS):
                cursor.execute(step, vars(world))
            cursor.execute("SET session_replication_role = DEFAULT")
            # A worker's time would be nobody's: each statement is to be answered by the one process that is measured.
            cursor.execute("SET max_parallel_workers_per_gather = 0")
        yield
    finally:
        connection.creation.destroy_test_db(own, verbosity=0)


def member_of(number: int) -> Actor:
    """Make the actor for a coordinator of an organisation, as one HTTP request makes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, is_cell FROM access_organisation WHERE name = %s", [f"Organisation {number}"])
        ((owner, is_cell),) = cursor.fetchall()
    grants: dict[UUID, Grant] = {owner: Grant(scopes=ROLE_SCOPES[Role.COORDINATOR], is_cell=is_cell)}
    return Actor(grants=grants, acts_for_id=owner)
