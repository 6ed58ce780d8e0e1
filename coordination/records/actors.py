"""Who acts, as far as rows and verbs need to know."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol, Self, TypeVar
from uuid import UUID

from coordination.records.lookups import Ids

T = TypeVar("T")

# What is read about an actor: by which of its organisations it gets what.
Gains = Callable[[Collection[UUID]], Mapping[UUID, T]]


class Shared(Protocol):
    """Whose rows others share with an actor."""

    @property
    def organisation_ids(self) -> Ids:
        """Name the organisations that share all of theirs."""

    @property
    def caseload_ids(self) -> Ids:
        """Name the caseloads that are shared by themselves."""


class Actor(Protocol):
    """A person, a system or the public, as one HTTP request or one task sees them."""

    @property
    def user_id(self) -> UUID | None: ...

    @property
    def client_id(self) -> UUID | None: ...

    @property
    def organisation_ids(self) -> frozenset[UUID]:
        """Name the organisations in which the actor holds a current role."""

    @property
    def acts_for_id(self) -> UUID | None:
        """Name the organisation on whose behalf the actor acts now."""

    @property
    def is_cell(self) -> bool:
        """Tell whether the actor belongs to a coordination cell."""

    @property
    def only_practises(self) -> bool:
        """Tell whether all organisations of the actor are made for exercises: what is real is told it as the public."""

    @property
    def sees_everywhere(self) -> bool:
        """Tell whether the actor sees every row: the system itself, and a cell that answers for no area in particular.

        A cell that answers for areas sees what lies there, and what lies nobody knows where.
        """

    @property
    def area_ids(self) -> Collection[UUID]:
        """Name the areas for which a cell of the actor answers, with all areas below them."""

    @property
    def is_system(self) -> bool:
        """Tell whether the actor is the coordination system itself: a worker or the scheduler."""

    @property
    def is_operator(self) -> bool:
        """Tell whether the actor runs this deployment: manages people and organisations, sees nobody's needs."""

    def may(self, scope: str) -> bool:
        """Tell whether the actor's role and credentials allow a scope such as `aid:write` in some organisation."""

    def may_for(self, scope: str, organisation_id: UUID | None, *, within: Iterable[UUID | None] | None = None) -> bool:
        """Tell whether the actor may use a scope on behalf of this organisation; the system always may, cells often.

        A cell that answers for areas may only where one of these is `within`, or nothing that is known; left out,
        `within` stands for everywhere.
        """

    def acting_for(self, *organisation_ids: UUID | None) -> UUID | None:
        """Name the organisation for which the actor deals with a row of these: the first of its own, else its cell."""

    def narrowed_to(self, scope: str) -> Self:
        """Give the same actor, left with those organisations in which it may use this scope."""

    def shared(self, data_class: str = "") -> Shared:
        """Say whose rows live agreements share with the actor: coarsely, or one class of their data."""

    def gains(self, read: Gains[T]) -> Mapping[UUID, T]:
        """Give what the actor's organisations are given by others, read for all of them on first use and remembered."""
