"""Who calls, and what is shared, through REST and GraphQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from coordination.access.actions.agree_to_share import agree_to_share
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import DataClass, Role, Scope
from coordination.access.keys import issue_key
from coordination.access.models import ApiClient, Organisation, SharingAgreement, User
from coordination.areas.models import Area
from tests.doors import graphql
from tests.doors.rest import PUBLIC_CALLER, Caller, caller, codes, machine, results
from tests.factories.access import member, organisation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def agreement(giver: Organisation, receiver: Organisation, now: datetime) -> SharingAgreement:
    return agree_to_share(
        giver=giver,
        receiver=receiver,
        classes=[DataClass.EXACT_PLACE],
        purpose="winter relief",
        until=now + DAY,
        actor=SYSTEM,
        now=now,
    )


def test_a_person_learns_who_he_is_and_until_when(ngo: Organisation, now: datetime) -> None:
    olena = member(ngo, Role.CASEWORKER, "olena")
    until = now + DAY
    token = issue_key(user=User.objects.get(pk=olena.user_id), scopes=[Scope.AID_READ], until=until)
    answer = Caller(token).get("me")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    told = answer.json()
    assert told.pop("credential") == {"kind": "key", "until": until.isoformat().replace("+00:00", "Z")}
    scopes = ["aid:read"]
    part = {"id": str(ngo.pk), "name": ngo.name, "is_cell": False, "is_exercise": False, "scopes": scopes}
    assert told == {
        "user": {"id": str(olena.user_id), "username": "olena", "language": "en"},
        "client": None,
        "organisations": [part],
        "acts_for": str(ngo.pk),
        "scopes": scopes,
        "is_sandbox": False,
    }


def test_a_system_learns_that_it_is_in_a_sandbox(ngo: Organisation) -> None:
    told = machine(organisation("Drill", is_exercise=True, sandbox_of=ngo)).get("me").json()
    assert (told["user"], told["client"]["name"], told["is_sandbox"]) == (None, "intake", True)


def test_the_public_is_nobody(db: None) -> None:
    assert PUBLIC_CALLER.get("me").status_code == 401


def test_who_one_is_costs_the_same_for_one_organisation_and_for_three(
    ngo: Organisation, django_assert_num_queries: Any
) -> None:
    token = issue_key(client=ApiClient.objects.create(organisation=ngo, name="intake"), scopes=[])
    Caller(token).get("me")
    with django_assert_num_queries(4):
        Caller(token).get("me")


def test_both_parties_and_the_cell_read_an_agreement_and_nobody_else(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    agreed = agreement(ngo, provider, now)
    for actor in (ngo_actor, provider_actor, cell_actor):
        (row,) = results(caller(actor).get("sharing-agreements"))
        assert (row["id"], row["giver"], row["classes"]) == (str(agreed.pk), str(ngo.pk), ["exact_place"])
    stranger = caller(member(organisation("Other")))
    assert results(stranger.get("sharing-agreements")) == []
    assert stranger.get(f"sharing-agreements/{agreed.pk}").status_code == 404
    assert results(PUBLIC_CALLER.get("sharing-agreements")) == []


def test_a_list_of_agreements_costs_the_same_for_one_and_for_three(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime, django_assert_num_queries: Any
) -> None:
    asking = caller(ngo_actor)
    for count in (1, 3):
        while SharingAgreement.objects.count() < count:
            agreement(ngo, provider, now)
        asking.get("sharing-agreements")
        with django_assert_num_queries(5):
            assert len(results(asking.get("sharing-agreements"))) == count


def test_an_administrator_agrees_and_the_other_party_ends_it(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    area = Area.objects.create(pcode="UA80", level=Area.Level.OBLAST, name_uk="Київ", name_en="Kyiv")
    body = {
        "receiver": str(provider.pk),
        "areas": ["UA80"],
        "classes": ["health"],
        "purpose": "medicines",
        "until": (now + DAY).isoformat(),
    }
    administrator = caller(member(ngo, Role.ADMINISTRATOR))
    assert caller(ngo_actor).post("sharing-agreements", body).status_code == 403
    assert machine(ngo).post("sharing-agreements", body).status_code == 403, "whatever its row says"
    answer = administrator.post("sharing-agreements", body)
    assert (answer.status_code, answer.json()["areas"]) == (201, [str(area.pk)])
    past = administrator.post("sharing-agreements", {**body, "until": now.isoformat()})
    assert (past.status_code, codes(past)) == (400, {"#/until": "end_not_ahead"})
    address = f"sharing-agreements/{answer.json()['id']}/end"
    ended = caller(member(provider, Role.ADMINISTRATOR)).post(address)
    assert ended.status_code == 200
    assert administrator.post(address).json()["code"] == "agreement_ended"


def test_graphql_agrees_reads_and_ends_too(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    administrator = graphql.caller(member(ngo, Role.ADMINISTRATOR))
    made = administrator.ask(
        """mutation($input: AgreeToShareInput!) { agreeToShare(input: $input) {
             ... on SharingAgreement { id classes giver { name } receiver { name } areas { totalCount } }
             ... on DomainProblem { code } } }""",
        {
            "input": {
                "receiver": str(provider.pk),
                "purpose": "coarse overview",
                "isCoarseOnly": True,
                "until": (now + DAY).isoformat(),
            }
        },
    )["agreeToShare"]
    key = made.pop("id")
    parties = {"giver": {"name": ngo.name}, "receiver": {"name": provider.name}}
    assert made == {"classes": [], **parties, "areas": {"totalCount": 0}}
    listed = administrator.ask("{ sharingAgreements { nodes { id purpose } } }")["sharingAgreements"]["nodes"]
    assert listed == [{"id": key, "purpose": "coarse overview"}]
    ended = administrator.ask(
        """mutation($input: EndAgreementInput!) { endAgreement(input: $input) {
             ... on SharingAgreement { until } ... on DomainProblem { code } } }""",
        {"input": {"agreement": key}},
    )["endAgreement"]
    assert datetime.fromisoformat(ended["until"]) < now + DAY
