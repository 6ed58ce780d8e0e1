"""A backup from before an erasure is restored, and who was erased stays erased."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from aid.actions.erase_person import erase_person
from aid.actions.file_aid_request import NewContact
from coordination.access.actors import SYSTEM
from coordination.access.models import Organisation
from coordination.records.clock import database_now
from tests.factories import aid

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("pg_dump"), reason="the programs of PostgreSQL are absent"),
]


@pytest.fixture
def other_database() -> Iterator[str]:
    """Give the name of a database that does not exist, and drop it afterwards."""
    name = f"{connection.settings_dict['NAME']}_restored"
    _run("dropdb", "--if-exists", name)
    yield name
    _run("dropdb", "--if-exists", name)


def _server() -> list[str]:
    parameters = connection.settings_dict
    address = ["--host", parameters["HOST"], "--username", parameters["USER"] or "postgres"]
    return [*address, "--port", str(parameters["PORT"])] if parameters["PORT"] else address


def _run(program: str, *arguments: str) -> None:
    environment = {**os.environ, "PGPASSWORD": connection.settings_dict["PASSWORD"] or ""}
    subprocess.run([program, *_server(), *arguments], env=environment, check=True, capture_output=True)


def test_an_erasure_outlives_a_backup(ngo: Organisation, other_database: str, tmp_path: Path) -> None:
    now = database_now()
    erased = aid.aid_request(ngo, now=now, contact=NewContact(name="Оксана", phone="+380441234567"))
    stays = aid.aid_request(ngo, now=now, contact=NewContact(name="Тарас"))
    backup, tombstones = tmp_path / "backup", tmp_path / "tombstones.jsonl"
    _run("pg_dump", "--format=custom", f"--file={backup}", connection.settings_dict["NAME"])
    erase_person(aid_request=erased, reason="She asked us to", actor=SYSTEM, now=now)
    call_command("export_tombstones", str(tombstones))

    _run("createdb", other_database)
    _run("pg_restore", f"--dbname={other_database}", str(backup))
    parameters = connection.settings_dict
    address = {"host": parameters["HOST"], "user": parameters["USER"] or "postgres", "dbname": other_database}
    with psycopg.connect(**address, password=parameters["PASSWORD"], port=parameters["PORT"] or None) as restored:
        held = "SELECT aid_request_id FROM aid_contact ORDER BY aid_request_id"
        assert restored.execute(held).fetchall() == sorted([(erased.pk,), (stays.pk,)])
        restored.commit()
        environment = {**os.environ, "DATABASE_URL": f"postgis://{address['user']}@/{address['host']}/{other_database}"}
        replay = [sys.executable, "manage.py", "replay_erasures", str(tombstones)]
        subprocess.run(replay, env=environment, cwd=settings.BASE_DIR, check=True, capture_output=True)
        assert restored.execute(held).fetchall() == [(stays.pk,)]
        kept = "SELECT count(*) FROM aid_aidrequestevent WHERE pgh_obj_id = %s AND location <> %s"
        place = restored.execute("SELECT location FROM aid_aidrequest WHERE id = %s", [erased.pk]).fetchone()
        assert place is not None
        assert restored.execute(kept, [erased.pk, place[0]]).fetchone() == (0,)
