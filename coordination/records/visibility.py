"""Which rows an actor sees, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When

from coordination.records.actors import Actor

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class Disclosure(IntEnum):
    """How much of a row an actor may read; each level includes those below it."""

    COARSE = 1
    EXACT = 2
    CONTACT = 3


class VisibleQuerySet(models.QuerySet[_Row]):
    """A queryset that fails closed: a model shows nothing until it says who sees it.

    Who reads these rows by a role or a key needs `read_scope`; without it he is shown what the public is shown.
    """

    read_scope: ClassVar[str] = ""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the rows that the actor may see, each annotated with its `disclosure`.

        Raises NotImplementedError: for a model that has not said who sees its rows.
        """
        return self.disclosing(self.rules_for(actor))

    def rules_for(self, actor: Actor) -> Mapping[Disclosure, Q] | Disclosure:
        """Give the rules as they hold for an actor, in those organisations alone where he may read."""
        return self.disclosure_rules(actor.narrowed_to(self.read_scope) if self.read_scope else actor)

    def disclosure_rules(self, actor: Actor) -> Mapping[Disclosure, Q] | Disclosure:
        """Give the condition for each level, or one level that holds for every row.

        The rules are pure functions of the actor: no clock of Python's, no query while building.
        """
        raise NotImplementedError(f"{self.model.__name__} does not say who sees its rows")

    def disclosing(self, rules: Mapping[Disclosure, Q] | Disclosure) -> Self:
        """Keep the rows that any rule admits and annotate each with the highest level that does."""
        if isinstance(rules, Disclosure):
            return self.annotate(disclosure=Value(int(rules), output_field=IntegerField()))
        seen = Q(pk__in=[])
        branches: list[Any] = []
        for level, rule in sorted(rules.items(), reverse=True):
            seen |= rule
            branches.append(When(rule, then=Value(int(level))))
        if not branches:
            return self.none()
        lowest = int(min(rules))
        return self.filter(seen).annotate(
            disclosure=Case(*branches, default=Value(lowest), output_field=IntegerField())
        )
