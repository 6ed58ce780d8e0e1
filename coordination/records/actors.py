"""Who acts, as far as rows and verbs need to know."""

from typing import Protocol, Self
from uuid import UUID


class Actor(Protocol):
    """A person, a system or the public, as one HTTP request or one task sees them."""

    @property
    def user_id(self) -> UUID | None: ...

    @property
    def organisation_ids(self) -> frozenset[UUID]:
        """Name the organisations in which the actor holds a current role."""

    @property
    def acts_for_id(self) -> UUID | None:
        """Name the organisation on whose behalf the actor acts now."""

    @property
    def is_cell(self) -> bool:
        """Tell whether the actor belongs to the coordination cell."""

    @property
    def is_system(self) -> bool:
        """Tell whether the actor is the coordination system itself: a worker or the scheduler."""

    @property
    def is_operator(self) -> bool:
        """Tell whether the actor runs this deployment: manages people and organisations, sees nobody's needs."""

    def may(self, scope: str) -> bool:
        """Tell whether the actor's role and credentials allow a scope such as `aid:write` in some organisation."""

    def may_for(self, scope: str, organisation_id: UUID | None) -> bool:
        """Tell whether the actor may use a scope on behalf of this organisation; the cell and the system always may."""

    def narrowed_to(self, scope: str) -> Self:
        """Give the same actor, left with those organisations in which it may use this scope."""
