"""Attacks through the admin: what its pages, filters, searches and addresses must not tell or do."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from aid.actions.decline_match import decline_match
from aid.models import AidRequest, Match, Resource
from coordination.access.actors import SYSTEM, Actor
from coordination.access.models import Membership, Organisation, User
from incidents.models import ImpactSite, Incident
from tests.doors.test_admin import page, signed_in
from tests.factories import aid, incidents
from tests.factories.access import organisation
from tests.factories.places import darnytskyi

pytestmark = pytest.mark.django_db

AROUND = "POLYGON((30.0 50.0, 31.0 50.0, 31.0 51.0, 30.0 51.0, 30.0 50.0))"
ELSEWHERE = "POLYGON((24.0 48.0, 24.1 48.0, 24.1 48.1, 24.0 48.1, 24.0 48.0))"


@pytest.fixture
def match(ngo: Organisation, provider: Organisation, ngo_actor: Actor, now: datetime) -> Match:
    """Give a proposal to the provider for a need in an incident that he knows nothing of."""
    hidden = incidents.incident(organisation("State Emergency Service"), now=now)
    line = aid.line(ngo, now=now, incident=hidden, client_ref="case-12", channel="hotline")
    offered = aid.resource(provider, now=now, name="Depot at Sribnokilska 3")
    return aid.proposal(line, offered, now=now)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ({"location__coveredby": AROUND}, {"location__coveredby": ELSEWHERE}),
        ({"location__bboverlaps": AROUND}, {"location__bboverlaps": ELSEWHERE}),
        ({"client_ref__startswith": "case"}, {"client_ref__startswith": "b"}),
        ({"channel": "hotline"}, {"channel": "other"}),
        ({"created_at__gte": "2020-01-01"}, {"created_at__lt": "2020-01-01"}),
        ({"incident__isnull": "0"}, {"incident__isnull": "1"}),
        ({"contact__isnull": "1"}, {"contact__isnull": "0"}),
        ({"q": "case-12"}, {"q": "case-13"}),
    ],
    ids=lambda query: next(iter(query)),
)
def test_list_of_needs_answers_no_question_about_what_it_hides(
    right: dict[str, str], wrong: dict[str, str], match: Match, provider_actor: Actor
) -> None:
    client = signed_in(provider_actor)
    assert match.line.aid_request.ref in client.get(page(AidRequest, "changelist")).content.decode()
    answers = [client.get(page(AidRequest, "changelist"), query) for query in (right, wrong)]
    assert len({answer.status_code for answer in answers}) == 1
    shown = [match.line.aid_request.ref in answer.content.decode() for answer in answers]
    assert shown[0] == shown[1]


def test_filter_by_a_hidden_row_finds_nothing(
    ngo: Organisation, match: Match, provider_actor: Actor, cell_actor: Actor, now: datetime
) -> None:
    # Enough to choose from that there is a filter at all.
    for _each in range(2):
        incidents.public_incident(ngo, now=now)
    aid_request = match.line.aid_request
    query = {"incident__id__exact": str(aid_request.incident_id)}
    assert aid_request.ref in signed_in(cell_actor).get(page(AidRequest, "changelist"), query).content.decode()
    answer = signed_in(provider_actor).get(page(AidRequest, "changelist"), query)
    assert aid_request.ref not in answer.content.decode()


def test_page_of_an_impact_site_tells_members_neither_reporter_nor_area(
    ngo: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    fine = darnytskyi()
    site = incidents.impact_site(incidents.confirmed_incident(ngo, now=now), ngo, now=now)
    assert site.area == fine
    for model, key in ((ImpactSite, site.pk), (Incident, site.incident_id)):
        assert fine.name_en in signed_in(ngo_actor).get(page(model, "change", key)).content.decode()
    coarse = signed_in(provider_actor).get(page(ImpactSite, "change", site.pk)).content.decode()
    assert site.public_cell in coarse
    assert ngo.name not in coarse
    assert fine.name_en not in coarse


def test_name_of_an_offer_is_not_told_to_who_asks(match: Match, ngo_actor: Actor, provider_actor: Actor) -> None:
    name = match.resource.name
    assert name in signed_in(provider_actor).get(page(Resource, "changelist")).content.decode()
    client = signed_in(ngo_actor)
    pages = [page(Match, "changelist"), page(Resource, "changelist")]
    pages += [page(Match, "change", match.pk), page(Resource, "change", match.resource_id)]
    pages += [page(Match, "history", match.pk), page(Resource, "history", match.resource_id)]
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert name not in answer.content.decode(), address


def test_history_tells_a_provider_neither_who_asked_nor_when(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    aid.item()
    form = {
        "reported_by": str(ngo.pk), "urgency": "2", "channel": "hotline", "consent": "given", "people": "3",
        "vulnerable_people": "0", "members": "[]", "lat": "50.4", "lon": "30.6",
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0",
        "lines-0-item": str(aid.item().pk), "lines-0-quantity": "45",
    }  # fmt: skip
    answer = signed_in(ngo_actor).post(page(AidRequest, "add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    filed = AidRequest.objects.get()
    proposed = aid.proposal(filed.lines.get(), aid.resource(provider, now=now), now=now)
    assert ngo.name in signed_in(ngo_actor).get(page(AidRequest, "history", filed.pk)).content.decode()
    for address in (page(AidRequest, "history", filed.pk), page(AidRequest, "change", filed.pk)):
        shown = signed_in(provider_actor).get(address).content.decode()
        assert filed.ref in shown
        assert ngo.name not in shown
        assert f"{filed.created_at:%H:%M}" not in shown
    signed_in(ngo_actor).post(page(Match, "verb", proposed.pk, "cancel"), {"reason": "found elsewhere"})
    shown = signed_in(provider_actor).get(page(Match, "history", proposed.pk)).content.decode()
    assert "cancelled" in shown
    assert ngo.name not in shown


@pytest.mark.parametrize("verb", ["accept", "decline", "cancel"])
def test_verb_that_comes_too_late_is_refused_to_either_party(
    verb: str, match: Match, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    decline_match(match=match, actor=SYSTEM, now=now)
    for actor in (ngo_actor, provider_actor):
        client = signed_in(actor)
        assert client.get(page(Match, "change", match.pk)).status_code == 200
        answer = client.post(page(Match, "verb", match.pk, verb), {"reason": "too late"})
        assert answer.status_code in {302, 403}
    match.refresh_from_db()
    assert match.status == "declined"


def test_need_without_a_contact_says_so(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    filed = aid.aid_request(ngo, now=now)
    answer = signed_in(ngo_actor).post(reverse("admin:aid_aidrequest_contact", args=[filed.pk]), {"reason": "to call"})
    assert answer.status_code == 200
    assert "Nobody left a contact" in answer.content.decode()


@pytest.mark.parametrize(
    "query", [{"term": "\0"}, {"term": "x", "page": "0"}, {"field_name": "\0"}, {"model_name": ""}]
)
def test_autocomplete_outlives_strange_questions(query: dict[str, str], ngo_actor: Actor) -> None:
    asked = {"app_label": "aid", "model_name": "aidrequest", "field_name": "incident", **query}
    assert signed_in(ngo_actor).get(reverse("admin:autocomplete"), asked).status_code in {200, 400, 403, 404}


@pytest.mark.parametrize(
    "query",
    [
        {"q": "\0"}, {"o": "99"}, {"o": "-1.x"}, {"p": "9" * 5000}, {"all": "1"}, {"_to_field": "contact"},
        {"_to_field": "ref"}, {"_popup": "1"}, {"status__exact": "\0"}, {"urgency__exact": "9" * 5000},
        {"incident__id__exact": "x"}, {"incident__id__exact": "\0"}, {"_facets": "True"}, {"e": "1"},
    ],
    ids=lambda query: "-".join([*query, *query.values()])[:40].replace("\0", "nul"),
)  # fmt: skip
def test_list_outlives_strange_questions(query: dict[str, str], ngo_actor: Actor) -> None:
    assert signed_in(ngo_actor).get(page(AidRequest, "changelist"), query).status_code in {200, 302, 400}


def test_others_are_not_spoken_for_by_a_form(ngo: Organisation, provider: Organisation, ngo_actor: Actor) -> None:
    form = {
        "provider": str(provider.pk), "item": str(aid.item().pk), "total": "10", "service_radius_m": "5000",
        "lat": "50.4", "lon": "30.6",
    }  # fmt: skip
    answer = signed_in(ngo_actor).post(page(Resource, "add"), form)
    assert answer.status_code == 200
    assert not Resource.objects.exists()


def test_role_that_ended_closes_the_admin_at_once(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    client: Client = signed_in(ngo_actor)
    assert client.get(page(AidRequest, "changelist")).status_code == 200
    Membership.objects.filter(organisation=ngo).update(until=now)
    for address in (page(AidRequest, "changelist"), reverse("admin:autocomplete"), page(Resource, "add")):
        assert client.get(address).status_code == 302


def test_verb_is_not_done_by_reading_its_address(match: Match, provider_actor: Actor) -> None:
    signed_in(provider_actor).get(page(Match, "verb", match.pk, "accept"))
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(pk=provider_actor.user_id))
    assert browser.post(page(Match, "verb", match.pk, "accept")).status_code == 403
    match.refresh_from_db()
    assert match.status == "proposed"
