"""Mutations: an action each, called with what its one input says; the answer is the row, read again, or a problem."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Optional, Union, cast, get_args

import strawberry
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from coordination.access.actors import Actor
from coordination.access.models import Organisation
from coordination.geo.gate import GeometryError
from coordination.records.clock import database_now
from coordination.records.errors import DomainError, FieldProblem, NotAllowed
from coordination.web.graphql.nodes import actor_of, key_of
from coordination.web.graphql.refusals import DomainProblem, domain_problem, invalid_fields, kept_problem
from coordination.web.graphql.rows import found, guarded
from coordination.web.graphql.scalars import Ungated
from coordination.web.idempotency import UNREADABLE, Answer, answer_once, is_key
from coordination.web.idempotency import key_of as key_in_header
from coordination.web.problems import DETAILS
from coordination.web.rest import again_after_deadlock

Verb = Callable[..., Model]

MAX_ENTRIES = 100


@dataclasses.dataclass(frozen=True)
class Row:
    """Says that a value of an input is the id of a row of this model, or the row's `code`.

    The subject of a verb that the caller may not see is not found, as in REST; any other row does not exist.
    """

    model: type[Model]
    code: str = ""
    is_subject: bool = False


class Input:
    """What one mutation takes: fields named as the arguments of its action.

    `rows` tells which are ids of rows, `speaker` which of them is the caller's own organisation where it is left out,
    `makes` what the action wants instead of a nested input. What is null keeps the action's own default.
    """

    rows: ClassVar[Mapping[str, Row]] = {}
    speaker: ClassVar[str] = ""
    makes: ClassVar[Callable[..., Any] | None] = None

    @staticmethod
    def adapt(values: dict[str, Any]) -> dict[str, Any]:
        """Give the arguments in the shape that the action takes."""
        return values


class Change(Input):
    """What of a row shall be otherwise: what is left out stays, null empties what `may_be_empty` names."""

    may_be_empty: ClassVar[frozenset[str]] = frozenset()


def mutation(action: Verb, input_type: Any, node_type: Any, *, needs_key: bool = False) -> Any:
    """Make the mutation that calls an action; systems must send a key with those that `needs_key`."""

    def change(info: strawberry.Info, input_: Any) -> Any:
        actor = actor_of(info)
        answer = again_after_deadlock(lambda: _answer(info, action, input_, actor, needs_key=needs_key))
        if answer.status >= 400:
            return kept_problem(answer.body)
        # Read again through the guard: the action's own instance carries relations that nobody guarded.
        return found(node_type.model, answer.subject_id, actor) if answer.subject_id else None

    return _field(action, input_type, node_type, change)


def verb(action: Verb, subject: str, node_type: Any, *, needs_key: bool = False, **others: Any) -> Any:
    """Make the mutation of a verb about one row, named by id or reference; `others` types what else it takes."""
    model = node_type.model
    code = "ref" if any(field.name == "ref" for field in model._meta.concrete_fields) else ""
    annotations = {subject: strawberry.ID, **others, "client_mutation_id": str | None}
    optional = {name: None for name, type_ in annotations.items() if type(None) in get_args(type_)}
    body: dict[str, Any] = {
        "__annotations__": annotations,
        "rows": {subject: Row(model, code, is_subject=True)},
        **optional,
    }
    input_type = strawberry.input(type(f"{_pascal(action)}Input", (Input,), body), description=_first_line(action))
    return mutation(action, input_type, node_type, needs_key=needs_key)


def reading(action: Callable[..., object], input_type: Any, shown_type: Any) -> Any:
    """Make the mutation of an action that discloses something, which is shown once and kept for no key."""

    def read(info: strawberry.Info, input_: Any) -> Any:
        actor = actor_of(info)
        _require_known(actor)
        row = action(**_arguments(input_, actor), actor=actor, now=database_now())
        return shown_type(**{field.name: getattr(row, field.name) for field in dataclasses.fields(shown_type)})

    return _field(action, input_type, shown_type, read)


def _field(
    action: Callable[..., object], input_type: Any, shown_type: Any, change: Callable[[strawberry.Info, Any], Any]
) -> Any:
    payload = Annotated[Union[shown_type, DomainProblem], strawberry.union(f"{_pascal(action)}Payload")]  # noqa: UP007 - made at run time

    def resolve(info: strawberry.Info, input: Any) -> Any:  # noqa: A002 - the argument's public name
        try:
            return change(info, input)
        except DomainError as error:
            return domain_problem(error, actor_of(info))

    resolve.__annotations__ = {"info": strawberry.Info, "input": input_type, "return": Optional[payload]}  # noqa: UP045 - made at run time
    return strawberry.mutation(resolver=resolve, description=_first_line(action))


def _pascal(action: Callable[..., object]) -> str:
    return "".join(part.capitalize() for part in action.__name__.split("_"))


def _first_line(action: Callable[..., object]) -> str:
    return (action.__doc__ or "").strip().splitlines()[0]


def _require_known(actor: Actor) -> None:
    if actor.user_id is None and not actor.organisation_ids:
        raise NotAllowed


def _answer(info: strawberry.Info, action: Verb, input_: Any, actor: Actor, *, needs_key: bool) -> Answer:
    _require_known(actor)
    http_request, now = info.context.request, database_now()
    key = input_.client_mutation_id or key_in_header(http_request, actor, is_required=False)
    if not is_key(key or ""):
        raise invalid_fields([FieldProblem("client_mutation_id", "idempotency_key_unreadable", UNREADABLE)])
    if needs_key and not key and actor.client_id:
        message = _("Systems send a clientMutationId with this, so that a repeated call changes nothing twice.")
        raise invalid_fields([FieldProblem("client_mutation_id", "idempotency_key_required", message)])

    def perform() -> Answer:
        row = action(**_arguments(input_, actor), actor=actor, now=now)
        return Answer(200, None, subject_id=row.pk)

    if key:
        # One call may hold several mutations, each with an answer of its own.
        place = ".".join(map(str, info.path.as_list()))
        return answer_once(http_request, _kept_key(key, place), perform, actor=actor, now=now)
    with transaction.atomic():
        return perform()


def _kept_key(key: str, place: str) -> str:
    """Give one key to a client's key and the place of the mutation in its call, of a length that can be kept."""
    return hashlib.sha256(f"{key} {place}".encode()).hexdigest()


def _arguments(input_: Any, actor: Actor, prefix: str = "") -> dict[str, Any]:
    """Give the arguments that an input holds; what was left out or is null keeps the action's own default."""
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for field in dataclasses.fields(input_):
        value = getattr(input_, field.name)
        if value is strawberry.UNSET or field.name == "client_mutation_id":
            continue
        if value is None:
            if isinstance(input_, Change):
                if field.name in input_.may_be_empty:
                    values[field.name] = None
                else:
                    problems.append(FieldProblem(prefix + field.name, "null", _("This cannot be empty.")))
            continue
        try:
            values[field.name] = _read(input_, field.name, value, actor, prefix)
        except DomainError as error:
            problems += error.problems
    if problems:
        raise invalid_fields(problems)
    if input_.speaker and input_.speaker not in values:
        values[input_.speaker] = _own_organisation(actor)
    return cast("dict[str, Any]", input_.adapt(values))


def _read(input_: Any, name: str, value: Any, actor: Actor, prefix: str) -> Any:
    path = prefix + name
    if isinstance(value, list):
        if len(value) > MAX_ENTRIES:
            message = _("At most %(limit)d entries are accepted.") % {"limit": MAX_ENTRIES}
            raise invalid_fields([FieldProblem(path, "too_many", message)])
        return [_read_one(input_, name, entry, actor, f"{path}.{position}") for position, entry in enumerate(value)]
    return _read_one(input_, name, value, actor, path)


def _read_one(input_: Any, name: str, value: Any, actor: Actor, path: str) -> Any:
    if name in input_.rows:
        return _row(input_.rows[name], value, actor, path)
    if isinstance(value, Ungated):
        return _gated(value, path)
    if isinstance(value, Input):
        arguments = _arguments(value, actor, f"{path}.")
        make = type(value).makes
        return make(**arguments) if make else arguments
    return value


def _row(row: Row, value: str, actor: Actor, path: str) -> Any:
    named = key_of(value, row.model)
    if named:
        related = guarded(row.model, actor).filter(pk=named[1]).first()
    else:
        related = row.code and "\0" not in value and guarded(row.model, actor).filter(**{row.code: value}).first()
    if not related and row.is_subject:
        raise invalid_fields([FieldProblem(path, "not_found", DETAILS["not_found"])])
    if not related:
        raise invalid_fields([FieldProblem(path, "does_not_exist", _("There is no such record."))])
    return related


def _gated(value: Ungated, path: str) -> Any:
    try:
        return value.gated()
    except GeometryError as error:
        problem = FieldProblem(".".join([path, *map(str, error.path)]), error.code, error.message)
    raise invalid_fields([problem])


def _own_organisation(actor: Actor) -> Organisation:
    if actor.acts_for_id is None:
        raise NotAllowed
    return guarded(Organisation, actor).get(pk=actor.acts_for_id)
