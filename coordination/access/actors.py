"""Who acts: a person, a system, the public or the coordination system itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from coordination.access.enums import NEED_SECOND_FACTOR, ROLE_SCOPES, Scope

if TYPE_CHECKING:
    from coordination.access.models import ApiKey, User


@dataclass(frozen=True)
class Grant:
    """What the actor may do in one organisation."""

    scopes: frozenset[str]
    is_cell: bool


@dataclass(frozen=True, eq=False)
class Actor:
    """One actor as one HTTP request or one task sees it; its grants are read once and stay as they were."""

    user_id: UUID | None = None
    client_id: UUID | None = None
    grants: Mapping[UUID, Grant] = field(default_factory=dict)
    acts_for_id: UUID | None = None
    is_system: bool = False
    is_operator: bool = False

    @cached_property
    def organisation_ids(self) -> frozenset[UUID]:
        return frozenset(self.grants)

    @cached_property
    def is_cell(self) -> bool:
        return any(grant.is_cell for grant in self.grants.values())

    def may(self, scope: str) -> bool:
        return self.is_system or any(scope in grant.scopes for grant in self.grants.values())

    def may_for(self, scope: str, organisation_id: UUID | None) -> bool:
        if self.is_system:
            return True
        return any(
            scope in grant.scopes and (grant.is_cell or owner == organisation_id)
            for owner, grant in self.grants.items()
        )

    def narrowed_to(self, scope: str) -> Actor:
        return replace(self, grants={owner: grant for owner, grant in self.grants.items() if scope in grant.scopes})


PUBLIC = Actor()
SYSTEM = Actor(is_system=True)


def actor_for_user(user: User, *, key: ApiKey | None = None, has_second_factor: bool = False) -> Actor:
    """Make the actor for a person who is signed in, or whose key was shown; a key narrows what its owner may do.

    Signed in by a password alone they may not read personal data or manage access, where a deployment asks for more.
    """
    from coordination.access.models.organisation import CURRENT_MEMBERSHIP, Membership

    memberships = Membership.objects.filter(CURRENT_MEMBERSHIP, user=user).select_related("organisation")
    is_weak = settings.MFA_REQUIRED and key is None and not has_second_factor
    limits = frozenset(key.scopes if key else Scope.values) - (NEED_SECOND_FACTOR if is_weak else frozenset())
    grants = {
        membership.organisation_id: Grant(
            scopes=ROLE_SCOPES[membership.role] & limits,
            is_cell=membership.organisation.is_cell,
        )
        for membership in memberships
    }
    return Actor(
        user_id=user.pk,
        grants=grants,
        acts_for_id=next(iter(grants), None),
        is_operator=user.is_superuser and key is None and not is_weak,
    )


def actor_for_client(key: ApiKey) -> Actor:
    """Make the actor for a system whose key was shown."""
    client = key.client
    if client is None:
        raise ValueError("The key belongs to a person.")
    scopes = frozenset(key.scopes) & frozenset(client.scopes)
    return Actor(
        client_id=client.pk,
        grants={client.organisation_id: Grant(scopes=scopes, is_cell=client.organisation.is_cell)},
        acts_for_id=client.organisation_id,
    )
