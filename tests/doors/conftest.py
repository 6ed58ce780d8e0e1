"""Behind every door tested here the database is spoken to by the role of the web process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.signals import request_finished, request_started

from tests.conftest import web_role


@pytest.fixture(autouse=True)
def doors_have_the_web_role() -> Iterator[None]:
    """Take on the role while a call is answered, so that a grant that is missing is noticed."""
    calls = ExitStack()

    def begin(**_signal: Any) -> None:
        calls.enter_context(web_role())

    def end(**_signal: Any) -> None:
        calls.close()

    request_started.connect(begin)
    request_finished.connect(end)
    yield
    request_started.disconnect(begin)
    request_finished.disconnect(end)
