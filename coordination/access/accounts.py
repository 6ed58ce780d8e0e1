"""What signing in asks of accounts, before anybody is there whose eyes could be asked for."""

from __future__ import annotations

from coordination.access.enums import NEED_SECOND_FACTOR, ROLE_SCOPES
from coordination.access.models import Membership, Organisation, User
from coordination.access.models.organisation import CURRENT_MEMBERSHIP

ROLES_THAT_NEED_MORE = [role for role, scopes in ROLE_SCOPES.items() if scopes & NEED_SECOND_FACTOR]


def person_named(username: str) -> User | None:
    """Find a person as the sign-in form does: in either case of letters."""
    found: User | None = User.objects.filter(username__iexact=username.strip()).first()
    return found


def person_with_address(email: str) -> User | None:
    """Find the one active person who has an e-mail address; an address of two belongs to nobody."""
    people = User.objects.filter(email__iexact=email, is_active=True)[:2] if email else []
    return people[0] if len(people) == 1 else None


def organisations_of(user: User) -> list[Organisation]:
    """List where a person holds a role."""
    roles = Membership.objects.filter(CURRENT_MEMBERSHIP, user=user)
    return list(Organisation.objects.filter(pk__in=roles.values("organisation")))


def needs_second_factor(user: User) -> bool:
    """Tell whether a person's roles open what a password alone does not."""
    roles = Membership.objects.filter(CURRENT_MEMBERSHIP, user=user, role__in=ROLES_THAT_NEED_MORE)
    return user.is_superuser or roles.exists()
