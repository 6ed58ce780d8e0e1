"""What every verb is made of: one transaction, one author, one kind of refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import ParamSpec, TypeVar, cast

import pghistory
from django.apps import apps
from django.db import IntegrityError, models, transaction

from coordination.records.actors import Actor
from coordination.records.errors import ConstraintViolated, type_of_text

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Make a keyword-only function a verb: atomic, with its author in the history.

    A rule that the database keeps comes out as ConstraintViolated with the constraint's own name and sentence.
    """

    @wraps(function)
    def perform(*args: P.args, **kwargs: P.kwargs) -> R:
        violated: str | None
        try:
            with transaction.atomic(), _author(cast("Actor", kwargs["actor"])):
                return function(*args, **kwargs)
        except IntegrityError as refusal:
            diagnosis = getattr(refusal.__cause__, "diag", None)
            violated = diagnosis.constraint_name if diagnosis else None
        # Raised outside the handler: the database's own error quotes the whole row.
        raise constraint_violated(violated)

    return perform


@contextmanager
def _author(actor: Actor) -> Iterator[None]:
    """Note the outermost actor in the history; an action inside another has the same author."""
    outer = _acting.get()
    if outer is not None:
        if outer is not actor:
            raise RuntimeError("An action inside another must be done by the same actor.")
        yield
        return
    token = _acting.set(actor)
    try:
        with pghistory.context(
            actor=str(actor.user_id) if actor.user_id else "system" if actor.is_system else None,
            on_behalf_of=str(actor.acts_for_id) if actor.acts_for_id else None,
        ):
            yield
    finally:
        _acting.reset(token)


def locked(row: M) -> M:
    """Read a row again under an exclusive lock; what was loaded before it may be stale.

    The lock leaves the key alone, so that rows that refer to this one can still be written.
    Raises the model's DoesNotExist: when the row has gone.
    """
    manager = type(row)._base_manager
    return cast("M", manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk))


def constraint_violated(name: str | None) -> ConstraintViolated:
    """Give the refusal that belongs to a constraint of the database."""
    error = ConstraintViolated(_sentences().get(name or ""))
    if name in _sentences():
        error.code = cast("str", name)
    return error


@cache
def _sentences() -> dict[str, type_of_text]:
    return {
        constraint.name: constraint.violation_error_message
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message
    }
