"""Bearer tokens: who they speak for, and when they stop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from coordination.access.enums import Role, Scope
from coordination.access.keys import actor_for_token, issue_key
from coordination.access.models import ApiClient, ApiKey, Membership, Organisation, User
from tests.factories.access import member, organisation, user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_persons_key_speaks_with_their_roles_narrowed_by_its_scopes(ngo: Organisation, now: datetime) -> None:
    olena = user()
    Membership.objects.create(user=olena, organisation=ngo, role=Role.COORDINATOR)
    actor = actor_for_token(issue_key(user=olena, scopes=[Scope.AID_READ]), now=now)
    assert actor is not None
    assert (actor.user_id, actor.organisation_ids) == (olena.pk, {ngo.pk})
    assert (actor.may(Scope.AID_READ), actor.may(Scope.AID_WRITE)) == (True, False)


def test_a_systems_key_is_bound_to_its_organisation_and_its_clients_scopes(ngo: Organisation, now: datetime) -> None:
    client = ApiClient.objects.create(organisation=ngo, name="intake", scopes=[Scope.AID_WRITE])
    actor = actor_for_token(issue_key(client=client, scopes=[Scope.AID_WRITE, Scope.PII_READ]), now=now)
    assert actor is not None
    assert (actor.user_id, actor.acts_for_id) == (None, ngo.pk)
    assert (actor.may_for(Scope.AID_WRITE, ngo.pk), actor.may(Scope.PII_READ)) == (True, False)


def test_the_secret_is_stored_nowhere_and_its_use_is_noted(ngo: Organisation, now: datetime) -> None:
    token = issue_key(user=user(), scopes=[])
    secret = token.split("_", 3)[3]
    key = ApiKey.objects.get()
    assert secret not in "".join(str(value) for value in vars(key).values())
    actor_for_token(token, now=now)
    key.refresh_from_db()
    assert key.last_used_at == now


@pytest.mark.parametrize(
    "ending",
    [
        lambda key, now: ApiKey.objects.update(until=now),
        lambda key, now: ApiKey.objects.update(revoked_at=now),
        lambda key, now: ApiClient.objects.update(until=now),
        lambda key, now: ApiClient.objects.update(is_active=False),
        lambda key, now: Organisation.objects.update(is_active=False),
    ],
    ids=["expired", "revoked", "client_expired", "client_stopped", "organisation_stopped"],
)
def test_a_key_that_ended_speaks_for_nobody(ngo: Organisation, now: datetime, ending: object) -> None:
    client = ApiClient.objects.create(organisation=ngo, name="intake", scopes=[Scope.AID_WRITE])
    token = issue_key(client=client, scopes=[Scope.AID_WRITE])
    assert actor_for_token(token, now=now) is not None
    ending(token, now)  # type: ignore[operator] # one of the lambdas above
    assert actor_for_token(token, now=now) is None


def test_a_person_who_was_stopped_or_has_no_role_left_may_nothing(ngo: Organisation, now: datetime) -> None:
    olena = user()
    Membership.objects.create(user=olena, organisation=ngo, role=Role.ADMINISTRATOR, until=now - HOUR)
    token = issue_key(user=olena, scopes=list(Scope))
    actor = actor_for_token(token, now=now)
    assert actor is not None
    assert not actor.organisation_ids
    olena.is_active = False
    olena.save()
    assert actor_for_token(token, now=now) is None


@pytest.mark.parametrize(
    "token", ["", "aid", "aid_", "aid__", "aid_live_x", "aid_live_x_y", "bid_live_x_y", "aid_live_\0_y", "ґ" * 500]
)
def test_nonsense_speaks_for_nobody(db: None, now: datetime, token: str) -> None:
    assert actor_for_token(token, now=now) is None


def test_a_secret_of_another_key_is_refused(ngo: Organisation, now: datetime) -> None:
    mine, theirs = (issue_key(user=user(name), scopes=[]) for name in ("olena", "taras"))
    mixed = "_".join([*mine.split("_")[:3], theirs.split("_", 3)[3]])
    assert actor_for_token(mixed, now=now) is None


def test_a_token_tells_whether_it_reaches_more_than_exercises(ngo: Organisation, now: datetime) -> None:
    trial = organisation("Warm Hands (sandbox)", is_exercise=True, sandbox_of=ngo)
    live, test = (
        issue_key(client=ApiClient.objects.create(organisation=of, name="intake"), scopes=[]) for of in (ngo, trial)
    )
    assert (live.startswith("aid_live_"), test.startswith("aid_test_")) == (True, True)
    assert actor_for_token(test, now=now) is not None
    assert actor_for_token(test.replace("aid_test_", "aid_live_"), now=now) is None
    drilled = member(trial)
    assert issue_key(user=User.objects.get(pk=drilled.user_id), scopes=[]).startswith("aid_test_")


def test_a_key_costs_one_statement_to_look_up_when_it_was_used_just_now(
    ngo: Organisation, now: datetime, django_assert_num_queries: Any
) -> None:
    token = issue_key(client=ApiClient.objects.create(organisation=ngo, name="intake"), scopes=[])
    actor_for_token(token, now=now)
    with django_assert_num_queries(1):
        assert actor_for_token(token, now=now) is not None
