"""Conditions that Django has no words for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import ForeignKey, Lookup, UUIDField


@ForeignKey.register_lookup
@UUIDField.register_lookup
class Among(Lookup):
    """`area__among=ids`: whether a value is one of many, given to the database as one array.

    The array stands in the statement itself, so that the planner knows how little may be found, and an index on the
    column answers each part of an OR. An `IN` over a subquery hides that; one over thousands of ids is slow to parse.
    """

    lookup_name = "among"

    def get_prep_lookup(self) -> tuple[UUID, ...]:
        return tuple(self.rhs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if not self.rhs:
            raise EmptyResultSet
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::uuid[])", (*parameters, _array(self.rhs))


# A guard writes the same ids several times into each statement of one HTTP request.
@lru_cache(maxsize=64)
def _array(ids: tuple[UUID, ...]) -> str:
    return f"{{{','.join(map(str, ids))}}}"
