"""Which rows an actor sees, and how much of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import BooleanField, Case, IntegerField, OuterRef, Q, Value, When

from coordination.records.actors import Actor
from coordination.records.lookups import Ids

_Row = TypeVar("_Row", bound=models.Model, covariant=True)

# Up to so many grants a page is read from the index of each; whoever has more sees much, and soon finds a page.
FEW_GRANTS = 64


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
    _grants: Mapping[str, Ids] | None = None

    def visible_to(self, actor: Actor) -> Self:
        """Keep the rows that the actor may see, each annotated with its `disclosure`.

        A class of data that no level includes has an annotation of its own, such as `discloses_health`.
        Raises NotImplementedError: for a model that has not said who sees its rows.
        """
        rows = self.disclosing(self.rules_for(actor)).annotate(
            **{
                f"discloses_{name}": Case(When(rule, then=True), default=False, output_field=BooleanField())
                for name, rule in self.class_rules(self._reader(actor)).items()
            }
        )
        rows._grants = self.grants_to(self._reader(actor))
        return rows

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

    def grants_to(self, actor: Actor) -> Mapping[str, Ids] | None:
        """Give by which values of which columns an actor sees all that he sees; None where no columns say it all."""
        return None

    def first_by_grant(self, order: Sequence[str], count: int) -> Self:
        """Keep among the first rows of an order all that may be on a page, where each grant has an index in it.

        Read in one go, a page of somebody who sees little and nothing new is found when all newer rows of others were
        looked at. What the page holds does not depend on this.
        """
        if self._grants is None:
            return self
        found = set(self._grants.get("pk", ()))
        owned = {column: ids for column, ids in self._grants.items() if ids and column != "pk"}
        if sum(map(len, owned.values())) > FEW_GRANTS:
            return self
        for column, ids in owned.items():
            owners = self.model._meta.get_field(column).related_model._base_manager.filter(pk__among=ids)  # type: ignore[union-attr] # columns of grants are foreign keys
            page = self.filter(**{column: OuterRef("pk")}).order_by(*order).values("pk")[:count]
            for keys in owners.order_by().values_list(ArraySubquery(page), flat=True):
                found.update(keys)
        return self.filter(pk__among=Ids(found))

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc] # a queryset's own
        clone._grants = self._grants
        return clone

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
