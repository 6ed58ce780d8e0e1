"""Who acts: a person, a system, the public or the coordination system itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from django.conf import settings

from coordination.access.enums import NEED_SECOND_FACTOR, ROLE_SCOPES, SYSTEM_SCOPES, DataClass, Scope
from coordination.access.reach import areas_of_cells, live_shares
from coordination.records.actors import Gains
from coordination.records.lookups import Ids

if TYPE_CHECKING:
    from coordination.access.models import ApiClient, ApiKey, User

T = TypeVar("T")


@dataclass(frozen=True)
class Grant:
    """What the actor may do in one organisation."""

    scopes: frozenset[str]
    is_cell: bool
    is_exercise: bool = False


@dataclass(frozen=True)
class Credential:
    """The bearer token by which an actor came: a `key` or an OAuth2 `access_token`, and when it ends."""

    kind: str
    until: datetime | None


@dataclass(frozen=True)
class Shared:
    """Whose rows others share with an actor: all of some organisations', and some caseloads by themselves."""

    organisation_ids: Ids
    caseload_ids: Ids


class Gained:
    """What the organisations of one actor are given by others, each thing read once for all of them."""

    def __init__(self, organisation_ids: Iterable[UUID]) -> None:
        self._organisation_ids = frozenset(organisation_ids)
        self._known: dict[Gains[Any], Mapping[UUID, Any]] = {}

    def by(self, read: Gains[T]) -> Mapping[UUID, T]:
        if read not in self._known:
            self._known[read] = read(self._organisation_ids) if self._organisation_ids else {}
        return cast("Mapping[UUID, T]", self._known[read])


@dataclass(frozen=True, eq=False)
class Actor:
    """One actor as one HTTP request or one task sees it; what it may is read once and stays as it was.

    What others give its organisations is read on first use, into ids that guards write into their statements.
    """

    user_id: UUID | None = None
    client_id: UUID | None = None
    grants: Mapping[UUID, Grant] = field(default_factory=dict)
    acts_for_id: UUID | None = None
    is_system: bool = False
    is_operator: bool = False
    credential: Credential | None = None
    gained: Gained | None = None

    def __post_init__(self) -> None:
        if self.gained is None:
            object.__setattr__(self, "gained", Gained(self.grants))

    @cached_property
    def organisation_ids(self) -> Ids:
        return Ids(self.grants)

    @cached_property
    def is_cell(self) -> bool:
        return any(grant.is_cell for grant in self.grants.values())

    @cached_property
    def only_practises(self) -> bool:
        return bool(self.grants) and all(grant.is_exercise for grant in self.grants.values())

    @cached_property
    def sees_everywhere(self) -> bool:
        areas = self.gains(areas_of_cells) if self.is_cell else {}
        return self.is_system or any(grant.is_cell and not areas.get(owner) for owner, grant in self.grants.items())

    @cached_property
    def area_ids(self) -> Ids:
        areas = self.gains(areas_of_cells) if self.is_cell else {}
        return Ids(chain.from_iterable(areas.get(owner, ()) for owner, grant in self.grants.items() if grant.is_cell))

    def may(self, scope: str) -> bool:
        return self.is_system or any(scope in grant.scopes for grant in self.grants.values())

    def may_for(self, scope: str, organisation_id: UUID | None, *, within: Iterable[UUID | None] | None = None) -> bool:
        allowed = self.narrowed_to(scope)
        if organisation_id in allowed.organisation_ids or allowed.sees_everywhere:
            return True
        if within is None or not allowed.is_cell:
            return False
        known = set(within) - {None}
        return not known or not known.isdisjoint(allowed.area_ids)

    def acting_for(self, *organisation_ids: UUID | None) -> UUID | None:
        own = [owner for owner in organisation_ids if owner in self.grants]
        cells = [owner for owner, grant in self.grants.items() if grant.is_cell]
        return next(iter([*own, *cells]), self.acts_for_id)

    def narrowed_to(self, scope: str) -> Actor:
        if scope not in self._narrowed:
            left = {owner: grant for owner, grant in self.grants.items() if scope in grant.scopes}
            acts_for_id = self.acts_for_id if self.acts_for_id in left else next(iter(left), None)
            narrowed = replace(self, grants=left, acts_for_id=acts_for_id)
            self._narrowed[scope] = self if len(left) == len(self.grants) else narrowed
        return self._narrowed[scope]

    def shared(self, data_class: str = "") -> Shared:
        if data_class not in self._shared:
            # Who the people are is told to those alone who may read it in the organisation that was given it.
            reader = self.narrowed_to(Scope.PII_READ) if data_class == DataClass.IDENTITY else self
            shares = [
                share
                for given in reader.gains(live_shares).values()
                for share in given
                if not data_class or data_class in share.classes
            ]
            self._shared[data_class] = Shared(
                organisation_ids=Ids(chain.from_iterable(share.organisation_ids for share in shares)),
                caseload_ids=Ids(chain.from_iterable(share.caseload_ids for share in shares)),
            )
        return self._shared[data_class]

    def gains(self, read: Gains[T]) -> Mapping[UUID, T]:
        given = cast(Gained, self.gained).by(read)
        return {owner: given[owner] for owner in self.grants if owner in given}

    @cached_property
    def _narrowed(self) -> dict[str, Actor]:
        return {}

    @cached_property
    def _shared(self) -> dict[str, Shared]:
        return {}


PUBLIC = Actor()
SYSTEM = Actor(is_system=True)


def actor_for_user(
    user: User, *, key: ApiKey | None = None, is_test: bool = False, has_second_factor: bool = False
) -> Actor:
    """Make the actor for a person who is signed in, or whose key was shown; a key narrows what its owner may do.

    A key that `is_test` speaks for organisations made for exercises alone, whatever roles its owner has got since.

    Signed in by a password alone they may not read personal data or manage access, where a deployment asks for more.
    """
    from coordination.access.models.organisation import CURRENT_MEMBERSHIP, Membership

    memberships = Membership.objects.filter(CURRENT_MEMBERSHIP, user=user).select_related("organisation")
    if is_test:
        memberships = memberships.filter(organisation__is_exercise=True)
    is_weak = settings.MFA_REQUIRED and key is None and not has_second_factor
    limits = frozenset(key.scopes if key else Scope.values) - (NEED_SECOND_FACTOR if is_weak else frozenset())
    grants = {
        membership.organisation_id: Grant(
            scopes=ROLE_SCOPES[membership.role] & limits,
            is_cell=membership.organisation.is_cell,
            is_exercise=membership.organisation.is_exercise,
        )
        for membership in memberships
    }
    return Actor(
        user_id=user.pk,
        grants=grants,
        acts_for_id=next(iter(grants), None),
        is_operator=user.is_superuser and key is None and not is_weak,
        credential=Credential("key", key.until) if key else None,
    )


def actor_for_client(client: ApiClient, scopes: Iterable[str], credential: Credential) -> Actor:
    """Make the actor for a system whose token was shown: it may what both the token and the system may."""
    organisation = client.organisation
    allowed = frozenset(scopes) & frozenset(client.scopes) & SYSTEM_SCOPES
    grant = Grant(scopes=allowed, is_cell=organisation.is_cell, is_exercise=organisation.is_exercise)
    return Actor(
        client_id=client.pk,
        grants={organisation.pk: grant},
        acts_for_id=client.organisation_id,
        credential=credential,
    )
