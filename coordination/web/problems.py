"""Errors as problem details, in the caller's language; nothing internal and no row's content ever shows.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request

from coordination.access.actors import Actor
from coordination.records.errors import DomainError, InvalidFields, NotAllowed, TooOften, type_of_text
from coordination.records.logs import bare

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

TITLES: Mapping[int, type_of_text] = {
    400: _("The request is not valid"),
    401: _("Sign in first"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("Not available in this format"),
    409: _("Not possible now"),
    412: _("Changed in the meantime"),
    413: _("Too large"),
    415: _("Unknown media type"),
    422: _("Not the same request"),
    428: _("A precondition is missing"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
    503: _("Not available now"),
}
DETAILS: Mapping[str, type_of_text] = {
    "token_refused": _("The token is unknown, has expired or was withdrawn."),
    "authentication_required": _("This needs a bearer token or a session."),
    "csrf_refused": _("The CSRF token is missing or wrong. Systems send a bearer token instead."),
    "not_allowed": _("Your role does not allow this."),
    "not_found": _("There is nothing here that you may see."),
    "method_not_allowed": _("This address does not know the method."),
    "not_acceptable": _("None of the formats that you accept is offered here."),
    "unsupported_media_type": _("Send the body as application/json in UTF-8."),
    "invalid": _("Some values were refused; see the errors."),
    "too_large": _("The body is larger than this service accepts at once."),
    "malformed": _("The body could not be read."),
    "throttled": _("Wait a little and try again."),
    "internal": _("It was noted; nothing was saved. Try again later."),
    "unavailable": _("The database does not answer. Nothing was saved; try again shortly."),
}


@dataclass(frozen=True)
class FieldError:
    """One refused value: a JSON pointer into the body (`#/lines/0/item`) or a query parameter (`?bbox`), and why."""

    pointer: str
    code: str
    message: type_of_text


def problem(
    http_request: HttpRequest,
    *,
    status: int,
    code: str,
    detail: type_of_text | None = None,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Make the answer that says what went wrong."""
    body = problem_body(http_request, status=status, code=code, detail=detail, errors=errors)
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type=MEDIA_TYPE,
        headers={"Content-Language": get_language() or "en", "Cache-Control": "no-store", **(headers or {})},
    )


def problem_body(
    http_request: HttpRequest,
    *,
    status: int,
    code: str,
    detail: type_of_text | None = None,
    errors: Sequence[FieldError] = (),
) -> dict[str, Any]:
    """Describe what went wrong, in the caller's language."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(TITLES.get(status, TITLES[400 if status < 500 else 500])),
        "status": status,
        "detail": str(detail or DETAILS.get(code, "")),
        "instance": http_request.path,
        "code": code,
    }
    if errors:
        body["errors"] = [
            {"pointer": error.pointer, "code": error.code, "message": str(error.message)} for error in errors
        ]
    return body


class Refusal(Exception):
    """Stop a door with a problem: what the transport forbids, before or around an action."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: type_of_text | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = tuple(errors), dict(headers or {})
        super().__init__(code)


def invalid(pointer: str, code: str, message: type_of_text) -> Refusal:
    """Make the refusal of a single value."""
    return Refusal(400, "invalid", errors=[FieldError(pointer, code, message)])


def problem_response(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Translate what a REST view raised; what nobody foresaw is logged by its type and told as nothing but 500."""
    request: Request = context["request"]
    http_request = request._request
    refusal = refusal_for(error, is_known=is_known(http_request.actor))  # type: ignore[attr-defined] # by ActorMiddleware
    if refusal is None:
        logger.exception("unforeseen error at %s %s", http_request.method, http_request.path, exc_info=bare(error))
        refusal = Refusal(500, "internal")
    return problem(
        http_request,
        status=refusal.status,
        code=refusal.code,
        detail=refusal.detail,
        errors=refusal.errors,
        headers=refusal.headers,
    )


def refusal_for(error: Exception, *, is_known: bool) -> Refusal | None:
    """Translate an error into what the caller is told, or into nothing where it was not foreseen.

    `is_known` tells whether the caller is somebody: the public is asked to sign in where others are refused.
    """
    match error:
        case Refusal():
            return error
        case NotAllowed():
            return Refusal(403, error.code, error.message) if is_known else _unknown_caller()
        case TooOften():
            return Refusal(429, error.code, error.message)
        case DomainError():
            return domain_refusal(error)
        case Http404():
            return Refusal(404, "not_found")
        case PermissionDenied():
            return Refusal(403, "not_allowed") if is_known else _unknown_caller()
        case exceptions.APIException():
            return _transport_refusal(error)
        case OperationalError() | InterfaceError():
            return Refusal(503, "unavailable", headers={"Retry-After": str(RETRY_AFTER_S)})
    return None


def _transport_refusal(error: exceptions.APIException) -> Refusal:
    match error:
        case exceptions.ValidationError():
            return Refusal(400, "invalid", errors=list(_field_errors(error.get_full_details(), "#")))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return _unknown_caller()
        case exceptions.ParseError():
            return Refusal(400, "malformed")
    return Refusal(error.status_code, str(error.default_code))


def domain_refusal(error: DomainError) -> Refusal:
    """Translate what an action refused for everybody: wrong values are 400, all else stands in the way now, 409."""
    errors = [FieldError(_pointer(item.field), item.code, item.message) for item in error.problems]
    if error.field and not errors:
        errors = [FieldError(_pointer(error.field), error.code, error.message)]
    status = 400 if isinstance(error, InvalidFields) else 409
    return Refusal(status, error.code, error.message, errors=errors)


def _unknown_caller() -> Refusal:
    return Refusal(401, "authentication_required", headers={"WWW-Authenticate": "Bearer"})


def _pointer(path: str) -> str:
    return "#/" + path.replace(".", "/")


def _field_errors(details: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(details, list):
        # A list holds messages about one value, or one entry for each member of a list.
        for position, entry in enumerate(details):
            yield from _field_errors(entry, pointer if _is_message(entry) else f"{pointer}/{position}")
    elif _is_message(details):
        yield FieldError(pointer, details["code"], details["message"])
    else:
        for name, entry in details.items():
            yield from _field_errors(entry, pointer if name == "non_field_errors" else f"{pointer}/{name}")


def _is_message(entry: Any) -> bool:
    return isinstance(entry, dict) and set(entry) == {"message", "code"} and isinstance(entry["message"], str)


def is_known(actor: Actor) -> bool:
    """Tell whether the caller is a person or a system, not the public."""
    return bool(actor.user_id or actor.client_id)
