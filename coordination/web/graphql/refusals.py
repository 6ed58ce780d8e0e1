"""How refusals are told: domain problems as data beside the object, all others as errors with a code and a field."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import strawberry
from django.utils.translation import gettext as _
from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.utils.str_converters import to_camel_case

from coordination.records.actors import Actor
from coordination.records.errors import DomainError, FieldProblem, InvalidFields, NotAllowed, type_of_text
from coordination.records.logs import bare
from coordination.web.problems import DETAILS, Refusal, refusal_for

logger = logging.getLogger(__name__)


class Refused(GraphQLError):
    """A request or an argument that is refused: a code for programs, a sentence for people and the argument's name."""

    def __init__(self, code: str, message: type_of_text, field: str | None = None) -> None:
        super().__init__(str(message), extensions={"code": code, **({"field": field} if field else {})})


@strawberry.type(name="FieldProblem", description="One value that was refused.")
class FieldProblemType:
    """See its GraphQL description."""

    field: str = strawberry.field(description="The path in the input, such as `lines.0.quantity`.")
    code: str
    message: str


@strawberry.type(description="Why nothing was changed: a code for programs, a sentence for people in their language.")
class DomainProblem:
    """See its GraphQL description."""

    code: str
    message: str
    field: str | None = strawberry.field(description="The first value that was refused, by its path in the input.")
    problems: list[FieldProblemType] = strawberry.field(description="Every value that was refused.")


def domain_problem(error: DomainError, actor: Actor) -> DomainProblem:
    """Tell why an action refused; who is nobody is asked to sign in where others are not allowed."""
    is_known = bool(actor.user_id or actor.organisation_ids)
    if isinstance(error, NotAllowed) and not is_known:
        code = "authentication_required"
        return DomainProblem(code=code, message=str(DETAILS[code]), field=None, problems=[])
    problems = [
        FieldProblemType(field=camel_path(problem.field), code=problem.code, message=str(problem.message))
        for problem in error.problems
    ]
    field = problems[0].field if problems else camel_path(error.field) if error.field else None
    return DomainProblem(code=error.code, message=str(error), field=field, problems=problems)


def kept_problem(body: dict[str, Any]) -> DomainProblem:
    """Tell again why an action refused, from the problem that was kept for its key."""
    problems = [
        FieldProblemType(field=camel_path(_path(entry["pointer"])), code=entry["code"], message=entry["message"])
        for entry in body.get("errors", ())
    ]
    field = problems[0].field if problems else None
    return DomainProblem(code=body["code"], message=body["detail"], field=field, problems=problems)


def invalid_fields(problems: Iterable[FieldProblem]) -> InvalidFields:
    """Make the refusal of several values; its code is that of the only one, where there is but one."""
    refused = tuple(problems)
    if len(refused) > 1:
        return InvalidFields(problems=refused)
    (only,) = refused
    error = InvalidFields(only.message, problems=refused)
    error.code = only.code
    return error


def camel_path(path: str) -> str:
    """Spell a path of field names as GraphQL does."""
    return ".".join(to_camel_case(step) for step in path.split("."))


def told(error: GraphQLError) -> dict[str, Any]:
    """Write an error for the caller: what GraphQL or a refusal says; of anything else only that it happened."""
    cause = _cause(error)
    if cause is None or isinstance(cause, (GraphQLError, StrawberryInputCoercionError)):
        extensions = {"code": "graphql_refused", **(error.extensions or {})}
        return {**error.formatted, "extensions": extensions}
    refusal = refusal_for(cause, is_known=True) or Refusal(500, "internal")
    field = refusal.errors[0] if refusal.errors else None
    extensions = {"code": field.code if field else refusal.code}
    if field:
        extensions["field"] = _path(field.pointer)
    message: type_of_text = _("Something went wrong")
    message = field.message if field else refusal.detail or DETAILS.get(refusal.code, message)
    return {**error.formatted, "message": str(message), "extensions": extensions}


def note(error: GraphQLError) -> None:
    """Log what nobody foresaw, without any row's contents."""
    cause = _cause(error)
    if cause is None or isinstance(cause, GraphQLError) or refusal_for(cause, is_known=True):
        return
    logger.error("unforeseen error at %s", error.path, exc_info=bare(cause))


def _path(pointer: str) -> str:
    return pointer.lstrip("?#/").replace("/", ".")


def _cause(error: GraphQLError) -> Exception | None:
    cause: Exception | None = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return None if cause is error else cause
