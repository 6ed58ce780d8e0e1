"""Bearer tokens: who they speak for, and when they stop."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from coordination.access.enums import Role, Scope
from coordination.access.keys import actor_for_token, issue_key
from coordination.access.models import ApiClient, ApiKey, Membership, Organisation
from tests.factories.access import user

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
    secret = token.rsplit("_", 1)[-1]
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


@pytest.mark.parametrize("token", ["", "aid", "aid__", "aid_x_y", "bid_x_y", "aid_\0_y", "ґ" * 500])
def test_nonsense_speaks_for_nobody(db: None, now: datetime, token: str) -> None:
    assert actor_for_token(token, now=now) is None


def test_a_secret_of_another_key_is_refused(ngo: Organisation, now: datetime) -> None:
    mine, theirs = (issue_key(user=user(name), scopes=[]) for name in ("olena", "taras"))
    mixed = "_".join([*mine.split("_")[:2], theirs.split("_", 2)[2]])
    assert actor_for_token(mixed, now=now) is None
