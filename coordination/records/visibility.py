"""Which rows an actor sees, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import BooleanField, Case, IntegerField, Q, Value, When

from coordination.records import lookups  # noqa: F401 - rules are written with `among`
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

        A class of data that no level includes has an annotation of its own, such as `discloses_health`.
        Raises NotImplementedError: for a model that has not said who sees its rows.
        """
        return self.disclosing(self.rules_for(actor)).annotate(
            **{
                f"discloses_{name}": Case(When(rule, then=True), default=False, output_field=BooleanField())
                for name, rule in self.class_rules(self._reader(actor)).items()
            }
        )

    def rules_for(self, actor: Actor) -> Mapping[Disclosure, Q] | Disclosure:
        """Give the rules as they hold for an actor, in those organisations alone where he may read."""
        return self.disclosure_rules(self._reader(actor))

    def disclosure_rules(self, actor: Actor) -> Mapping[Disclosure, Q] | Disclosure:
        """Give the condition for each level, or one level that holds for every row.

        The rules are pure functions of the actor: no clock of Python's, no query but what the actor reads about itself
        once.
        """
        raise NotImplementedError(f"{self.model.__name__} does not say who sees its rows")

    def class_rules(self, actor: Actor) -> Mapping[str, Q]:
        """Give the condition for each class of data that no level includes."""
        return {}

    def told_since(self, moment: datetime) -> Q:
        """Give the condition for what time alone has brought to light since a moment, without a change of the row."""
        return Q(pk__in=[])

    def disclosing(self, rules: Mapping[Disclosure, Q] | Disclosure) -> Self:
        """Keep the rows that any rule admits and annotate each with the highest level that does."""
        if isinstance(rules, Disclosure):
            return self.annotate(disclosure=Value(int(rules), output_field=IntegerField()))
        if not rules:
            return self.none().annotate(disclosure=Value(0, output_field=IntegerField()))
        *higher, (lowest, _rule) = sorted(rules.items(), reverse=True)
        branches: list[Any] = [When(rule, then=Value(int(level))) for level, rule in higher]
        level = Case(*branches, default=Value(int(lowest)), output_field=IntegerField())
        return self.filter(reduce(or_, rules.values())).annotate(disclosure=level)

    def _reader(self, actor: Actor) -> Actor:
        return actor.narrowed_to(self.read_scope) if self.read_scope else actor
