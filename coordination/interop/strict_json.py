"""JSON as doors accept it: stricter than the standard library, which lets NaN, doubled keys and bombs pass."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

from django.utils.translation import gettext as _

MAX_DEPTH = 64
MAX_INTEGER = 2**63 - 1
# Integers of more digits than this are not even turned into numbers: that takes quadratic time.
MAX_INTEGER_LENGTH = 20


class JSONError(ValueError):
    """Say why a text is not accepted as JSON: `code` for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def strict_json(content: bytes) -> Any:
    """Read one JSON value into plain Python values.

    Raises JSONError: for what is not JSON in UTF-8, and for what is but harms whoever reads on: doubled keys, numbers
    beyond 64 bits, NUL, halves of surrogate pairs, more than 64 levels.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise JSONError("json_encoding", _("The text is not in UTF-8.")) from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        message = _("This is not JSON: line %(line)d, column %(column)d.")
        raise JSONError("json_malformed", message % {"line": error.lineno, "column": error.colno}) from None
    except RecursionError:
        raise _too_deep() from None
    _check(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JSONError("json_doubled_key", _("An object has the same key twice."))
    return members


def _integer(digits: str) -> int:
    if len(digits) <= MAX_INTEGER_LENGTH and -MAX_INTEGER <= (number := int(digits)) <= MAX_INTEGER:
        return number
    raise _number_too_large()


def _float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise _number_too_large()
    return number


def _constant(name: str) -> NoReturn:
    raise JSONError("json_not_finite", _("%(name)s is not a JSON number.") % {"name": name})


def _check(value: Any) -> None:
    """Look through all levels, breadth first: what is walked by recursion could be made to exhaust the stack."""
    level, depth = [[value]], -1
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        below: list[Any] = []
        for container in level:
            for item in container:
                if isinstance(item, str):
                    _check_text(item)
                elif isinstance(item, list):
                    below.append(item)
                elif isinstance(item, dict):
                    below += (item, item.values())
        level = below


def _check_text(text: str) -> None:
    if "\0" in text:
        raise JSONError("json_nul", _("A text contains the character NUL."))
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise JSONError("json_surrogate", _("A text contains half of a surrogate pair.")) from None


def _number_too_large() -> JSONError:
    return JSONError("json_number_too_large", _("A number is too large."))


def _too_deep() -> JSONError:
    message = _("Lists and objects are nested too deeply; at most %(limit)d levels are accepted.")
    return JSONError("json_too_deep", message % {"limit": MAX_DEPTH})
