"""A release through every door: who may, what the provider reads then, and what is said before."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from aid.actions.file_aid_request import NewContact
from aid.actions.release_match import release_match
from aid.models import Match
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import AccessRecord, Organisation, User
from tests.doors import graphql, rest
from tests.factories import aid
from tests.factories.places import POZNIAKY

pytestmark = pytest.mark.django_db

CONTACT = {"name": "Олена Коваль", "phone": "+380441234567", "address": "Дарницька 5", "notes": ""}
PURPOSE = {"purpose": "to agree on a time"}


@pytest.fixture
def match(ngo: Organisation, provider: Organisation, now: datetime) -> Match:
    """Give an accepted match for a household with a contact."""
    line = aid.line(ngo, now=now, contact=NewContact(**CONTACT), members=[{"age": 71}])
    return aid.acceptance(line, aid.resource(provider, now=now), now=now)


def admin_page(name: str, *arguments: object) -> str:
    return reverse(f"admin:aid_{name}", args=arguments)


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def test_rest_releases_and_withdraws(match: Match, ngo_actor: Actor, provider_actor: Actor, now: datetime) -> None:
    reporter, provider = rest.caller(ngo_actor), rest.caller(provider_actor)
    request = f"aid-requests/{match.line.aid_request_id}"
    assert provider.get(request).json()["location"] is None
    assert provider.post(f"{request}/read-contact", PURPOSE).status_code == 403
    assert provider.post(f"matches/{match.ref}/release").status_code == 403
    released = reporter.post(f"matches/{match.ref}/release").json()
    assert released["released_at"] is not None
    assert provider.get(f"matches/{match.ref}").json()["released_at"] == released["released_at"]
    shown = provider.get(request).json()
    assert shown["location"]["coordinates"] == [POZNIAKY.x, POZNIAKY.y]
    assert (shown["members"], shown["vulnerable_people"]) == (None, None)
    assert provider.post(f"{request}/read-contact", PURPOSE).json() == CONTACT
    assert AccessRecord.objects.get().organisation_id == match.resource.provider_id
    again = reporter.post(f"matches/{match.ref}/release")
    assert (again.status_code, again.json()["code"]) == (409, "released_already")
    assert reporter.post(f"matches/{match.ref}/withdraw-release").json()["released_at"] is None
    assert provider.get(request).json()["location"] is None
    assert provider.post(f"{request}/read-contact", PURPOSE).status_code == 403


def test_rest_says_why_nothing_is_released(
    match: Match, ngo_actor: Actor, provider: Organisation, now: datetime
) -> None:
    Organisation.objects.filter(pk=provider.pk).update(is_vetted=False)
    answer = rest.caller(ngo_actor).post(f"matches/{match.ref}/release")
    assert (answer.status_code, answer.json()["code"]) == (409, "provider_not_vetted")


def test_graphql_releases_and_withdraws(match: Match, ngo_actor: Actor, provider_actor: Actor, now: datetime) -> None:
    reporter, provider = graphql.caller(ngo_actor), graphql.caller(provider_actor)
    shape = "... on Match { releasedAt line { aidRequest { location vulnerablePeople } } }"
    subject = {"match": match.ref}
    refused = provider.change("releaseMatch", shape, subject)
    assert refused is not None
    assert refused["code"] == "not_allowed"
    released = reporter.change("releaseMatch", shape, subject)
    assert released is not None
    assert released["releasedAt"] is not None
    (seen,) = graphql.nodes(provider.ask("{ aidRequests { nodes { location vulnerablePeople } } }"))
    assert seen == {"location": {"type": "Point", "coordinates": [POZNIAKY.x, POZNIAKY.y]}, "vulnerablePeople": None}
    reading = {"aidRequest": match.line.aid_request.ref, **PURPOSE}
    contact = provider.change("readContact", "... on Contact { phone }", reading)
    assert contact is not None
    assert contact["phone"] == CONTACT["phone"]
    withdrawn = reporter.change("withdrawRelease", shape, subject)
    assert withdrawn is not None
    assert withdrawn["releasedAt"] is None
    (seen,) = graphql.nodes(provider.ask("{ aidRequests { nodes { location vulnerablePeople } } }"))
    assert seen["location"] is None


def test_admin_says_what_will_be_told_and_releases_by_one_click(
    match: Match, ngo_actor: Actor, provider: Organisation, provider_actor: Actor
) -> None:
    page, button = admin_page("match_change", match.pk), admin_page("match_verb", match.pk, "release")
    contact = admin_page("aidrequest_contact", match.line.aid_request_id)
    reporter, driver = signed_in(ngo_actor), signed_in(provider_actor)
    shown = reporter.get(page).content.decode()
    assert f"{provider.name} will be told name, phone, address and exact place" in shown
    assert "Nobody has noted whether the people agree" in shown
    before = driver.get(page).content.decode()
    assert (button in before, contact in before) == (False, False)
    assert driver.get(contact).status_code == 403
    assert driver.post(button).status_code == 403
    assert reporter.post(button).status_code == 302
    match.refresh_from_db()
    assert match.released_by_id == ngo_actor.user_id
    after = driver.get(page).content.decode()
    assert contact in after
    assert admin_page("aidrequest_change", match.line.aid_request_id) in after
    assert CONTACT["phone"] in driver.post(contact, {"reason": PURPOSE["purpose"]}).content.decode()
    place = driver.get(admin_page("aidrequest_change", match.line.aid_request_id)).content.decode()
    assert f"{POZNIAKY.y:.5f}" in place
    shown = reporter.get(page).content.decode()
    assert button not in shown
    assert admin_page("match_verb", match.pk, "withdraw-release") in shown


def test_second_click_is_told_that_it_was_done(match: Match, ngo_actor: Actor, now: datetime) -> None:
    release_match(match=match, actor=SYSTEM, now=now)
    answer = signed_in(ngo_actor).post(admin_page("match_verb", match.pk, "release"), follow=True)
    assert "were released to this provider already" in answer.content.decode()
