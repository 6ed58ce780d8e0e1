"""What is looked at before access is given: how long, to whom, by whom, and never more than the giver has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actors import Actor
from coordination.access.enums import Role
from coordination.access.models import Membership, Organisation
from coordination.access.models.organisation import CURRENT_MEMBERSHIP
from coordination.records.actions import locked
from coordination.records.errors import DomainError, InvalidFields

A_YEAR = timedelta(days=365)


class EndNotAhead(InvalidFields):
    """What would end before it began."""

    code = "end_not_ahead"
    message = _("The end must lie ahead.")
    field = "until"


class EndTooFar(InvalidFields):
    """A secret that would outlive whoever remembers it."""

    code = "end_too_far"
    message = _("At most a year: whoever needs it longer renews it.")
    field = "until"


class ScopesBeyondReach(InvalidFields):
    """More than the giver or the receiver may."""

    code = "scopes_beyond_reach"
    message = _("Nobody can give more than he has himself, and no key may more than its system.")
    field = "scopes"


class OrganisationNotActive(DomainError):
    """Nothing new for an organisation that no longer takes part."""

    code = "organisation_not_active"
    message = _("This organisation no longer takes part.")
    field = "organisation"


class RoleForOneself(DomainError):
    """Two people know of every role."""

    code = "role_for_oneself"
    message = _("Nobody gives a role to himself: ask another administrator.")


class LastAdministrator(DomainError):
    """An organisation that nobody could manage any more."""

    code = "last_administrator"
    message = _("The organisation would have no administrator left: name another one first.")


def check_end(until: datetime | None, *, now: datetime, within: timedelta | None = None) -> None:
    """Check when something is to end.

    Raises EndNotAhead: when that has passed. Raises EndTooFar: when it is longer than `within` from now.
    """
    if until is not None and until <= now:
        raise EndNotAhead
    if within is not None and (until is None or until > now + within):
        raise EndTooFar


def check_scopes(wanted: Iterable[str], reach: Iterable[str]) -> None:
    """Check that scopes are within reach.

    Raises ScopesBeyondReach: when one is not.
    """
    if not frozenset(wanted) <= frozenset(reach):
        raise ScopesBeyondReach


def check_active(organisation: Organisation) -> None:
    """Check that an organisation takes part.

    Raises OrganisationNotActive: when it does not.
    """
    if not organisation.is_active:
        raise OrganisationNotActive


def check_other_person(actor: Actor, membership: Membership) -> None:
    """Check that nobody raises himself; in an exercise he may, for nothing there is real.

    Raises RoleForOneself: when he does.
    """
    if actor.user_id == membership.user_id and not membership.organisation.is_exercise:
        raise RoleForOneself


def keep_an_administrator(membership: Membership, actor: Actor) -> None:
    """Check that an administrator who goes leaves another behind; who manages everybody may close an organisation.

    The organisation stays locked, so that two administrators cannot end each other at once.
    Raises LastAdministrator: when nobody is left.
    """
    locked(membership.organisation)
    administrators = Membership.objects.filter(
        CURRENT_MEMBERSHIP, organisation=membership.organisation_id, role=Role.ADMINISTRATOR
    )
    is_one = administrators.filter(pk=membership.pk).exists()
    if not is_one or administrators.filter(until=None).exclude(pk=membership.pk).exists():
        return
    if not policies.may_manage_everybody(actor):
        raise LastAdministrator
