"""What people told us in confidence is put in through every door, and looked for wherever else it might have gone."""

from __future__ import annotations

import json
import re
import socket
import threading
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from redis import Redis
from redis.exceptions import RedisError

from aid.models import AidRequest, Contact, Match
from coordination.access.actors import Actor
from coordination.access.enums import Scope
from coordination.access.keys import issue_key
from coordination.access.models import Organisation, User
from coordination.celery import app
from coordination.outbox.models import Event
from coordination.records.clock import database_now
from tests.conftest import Processes, eventually
from tests.factories import aid
from tests.factories.access import member
from tests.importing import mapped, run_import, table

# No other test says any of this.
NAME = "Меланія Канарченко"
PHONE = "+380671230987"
ADDRESS = "вул. Канаркова, 17, кв. 41"
NOTES = "code of the door is 7391#"
LON, LAT = 30.634117, 50.398223
SECRETS = (NAME, "Канарченко", PHONE, "671230987", "067 123 09 87", ADDRESS, "Канаркова", "7391#")
PLACES = ("30.634117", "50.398223")
# As they stand in JSON and in addresses that were not written for people.
WRITTEN_OTHERWISE = tuple(json.dumps(secret).strip('"') for secret in SECRETS) + tuple(
    urlencode({"": secret})[1:] for secret in SECRETS
)
CONTACT = {"name": NAME, "phone": PHONE, "address": ADDRESS, "notes": NOTES}
# Where an exact place may stand: its own columns, their history, and for 48 hours the answer that its sender was given.
PLACE_COLUMNS = {
    "aid_aidrequest.location",
    "aid_aidrequestevent.location",
    "web_idempotencyrecord.body",
}


def found_in(text: str, words: tuple[str, ...] = (*SECRETS, *WRITTEN_OTHERWISE, *PLACES)) -> set[str]:
    """Name what a text tells of it."""
    return {word for word in words if word in text}


@dataclass
class Site:
    """A running web server, as browsers and systems call it."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, path: str, body: bytes | None, **headers: str) -> tuple[int, str]:
        """Send a body, or ask without one, and give status and answer."""
        named = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
        call = urllib.request.Request(self.address + path, body, named)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(call, timeout=30) as answer:  # noqa: S310 - our own server
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, str]:
        """Send JSON; bytes are sent as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(path, content, Content_Type="application/json", **headers)


@pytest.fixture
def site(processes: Processes) -> Site:
    """Give a running web server that logs all it can."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes.start_web(port, "--access-log", "--log-level", "info", LOG_LEVEL="DEBUG")
    running = Site(f"http://127.0.0.1:{port}")

    def is_ready() -> bool:
        with suppress(OSError):
            return running.send("/readyz", None)[0] == 200
        return False

    eventually(is_ready)
    return running


def unpacked(command: str) -> str:
    """Give a command with what it carries in base64, as tasks carry their arguments, written out behind it."""
    packed = re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", command)
    return " ".join([command, *(b64decode(part + "==").decode(errors="replace") for part in packed)])


@pytest.fixture
def broker_traffic() -> Iterator[list[str]]:
    """Write down everything that anybody says to the broker."""
    address = str(app.conf.broker_url).replace("redis+socket:", "unix:").partition("?")[0]
    broker, heard = Redis.from_url(address, socket_timeout=None), list[str]()
    monitor = broker.monitor()
    monitor.__enter__()

    def listen() -> None:
        # It ends with its connection.
        with suppress(OSError, RedisError, ValueError):
            for command in monitor.listen():
                heard.append(unpacked(command["command"]))

    threading.Thread(target=listen, daemon=True).start()
    yield heard
    monitor.connection.disconnect()
    broker.close()


def new_request(**fields: Any) -> dict[str, Any]:
    """Give a request in confidence, as REST takes it."""
    body: dict[str, Any] = {
        "location": {"type": "Point", "coordinates": [LON, LAT]},
        "people": 3,
        "urgency": 1,
        "lines": [{"item": "drinking_water", "quantity": 45}],
        "contact": CONTACT,
    }
    return {**body, **fields}


def through_rest(site: Site) -> None:
    """File, change, read and find; then everything that is refused, badly formed, or breaks."""
    status, answer = site.post("/api/v1/aid-requests", new_request(), Idempotency_Key="canary")
    assert status == 201, answer
    address = f"/api/v1/aid-requests/{json.loads(answer)['id']}"
    assert site.post(f"{address}/read-contact", {"purpose": "to call"})[0] == 200
    assert site.post("/api/v1/aid-requests/find-by-phone", {"phone": PHONE, "purpose": "she calls"})[0] == 200
    refused = [
        new_request(contact={**CONTACT, "phone": PHONE * 9}),
        new_request(contact={**CONTACT, NAME: ADDRESS}),
        new_request(contact=NAME),
        new_request(contact=[CONTACT]),
        new_request(people=NAME),
        new_request(urgency=PHONE),
        new_request(members=[{"name": NAME}]),
        new_request(incident=NAME),
        new_request(location={"type": "Point", "coordinates": [LAT, LON]}),
        new_request(location={"type": "Point", "coordinates": [LON, LAT], "crs": ADDRESS}),
        new_request(lines=[{"item": ADDRESS, "quantity": 45}]),
        json.dumps(new_request(), ensure_ascii=False).encode()[:-9],
        json.dumps(new_request(), ensure_ascii=False).encode("utf-16"),
        f'{{"contact": 1, "contact": "{NAME}"}}'.encode(),
    ]
    for body in refused:
        status, answer = site.post("/api/v1/aid-requests", body)
        assert 400 <= status < 500, answer
    assert site.post(f"{address}/cancel", {"reason": NAME * 99})[0] == 400


def through_graphql(site: Site) -> None:
    """File as GraphQL takes it, and send what it cannot read."""
    mutation = "mutation ($input: FileAidRequestInput!) { fileAidRequest(input: $input) { __typename } }"
    good = new_request(urgency="LIFE_THREATENING")
    status, answer = site.post("/graphql/", {"query": mutation, "variables": {"input": good}})
    assert (status, "AidRequest" in answer) == (200, True), answer
    literal = json.dumps(NAME, ensure_ascii=False)
    refused = [
        {"query": mutation, "variables": {"input": {**good, "contact": NAME}}},
        {"query": mutation, "variables": {"input": {**good, "people": PHONE}}},
        {"query": mutation, "variables": {"input": {**good, "contact": {**CONTACT, NAME: 1}}}},
        {
            "query": mutation,
            "variables": {"input": {**good, "location": {"type": "Point", "coordinates": [LON, NAME]}}},
        },
        {"query": f"mutation {{ fileAidRequest(input: {{contact: {{name: {literal}}}}}) {{ __typename }} }}"},
        {"query": f"{{ {literal} }}"},
        {"query": f"query {{ aidRequest(ref: {literal}) {{ ref }} }}"},
    ]
    for body in refused:
        site.post("/graphql/", body)


def through_the_admin(site: Site, actor: Actor, of: Organisation) -> None:
    """File by the form, once rightly and once not."""
    browser = Client()
    browser.force_login(User.objects.get(pk=actor.user_id))
    session = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    page = "/admin/aid/aidrequest/add/"
    status, answer = site.send(page, None, Cookie=session)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer)
    assert (status, bool(token)) == (200, True)
    form = {
        "csrfmiddlewaretoken": token[1] if token else "",
        "reported_by": str(of.pk),
        "urgency": "2",
        "channel": "hotline",
        "consent": "given",
        "people": "3",
        "vulnerable_people": "0",
        "lat": str(LAT),
        "lon": str(LON),
        **{f"contact_{name}": value for name, value in CONTACT.items()},
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-item": str(aid.item().pk),
        "lines-0-quantity": "45",
    }
    cookies = f"{session}; {settings.CSRF_COOKIE_NAME}={token[1] if token else ''}"
    for wrong in ({"people": NAME}, {"lat": PHONE}, {"contact_phone": PHONE * 9}, {}):
        before = AidRequest.objects.count()
        status, _answer = site.send(page, urlencode({**form, **wrong}).encode(), Cookie=cookies)
        assert AidRequest.objects.count() == before + (not wrong)


def through_an_import(folder: Path) -> str:
    """Import a sheet whose columns were mixed up, and give all that is said of it."""
    row = {"key": "S-1", "title": "School", "street": "here", "x": NAME, "y": str(LAT), "beds": PHONE}
    columns = ("client_ref=key", "name=title", "address=street", "lon=x", "lat=y", "total_places=beds")
    options = [*mapped(*columns, "kind:=collective_centre"), "--organisation", "Warm Hands"]
    sheet = table(folder / "sheet.csv", [row])
    run_import("import_shelters", sheet, *options)
    return sheet.with_suffix(".report.json").read_text()


def through_errors_of_the_database() -> None:
    """Make the database refuse rows and statements that hold it."""
    statements = [
        ("UPDATE aid_aidrequest SET people = 0, status_reason = %s", [NAME]),
        ("UPDATE aid_contact SET name = %s WHERE 1 / (position('a' in notes) - position('a' in notes)) = 1", [NAME]),
        (f"SELECT '{PHONE}'::uuid", None),
        (f"SELECT nothing FROM aid_contact WHERE address = '{ADDRESS}'", None),  # noqa: S608 - it must fail
    ]
    for statement, values in statements:
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement, values)


def columns_that_hold(words: tuple[str, ...]) -> set[str]:
    """Name every column of the database, history and all, whose text holds one of the words."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        pairs = " UNION ALL ".join(
            f"SELECT '{table}.' || pair.key, pair.value"  # noqa: S608 - our own tables
            f" FROM {table} AS line, jsonb_each_text(to_jsonb(line)) AS pair (key, value)"
            for table in tables
        )
        cursor.execute(pairs)
        return {column for column, value in cursor.fetchall() if value and found_in(value, words)}


def test_what_was_told_in_confidence_is_nowhere_else(
    site: Site,
    processes: Processes,
    broker_traffic: list[str],
    ngo: Organisation,
    provider: Organisation,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    processes.start_worker(LOG_LEVEL="DEBUG")
    processes.start_relay(LOG_LEVEL="DEBUG")
    actor = member(ngo)
    ngo.is_trusted = True
    ngo.save()
    aid.item()
    aid.resource(provider, now=database_now(), total=1_000)
    server_log = _log_of_the_server()
    logged_before = server_log.stat().st_size if server_log else 0
    token = issue_key(user=User.objects.get(pk=actor.user_id), scopes=Scope.values)
    caller = Site(site.address, {"Authorization": f"Bearer {token}"})

    through_rest(caller)
    through_graphql(caller)
    through_the_admin(site, actor, ngo)
    report = through_an_import(tmp_path)
    through_errors_of_the_database()
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE INSERT ON aid_contact FROM {settings.DATABASE_ROLE}")
    try:
        assert caller.post("/api/v1/aid-requests", new_request())[0] == 500
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT INSERT ON aid_contact TO {settings.DATABASE_ROLE}")
    eventually(lambda: Match.objects.exists())
    eventually(lambda: not Event.objects.filter(relayed_at=None).exists())

    assert Contact.objects.filter(aid_request__in=AidRequest.objects.with_phone(PHONE)).count() == 3
    said = {
        "the processes": processes.everything_logged(),
        "the tests": caplog.text + "".join(capfd.readouterr()),
        "the broker": "\n".join(broker_traffic),
        "the import": report,
        "the server of the database": server_log.read_bytes()[logged_before:].decode() if server_log else "",
    }
    assert "/api/v1/aid-requests" in said["the processes"]
    assert "match_aid_request" in said["the broker"]
    assert {place: found_in(text) for place, text in said.items()} == {place: set() for place in said}
    assert columns_that_hold((*SECRETS, *WRITTEN_OTHERWISE)) == set()
    assert columns_that_hold(PLACES) == PLACE_COLUMNS


def test_the_search_finds_what_it_looks_for() -> None:
    for secret in SECRETS:
        assert found_in(f"Key (name)=({secret}) exists")
        assert found_in(json.dumps({"detail": secret}))
        assert found_in("/search?" + urlencode({"q": secret}))
        assert found_in(unpacked(b64encode(json.dumps([[secret], {}]).encode()).decode()))


def _log_of_the_server() -> Path | None:
    """Give the log of the private database server; a server of somebody else's keeps its own."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        path = Path(cursor.fetchone()[0]).parent / "log"
    return path if path.is_file() else None
