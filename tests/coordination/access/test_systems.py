"""Systems of an organisation: who adds them, what they may at most, how their keys come and go."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from coordination.access.actions.change_client import change_client
from coordination.access.actions.end_client import end_client
from coordination.access.actions.issue_client_key import issue_client_key
from coordination.access.actions.issue_own_key import issue_own_key
from coordination.access.actions.open_sandbox import open_sandbox
from coordination.access.actions.register_client import register_client
from coordination.access.actions.revoke_key import revoke_key
from coordination.access.actions.rotate_key import rotate_key
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import Role, Scope
from coordination.access.keys import Issued, actor_for_token
from coordination.access.models import ApiClient, ApiKey, Membership, Organisation, User
from coordination.outbox.models import Event
from coordination.records.errors import DomainError, NotAllowed
from tests.factories import aid as aid_factories
from tests.factories import incidents as incident_factories
from tests.factories.access import member, organisation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
INTAKE = [Scope.AID_READ, Scope.AID_WRITE]


@pytest.fixture
def administrator(ngo: Organisation) -> Actor:
    return member(ngo, Role.ADMINISTRATOR)


@pytest.fixture
def client(ngo: Organisation, administrator: Actor, now: datetime) -> ApiClient:
    return register_client(organisation=ngo, name="intake", scopes=INTAKE, actor=administrator, now=now)


def refused(code: str) -> pytest.RaisesExc[DomainError]:
    return pytest.RaisesExc(DomainError, check=lambda error: error.code == code)


def key_for(client: ApiClient, actor: Actor, now: datetime, days: int = 90) -> Issued[ApiKey]:
    return issue_client_key(client=client, scopes=INTAKE, until=now + days * DAY, actor=actor, now=now)


def test_an_administrator_adds_a_system_with_a_key(
    ngo: Organisation, client: ApiClient, administrator: Actor, now: datetime
) -> None:
    issued = key_for(client, administrator, now)
    actor = actor_for_token(issued.secret, now=now)
    assert actor is not None
    assert (actor.client_id, actor.acts_for_id, actor.may(Scope.AID_WRITE)) == (client.pk, ngo.pk, True)
    assert actor_for_token(issued.secret, now=now + 91 * DAY) is None


def test_others_add_and_change_nothing(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, client: ApiClient, now: datetime
) -> None:
    for actor in (ngo_actor, member(provider, Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            register_client(organisation=ngo, name="theirs", scopes=INTAKE, actor=actor, now=now)
        with pytest.raises(NotAllowed):
            change_client(client=client, name="theirs", actor=actor, now=now)
        with pytest.raises(NotAllowed):
            key_for(client, actor, now)
        with pytest.raises(NotAllowed):
            end_client(client=client, actor=actor, now=now)


def test_no_system_manages_access_and_no_key_may_more_than_its_system(
    ngo: Organisation, client: ApiClient, administrator: Actor, now: datetime
) -> None:
    with refused("scopes_beyond_reach"):
        register_client(organisation=ngo, name="boss", scopes=[Scope.ACCESS_MANAGE], actor=administrator, now=now)
    with refused("scopes_beyond_reach"):
        change_client(client=client, scopes=[*INTAKE, Scope.ACCESS_MANAGE], actor=administrator, now=now)
    with refused("scopes_beyond_reach"):
        issue_client_key(client=client, scopes=[Scope.PII_READ], until=now + DAY, actor=administrator, now=now)


@pytest.mark.parametrize(("days", "code"), [(0, "end_not_ahead"), (-1, "end_not_ahead"), (366, "end_too_far")])
def test_a_key_ends_within_a_year(client: ApiClient, administrator: Actor, now: datetime, days: int, code: str) -> None:
    with refused(code):
        key_for(client, administrator, now, days=days)


def test_a_rotated_key_goes_on_for_the_overlap_beside_its_successor(
    client: ApiClient, administrator: Actor, now: datetime
) -> None:
    old = key_for(client, administrator, now)
    new = rotate_key(key=old.row, actor=administrator, now=now)
    assert (new.row.scopes, new.row.client_id) == (old.row.scopes, client.pk)
    for token, hours, speaks in ((old.secret, 23, True), (old.secret, 25, False), (new.secret, 25, True)):
        assert bool(actor_for_token(token, now=now + timedelta(hours=hours))) is speaks
    with refused("overlap_too_long"):
        rotate_key(key=new.row, overlap_h=169, actor=administrator, now=now)
    rotate_key(key=new.row, overlap_h=0, actor=administrator, now=now)
    assert actor_for_token(new.secret, now=now) is None
    with refused("key_ended"):
        rotate_key(key=old.row, actor=administrator, now=now + 2 * DAY)


def test_a_revoked_key_ends_at_once_and_an_ended_system_with_all_its_keys(
    client: ApiClient, administrator: Actor, now: datetime
) -> None:
    first, second = (key_for(client, administrator, now) for _ in range(2))
    revoke_key(key=first.row, actor=administrator, now=now)
    assert (actor_for_token(first.secret, now=now), bool(actor_for_token(second.secret, now=now))) == (None, True)
    with refused("key_ended"):
        revoke_key(key=first.row, actor=administrator, now=now)
    end_client(client=client, actor=administrator, now=now)
    assert actor_for_token(second.secret, now=now) is None
    for again in (
        lambda: key_for(client, administrator, now),
        lambda: change_client(client=client, name="again", actor=administrator, now=now),
        lambda: end_client(client=client, actor=administrator, now=now),
    ):
        with refused("client_ended"):
            again()


def test_a_key_of_ones_own_may_what_its_person_may_and_makes_no_other(ngo: Organisation, now: datetime) -> None:
    caseworker = member(ngo, Role.CASEWORKER)
    with refused("scopes_beyond_reach"):
        issue_own_key(scopes=[Scope.ACCESS_MANAGE], until=now + DAY, actor=caseworker, now=now)
    issued = issue_own_key(scopes=[Scope.AID_READ], until=now + DAY, actor=caseworker, now=now)
    by_key = actor_for_token(issued.secret, now=now)
    assert by_key is not None
    assert (by_key.user_id, by_key.may(Scope.AID_READ), by_key.may(Scope.AID_WRITE)) == (
        caseworker.user_id,
        True,
        False,
    )
    with pytest.raises(NotAllowed):
        issue_own_key(scopes=[Scope.AID_READ], until=now + DAY, actor=by_key, now=now)
    with pytest.raises(NotAllowed):
        rotate_key(key=issued.row, actor=by_key, now=now)
    with pytest.raises(NotAllowed):
        revoke_key(key=issued.row, actor=member(ngo, Role.ADMINISTRATOR), now=now)
    revoke_key(key=issued.row, actor=by_key, now=now)
    assert actor_for_token(issued.secret, now=now) is None


def test_secrets_are_in_no_row_history_event_or_message(
    client: ApiClient, administrator: Actor, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    issued = key_for(client, administrator, now)
    successor = rotate_key(key=issued.row, actor=administrator, now=now)
    told = [
        *ApiKey.objects.values(),
        *ApiKey.objects.get(pk=issued.row.pk).history.values(),  # type: ignore[attr-defined] # made by tracking
        *Event.objects.values(),
        caplog.text,
        issued,
        successor,
    ]
    for token in (issued.secret, successor.secret):
        assert token.split("_", 3)[3] not in repr(told)


def test_a_sandbox_holds_exercises_alone_whoever_says_otherwise(
    ngo: Organisation, administrator: Actor, now: datetime
) -> None:
    sandbox = open_sandbox(organisation=ngo, actor=administrator, now=now)
    assert (sandbox.sandbox_of, sandbox.is_exercise, sandbox.is_cell) == (ngo, True, False)
    client = register_client(organisation=sandbox, name="trial", scopes=INTAKE, actor=administrator, now=now)
    assert key_for(client, administrator, now).secret.startswith("aid_test_")
    assert incident_factories.incident(sandbox, now=now, is_exercise=False).is_exercise
    assert incident_factories.outage(sandbox, now=now).is_exercise
    assert aid_factories.line(sandbox, now=now).aid_request.is_exercise
    assert aid_factories.resource(sandbox, now=now, is_exercise=False).is_exercise
    assert aid_factories.shelter(sandbox, now=now, is_exercise=False).is_exercise
    with refused("sandbox_exists"):
        open_sandbox(organisation=ngo, actor=administrator, now=now)
    with refused("sandbox_of_exercise"):
        open_sandbox(organisation=sandbox, actor=administrator, now=now)


def test_who_does_not_manage_an_organisation_manages_no_sandbox_of_it(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        open_sandbox(organisation=ngo, actor=ngo_actor, now=now)
    sandbox = open_sandbox(organisation=ngo, actor=SYSTEM, now=now)
    tester = member(sandbox, Role.VIEWER)
    seen = Membership.objects.visible_to(member(ngo, Role.ADMINISTRATOR)).filter(organisation=sandbox)
    assert [role.user_id for role in seen] == [tester.user_id]
    for actor in (ngo_actor, member(provider, Role.ADMINISTRATOR)):
        assert not Membership.objects.visible_to(actor).filter(organisation=sandbox).exists()
        with pytest.raises(NotAllowed):
            register_client(organisation=sandbox, name="trial", scopes=INTAKE, actor=actor, now=now)


def test_systems_and_keys_are_seen_by_who_manages_them(
    ngo: Organisation, ngo_actor: Actor, client: ApiClient, administrator: Actor, cell: Organisation, now: datetime
) -> None:
    issued = key_for(client, administrator, now)
    operator = Actor(is_operator=True)
    strangers = (ngo_actor, member(organisation("Other"), Role.ADMINISTRATOR), member(cell, Role.COORDINATOR))
    for actor, seen in [
        *((each, True) for each in (administrator, member(cell, Role.ADMINISTRATOR), operator)),
        *((each, False) for each in strangers),
    ]:
        assert ApiClient.objects.visible_to(actor).exists() is seen
        assert ApiKey.objects.visible_to(actor).exists() is seen
    itself = actor_for_token(issued.secret, now=now)
    assert itself is not None
    assert list(ApiClient.objects.visible_to(itself)) == [client]
    assert User.objects.visible_to(itself).count() <= 1 + User.objects.filter(memberships__organisation=ngo).count()
