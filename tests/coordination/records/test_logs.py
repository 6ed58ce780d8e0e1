"""Errors of the database quote whole rows; logs do not."""

from __future__ import annotations

import logging

import pytest
from django.db import IntegrityError, transaction

from tests.factories.access import organisation

HANDLER = next(handler for handler in logging.getLogger().handlers if handler.get_name() == "stderr")


def as_logged(record: logging.LogRecord) -> str:
    assert HANDLER.filter(record)
    return HANDLER.format(record)


@pytest.mark.parametrize("is_caused", [False, True], ids=["itself", "as the cause of another"])
def test_row_that_an_error_quotes_is_not_logged(is_caused: bool, db: None) -> None:
    of = organisation("Kanarka Petrenko, 0501234567")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        organisation(of.name)
    error: Exception = refused.value
    assert of.name in str(error)
    if is_caused:
        error = RuntimeError("something else")
        error.__cause__ = refused.value
    told = (type(error), error, error.__traceback__)
    logged = as_logged(logging.LogRecord("somebody", logging.ERROR, "", 0, "it failed", (), told))
    assert "organisation_name_unique" in logged
    assert of.name not in logged
    assert of.name not in as_logged(logging.LogRecord("somebody", logging.ERROR, "", 0, "%s", (error,), None))
