"""Giving and taking roles: by whom, and what stays of it."""

from __future__ import annotations

from datetime import datetime

import pytest

from coordination.access.actions.end_role import end_role
from coordination.access.actions.grant_role import grant_role
from coordination.access.actions.register_organisation import register_organisation
from coordination.access.actions.register_user import register_user
from coordination.access.actors import Actor, actor_for_user
from coordination.access.enums import OrganisationType, Role, Scope
from coordination.access.models import Membership, Organisation, User
from coordination.outbox.models import Event
from coordination.records.errors import ConstraintViolated, InvalidFields, NotAllowed
from tests.factories.access import member, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db: None) -> Actor:
    return actor_for_user(User.objects.create_superuser("operator"))


def test_the_operator_sets_up_an_organisation_with_a_person_in_it(operator: Actor, now: datetime) -> None:
    charity = register_organisation(name="Warm Hands", type_=OrganisationType.NATIONAL_NGO, actor=operator, now=now)
    olena = register_user(username="olena", password="three wet umbrellas", actor=operator, now=now)
    grant_role(user=olena, organisation=charity, role=Role.COORDINATOR, actor=operator, now=now)
    assert actor_for_user(olena).may_for(Scope.MATCH_WRITE, charity.pk)
    assert list(Event.objects.values_list("type", flat=True)) == [
        "access.organisation.registered.v1",
        "access.user.registered.v1",
        "access.role.granted.v1",
    ]


def test_an_administrator_manages_their_own_organisation_only(
    ngo: Organisation, provider: Organisation, now: datetime
) -> None:
    administrator = member(ngo, Role.ADMINISTRATOR)
    newcomer = user("newcomer")
    membership = grant_role(user=newcomer, organisation=ngo, role=Role.VIEWER, actor=administrator, now=now)
    with pytest.raises(NotAllowed):
        grant_role(user=newcomer, organisation=provider, role=Role.VIEWER, actor=administrator, now=now)
    end_role(membership=membership, actor=administrator, now=now)
    assert not actor_for_user(newcomer).organisation_ids
    assert Membership.objects.filter(user=newcomer).exists()


def test_a_coordinator_gives_no_roles(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        grant_role(user=user("newcomer"), organisation=ngo, role=Role.VIEWER, actor=ngo_actor, now=now)


def test_a_weak_password_and_a_used_name_are_named(operator: Actor, ngo: Organisation, now: datetime) -> None:
    with pytest.raises(InvalidFields) as refusal:
        register_user(username="taras", password="12345", actor=operator, now=now)
    assert {problem.field for problem in refusal.value.problems} == {"password"}
    with pytest.raises(ConstraintViolated) as used:
        register_organisation(name=ngo.name, type_=OrganisationType.OTHER, actor=operator, now=now)
    assert used.value.code == "organisation_name_unique"
    assert ngo.name not in repr(used.value.__context__)


def test_an_operator_without_a_role_sees_nobodys_needs(operator: Actor) -> None:
    assert (operator.may(Scope.AID_READ), operator.is_cell) == (False, False)
