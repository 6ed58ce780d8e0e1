"""What may stand in a log: no contents of rows, which the database quotes in its errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TypeVar

import psycopg
from django.db import Error

E = TypeVar("E", bound=BaseException)


class WithoutContents(logging.Filter):
    """Takes the contents of rows out of every error that is logged, whoever logs it."""

    def filter(self, record: logging.LogRecord) -> bool:
        logged = [record.exc_info[1] if record.exc_info else None]
        logged += [value for value in record.args or () if isinstance(value, BaseException)]
        for error in logged:
            if error is not None:
                bare(error)
        return True


def bare(error: E) -> E:
    """Leave of the database's errors, and of those that they caused, the first line: the rule, not the row."""
    for each in _chain(error):
        if isinstance(each, (Error, psycopg.Error)) and each.args:
            each.args = (str(each.args[0]).partition("\n")[0],)
    return error


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__]
