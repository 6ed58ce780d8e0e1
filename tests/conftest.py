"""What every test may ask for: a moment, the parties, and a real worker beside the test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.celery import app
from coordination.records.clock import database_now
from tests.factories.access import cell as make_cell
from tests.factories.access import member, organisation

T = TypeVar("T")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Give the role of the web process what it needs in the database of the tests."""
    with django_db_blocker.unblock():
        call_command("grant_roles")


@contextmanager
def web_role() -> Iterator[None]:
    """Talk to the database as the web process does; tests are otherwise its superuser, whom no wall holds.

    The change is none of the statements that tests count.
    """
    connection.ensure_connection()
    connection.connection.execute(f"SET ROLE {settings.DATABASE_ROLE}")
    try:
        yield
    finally:
        # A live server has closed the connection by the end of its call.
        if connection.connection:
            connection.connection.execute("RESET ROLE")


@pytest.fixture
def now(db: None) -> datetime:
    """Give the database's time."""
    return database_now()


@pytest.fixture
def ngo(db: None) -> Organisation:
    """Give an organisation that reports needs."""
    return organisation("Warm Hands")


@pytest.fixture
def provider(db: None) -> Organisation:
    """Give an organisation that has what is needed."""
    return organisation("Left Bank Kitchen")


@pytest.fixture
def cell(db: None) -> Organisation:
    """Give the coordination cell."""
    return make_cell()


@pytest.fixture
def ngo_actor(ngo: Organisation) -> Actor:
    """Give a coordinator of the reporting organisation."""
    return member(ngo)


@pytest.fixture
def provider_actor(provider: Organisation) -> Actor:
    """Give a coordinator of the providing organisation."""
    return member(provider)


@pytest.fixture
def cell_actor(cell: Organisation) -> Actor:
    """Give a coordinator of the coordination cell."""
    return member(cell)


@pytest.fixture
def shared_data() -> Path:
    """Give the folder of real public data; the test is skipped, visibly, where it is absent."""
    if not settings.SHARED_DATA.is_dir():
        pytest.skip("the shared data folder is absent")
    return Path(settings.SHARED_DATA)


def eventually(ask: Callable[[], T], *, within_s: float = 60.0) -> T:
    """Ask again until the answer is truthy; what other processes do has no other bell to hear.

    Raises AssertionError: when time is up.
    """
    deadline = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < deadline, "nothing happened in time"
        time.sleep(0.05)
    return answer


class Processes:
    """The worker and the relay as real processes on the test's own database and a queue of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        parameters = connection.settings_dict
        host = parameters["HOST"]
        self._environment = {
            **os.environ,
            "DATABASE_URL": f"postgis://{settings.DATABASE_ROLE}@/{host}/{parameters['NAME']}",
            "DJANGO_SETTINGS_MODULE": "coordination.settings.test",
        }

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start one Celery worker with one process."""
        level = environment.get("LOG_LEVEL", "WARNING")
        worker = ("-m", "celery", "-A", "coordination", "worker", "-c", "1", "-l", level)
        return self._start("worker", *worker, **environment)

    def start_web(self, port: int, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start the server as a deployment does, with one process that serves; granian's last `options` hold."""
        serve = ("--interface", "wsgi", "--no-ws", "--workers", "1", "--blocking-threads", "2")
        address = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning")
        return self._start(
            "web", "-m", "granian", *serve, *address, *options, "coordination.wsgi:application", **environment
        )

    def start_relay(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start a relay."""
        return self._start("relay", "manage.py", "run_relay", **environment)

    def log_of(self, name: str) -> str:
        """Read what the processes of this name have logged."""
        return (self._folder / f"{name}.log").read_text()

    def everything_logged(self) -> str:
        """Read what all processes have logged."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def start_scheduler(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start the scheduler, its state in the test's own folder."""
        state = str(self._folder / "beat")
        beat = ("-m", "celery", "-A", "coordination", "beat", "-l", "WARNING", "-s", state)
        return self._start("scheduler", *beat, **environment)

    def stop(self) -> None:
        """End what was started here."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def _start(self, name: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own worker
                [sys.executable, *arguments],
                env={**self._environment, **environment},
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[Processes]:
    """Give real processes beside the test; the queue is emptied first and all are ended afterwards."""
    app.control.purge()
    started = Processes(tmp_path)
    yield started
    started.stop()
