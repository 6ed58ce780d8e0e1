"""Giving and taking roles: by whom, and what stays of it."""

from __future__ import annotations

from datetime import datetime

import pytest

from aid.actions.file_aid_request import NewContact
from aid.actions.read_contact import read_contact
from coordination.access.actions.acknowledge_alert import acknowledge_alert
from coordination.access.actions.change_organisation import change_organisation
from coordination.access.actions.change_role import change_role
from coordination.access.actions.change_user import change_user
from coordination.access.actions.deactivate_user import deactivate_user
from coordination.access.actions.end_role import end_role
from coordination.access.actions.grant_role import grant_role
from coordination.access.actions.raise_alert import raise_alert
from coordination.access.actions.reactivate_user import reactivate_user
from coordination.access.actions.register_organisation import register_organisation
from coordination.access.actions.register_user import register_user
from coordination.access.actors import SYSTEM, Actor, actor_for_user
from coordination.access.enums import AlertKind, OrganisationType, Role, Scope
from coordination.access.keys import actor_for_token, issue_key
from coordination.access.models import AccessRecord, Alert, Membership, Organisation, User
from coordination.areas.models import Area
from coordination.outbox.models import Event
from coordination.records.errors import ConstraintViolated, DomainError, InvalidFields, NotAllowed
from tests.factories import aid as aid_factories
from tests.factories.access import cell as cell_of
from tests.factories.access import member, organisation, user

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


def refused(code: str) -> pytest.RaisesExc[DomainError]:
    return pytest.RaisesExc(DomainError, check=lambda error: error.code == code)


def test_nobody_gives_a_role_to_himself(ngo: Organisation, operator: Actor, cell: Organisation, now: datetime) -> None:
    administrator = member(ngo, Role.ADMINISTRATOR)
    himself = User.objects.get(pk=administrator.user_id)
    with refused("role_for_oneself"):
        grant_role(user=himself, organisation=ngo, role=Role.ADMINISTRATOR, actor=administrator, now=now)
    with refused("role_for_oneself"):
        grant_role(
            user=User.objects.get(pk=operator.user_id),
            organisation=cell,
            role=Role.ADMINISTRATOR,
            actor=operator,
            now=now,
        )
    drill = organisation("Drill", is_exercise=True)
    trainer = member(drill, Role.ADMINISTRATOR)
    own = Membership.objects.get(user=trainer.user_id)
    member(drill, Role.ADMINISTRATOR, "second")
    assert change_role(membership=own, role=Role.VIEWER, actor=trainer, now=now).role == Role.VIEWER


def test_the_last_administrator_stays_unless_the_cell_says_otherwise(
    ngo: Organisation, cell: Organisation, now: datetime
) -> None:
    first = member(ngo, Role.ADMINISTRATOR, "first")
    membership = Membership.objects.get(user=first.user_id)
    with refused("last_administrator"):
        end_role(membership=membership, actor=first, now=now)
    second = member(ngo, Role.ADMINISTRATOR, "second")
    with refused("role_for_oneself"):
        change_role(membership=membership, role=Role.VIEWER, actor=first, now=now)
    change_role(membership=membership, role=Role.VIEWER, actor=second, now=now)
    last = Membership.objects.get(user=second.user_id)
    with refused("last_administrator"):
        end_role(membership=last, actor=second, now=now)
    end_role(membership=last, actor=member(cell, Role.ADMINISTRATOR), now=now)
    with refused("role_ended"):
        end_role(membership=last, actor=member(cell, Role.ADMINISTRATOR, "another"), now=now)


def test_a_cell_that_answers_for_some_areas_manages_itself_alone(ngo: Organisation, now: datetime) -> None:
    district = cell_of("District cell")
    district.areas.add(Area.objects.create(pcode="UA80", level=Area.Level.OBLAST, name_uk="Київ", name_en="Kyiv"))
    whole = cell_of("Whole cell")
    administrator, newcomer = member(district, Role.ADMINISTRATOR), user("newcomer")
    for of in (ngo, whole):
        with pytest.raises(NotAllowed):
            grant_role(user=newcomer, organisation=of, role=Role.VIEWER, actor=administrator, now=now)
    with pytest.raises(NotAllowed):
        change_organisation(organisation=district, areas=[], actor=administrator, now=now)
    grant_role(user=newcomer, organisation=district, role=Role.VIEWER, actor=administrator, now=now)
    change_organisation(organisation=district, areas=[], actor=member(whole, Role.ADMINISTRATOR), now=now)
    assert not district.areas.exists()


def test_an_exercise_stays_one(ngo: Organisation, operator: Actor, now: datetime) -> None:
    with pytest.raises(InvalidFields) as refusal:
        change_organisation(organisation=ngo, is_exercise=True, actor=operator, now=now)
    assert [problem.code for problem in refusal.value.problems] == ["cannot_change"]


def test_a_person_who_is_shut_out_loses_keys_for_good_and_roles_until_let_in(
    ngo: Organisation, operator: Actor, now: datetime
) -> None:
    olena = member(ngo, username="olena")
    person = User.objects.get(pk=olena.user_id)
    token = issue_key(user=person, scopes=[Scope.AID_READ])
    with refused("shuts_out_oneself"):
        deactivate_user(user=User.objects.get(pk=operator.user_id), actor=operator, now=now)
    with pytest.raises(NotAllowed):
        deactivate_user(user=person, actor=member(ngo, Role.ADMINISTRATOR), now=now)
    deactivate_user(user=person, actor=operator, now=now)
    person.refresh_from_db()
    assert (actor_for_token(token, now=now), actor_for_user(person).organisation_ids) == (None, frozenset())
    with refused("user_not_active"):
        deactivate_user(user=person, actor=operator, now=now)
    reactivate_user(user=person, actor=operator, now=now)
    person.refresh_from_db()
    assert (actor_for_token(token, now=now), actor_for_user(person).organisation_ids) == (None, {ngo.pk})


def test_the_operators_account_is_not_the_cells_to_change(
    cell: Organisation, operator: Actor, ngo: Organisation, now: datetime
) -> None:
    administrator = member(cell, Role.ADMINISTRATOR)
    account = User.objects.get(pk=operator.user_id)
    for attempt in (
        lambda: change_user(user=account, email="mine@example.org", actor=administrator, now=now),
        lambda: deactivate_user(user=account, actor=administrator, now=now),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    olena = User.objects.get(pk=member(ngo, username="olena").user_id)
    assert change_user(user=olena, first_name="Олена", actor=administrator, now=now).first_name == "Олена"
    with pytest.raises(NotAllowed):
        change_user(user=olena, is_superuser=True, actor=administrator, now=now)


def test_an_alert_is_seen_once_by_who_answers_for_it(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, now: datetime
) -> None:
    alert = raise_alert(
        kind=AlertKind.MANY_CONTACTS_READ, organisation=ngo, subject="aid.contact", count=60, actor=SYSTEM, now=now
    )
    event = Event.objects.get(type="access.alert.raised.v1")
    assert (event.audience, event.data) == ([ngo.pk], {"kind": "many_contacts_read"})
    administrator = member(ngo, Role.ADMINISTRATOR)
    for actor in (ngo_actor, member(provider, Role.ADMINISTRATOR)):
        assert not Alert.objects.visible_to(actor).exists()
        with pytest.raises(NotAllowed):
            acknowledge_alert(alert=alert, actor=actor, now=now)
    assert Alert.objects.visible_to(administrator).get() == alert
    acknowledge_alert(alert=alert, actor=administrator, now=now)
    alert.refresh_from_db()
    assert (alert.seen_at, alert.seen_by_id) == (now, administrator.user_id)
    with refused("alert_seen_already"):
        acknowledge_alert(alert=alert, actor=administrator, now=now)


def test_whoever_reads_is_recorded_for_the_organisation_that_lets_him(
    ngo: Organisation, provider: Organisation, cell: Organisation, now: datetime
) -> None:
    both = user("both")
    for of in (ngo, provider):
        Membership.objects.create(user=both, organisation=of, role=Role.CASEWORKER)
    for of in (ngo, provider):
        aid_request = aid_factories.line(of, now=now, contact=NewContact(name="Марія")).aid_request
        read_contact(aid_request=aid_request, purpose="to call", actor=actor_for_user(both), now=now)
        assert AccessRecord.objects.latest("created_at").organisation == of
    Membership.objects.create(user=both, organisation=cell, role=Role.CASEWORKER)
    theirs = aid_factories.line(organisation("Other"), now=now, contact=NewContact(name="Оля")).aid_request
    read_contact(aid_request=theirs, purpose="to call", actor=actor_for_user(both), now=now)
    assert AccessRecord.objects.latest("created_at").organisation == cell
