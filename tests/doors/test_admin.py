"""The admin as volunteers use it: what they see, what they can do, what they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from aid.actions.accept_match import accept_match
from aid.actions.plan_delivery import plan_delivery
from aid.models import AidRequest, Contact, Delivery, Match, Resource, Shelter
from coordination.access.actors import SYSTEM, Actor
from coordination.access.enums import Role
from coordination.access.models import AccessRecord, Organisation, User
from coordination.outbox.models import Event
from incidents.models import AffectedBuilding, DamageAssessment, ImpactSite, Incident, Outage
from tests.factories import aid as aid_factories
from tests.factories import incidents as incident_factories
from tests.factories.access import member, organisation, user

pytestmark = pytest.mark.django_db

REGISTERED = sorted(
    (model for model in admin.site._registry if model._meta.app_label not in {"auth", "pghistory"}),
    key=lambda model: model._meta.label,
)


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page(model: Any, name: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_list_and_form_opens_for_the_cell(model: Any, cell: Organisation) -> None:
    client = signed_in(member(cell, Role.ADMINISTRATOR))
    assert client.get(page(model, "changelist")).status_code == 200
    assert client.get(page(model, "changelist"), {"q": "ґ'\""}).status_code == 200
    assert client.get(page(model, "add")).status_code in {200, 403}


def test_people_without_a_role_are_sent_to_sign_in(db: None) -> None:
    client = Client()
    client.force_login(user("nobody"))
    assert client.get(reverse("admin:index")).status_code == 302


def test_rows_of_others_are_absent_in_lists_and_pages(
    ngo: Organisation, provider_actor: Actor, ngo_actor: Actor, now: datetime
) -> None:
    hidden = incident_factories.incident(ngo, now=now, title="Not yet for others")
    assert hidden.title in signed_in(ngo_actor).get(page(Incident, "changelist")).content.decode()
    outsider = signed_in(provider_actor)
    assert hidden.title not in outsider.get(page(Incident, "changelist")).content.decode()
    answer = outsider.get(page(Incident, "change", hidden.pk), follow=True)
    assert hidden.title not in answer.content.decode()
    assert outsider.post(page(Incident, "verb", hidden.pk, "close")).status_code == 404


def _matched(ngo: Organisation, provider: Organisation, now: datetime) -> None:
    """Add a row of each kind that the lists below show: a need, what serves it, and the journey."""
    struck = incident_factories.incident(ngo, now=now)
    incident_factories.impact_site(struck, ngo, now=now)
    house = incident_factories.building(struck, ngo, now=now)
    incident_factories.assessment(house, ngo, now=now)
    incident_factories.outage(ngo, now=now, incident=struck)
    aid_factories.shelter(provider, now=now)
    wanted = aid_factories.line(ngo, now=now)
    promised = aid_factories.proposal(wanted, aid_factories.resource(provider, now=now), now=now)
    accept_match(match=promised, actor=SYSTEM, now=now)
    plan_delivery(matches=[promised], actor=SYSTEM, now=now)


@pytest.mark.parametrize(
    ("model", "statements"),
    [
        (Incident, 6),
        (ImpactSite, 8),
        (AffectedBuilding, 8),
        (DamageAssessment, 7),
        (Outage, 7),
        (AidRequest, 8),
        (Resource, 9),
        (Shelter, 8),
        (Match, 11),
        (Delivery, 7),
        (Event, 6),
    ],
    ids=lambda value: value._meta.label if hasattr(value, "_meta") else "",
)
def test_a_list_costs_the_same_for_one_row_and_for_three(
    model: Any,
    statements: int,
    ngo: Organisation,
    provider: Organisation,
    cell_actor: Actor,
    now: datetime,
    django_assert_num_queries: Any,
) -> None:
    client = signed_in(cell_actor)
    _matched(ngo, provider, now)
    with django_assert_num_queries(statements):
        client.get(page(model, "changelist"))
    for _time in range(2):
        _matched(ngo, provider, now)
    with django_assert_num_queries(statements):
        client.get(page(model, "changelist"))


FORM = {
    "title": "Debris on a roof in Podil",
    "hazard": "debris_fall",
    "severity": "moderate",
    "urgency": "immediate",
    "certainty": "observed",
    "occurred_at_0": "2026-11-20",
    "occurred_at_1": "03:10:00",
    "lat": "50.465",
    "lon": "30.515",
    "impact_sites-TOTAL_FORMS": "0",
    "impact_sites-INITIAL_FORMS": "0",
    "casualty_reports-TOTAL_FORMS": "0",
    "casualty_reports-INITIAL_FORMS": "0",
}


def test_a_report_by_form_is_the_action_with_its_author_in_the_history(ngo: Organisation, ngo_actor: Actor) -> None:
    answer = signed_in(ngo_actor).post(page(Incident, "add"), {**FORM, "reported_by": str(ngo.pk)})
    assert answer.status_code == 302
    reported: Any = Incident.objects.get()
    assert (reported.title, reported.reported_by, round(reported.location.x, 3)) == (FORM["title"], ngo, 30.515)
    assert reported.history.first().pgh_context["actor"] == str(ngo_actor.user_id)
    assert LogEntry.objects.get().object_id == str(reported.pk)


def test_people_write_and_read_the_time_of_their_own_clocks(ngo: Organisation, ngo_actor: Actor) -> None:
    client = signed_in(ngo_actor)
    client.post(page(Incident, "add"), {**FORM, "reported_by": str(ngo.pk)})
    reported = Incident.objects.get()
    assert reported.occurred_at == datetime.fromisoformat("2026-11-20T01:10:00Z")
    assert "3:10 a.m." in client.get(page(Incident, "change", reported.pk)).content.decode()
    told = client.get(f"/api/v1/incidents/{reported.ref}").json()
    assert told["occurred_at"] == "2026-11-20T01:10:00Z"


@pytest.mark.parametrize(
    ("lat", "lon", "says"),
    [
        ("30.515", "50.465", "swapped"),
        ("1e308", "30.5", "lat"),
        ("", "30.5", "Give both latitude and longitude."),
    ],
)
def test_a_wrong_place_is_named_and_what_was_typed_is_kept(
    ngo: Organisation, ngo_actor: Actor, lat: str, lon: str, says: str
) -> None:
    wrong = {**FORM, "reported_by": str(ngo.pk), "lat": lat, "lon": lon}
    answer = signed_in(ngo_actor).post(page(Incident, "add"), wrong)
    assert answer.status_code == 200
    assert says in answer.content.decode().split('class="errorlist"')[1]
    assert FORM["title"] in answer.content.decode()
    assert not Incident.objects.exists()


def test_a_refusal_of_the_action_is_shown_in_the_form(provider: Organisation, ngo_actor: Actor) -> None:
    answer = signed_in(ngo_actor).post(page(Incident, "add"), {**FORM, "reported_by": str(provider.pk)})
    assert answer.status_code == 200
    assert not Incident.objects.exists()


def test_a_verb_is_a_button_for_whom_the_policy_allows(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    reported = incident_factories.incident(ngo, now=now)
    address = page(Incident, "verb", reported.pk, "verify")
    reporter = signed_in(member(ngo))
    assert address not in reporter.get(page(Incident, "change", reported.pk)).content.decode()
    assert reporter.post(address).status_code == 403
    volunteer = signed_in(cell_actor)
    assert address in volunteer.get(page(Incident, "change", reported.pk)).content.decode()
    assert volunteer.post(address).status_code == 302
    reported.refresh_from_db()
    assert reported.verification == "verified"


def test_a_verb_that_needs_a_reason_asks_for_it(ngo: Organisation, cell_actor: Actor, now: datetime) -> None:
    reported = incident_factories.incident(ngo, now=now)
    client = signed_in(cell_actor)
    address = page(Incident, "verb", reported.pk, "dismiss")
    assert client.post(address, {"reason": ""}).status_code == 200
    assert client.post(address, {"reason": "A fireworks shop"}).status_code == 302
    reported.refresh_from_db()
    assert (reported.status, reported.dismissal_reason) == ("dismissed", "A fireworks shop")


def test_the_pages_speak_the_language_of_the_person(cell: Organisation) -> None:
    person = member(cell, username="oksana")
    User.objects.filter(pk=person.user_id).update(language="uk")
    answer = signed_in(person).get(reverse("admin:index"))
    assert 'lang="uk"' in answer.content.decode()


def test_a_person_may_choose_another_language(cell: Organisation) -> None:
    client = signed_in(member(cell, username="oksana"))
    client.post("/i18n/setlang/", {"language": "uk", "next": "/admin/"})
    assert 'lang="uk"' in client.get(reverse("admin:index")).content.decode()


def test_a_need_is_filed_with_its_lines_and_its_contact_sealed(ngo: Organisation, ngo_actor: Actor) -> None:
    water = aid_factories.item()
    form = {
        "reported_by": str(ngo.pk),
        "urgency": "2",
        "channel": "hotline",
        "consent": "given",
        "people": "3",
        "vulnerable_people": "0",
        "lat": "50.398",
        "lon": "30.634",
        "contact_name": "Nameless Family",
        "contact_phone": "+380 00 000 00 00",
        "lines-TOTAL_FORMS": "2",
        "lines-INITIAL_FORMS": "0",
        "lines-0-item": str(water.pk),
        "lines-0-quantity": "45",
        "lines-0-conditions": ["step_free"],
        "vulnerabilities": ["infant"],
        "lines-1-item": "",
        "lines-1-quantity": "",
    }
    client = signed_in(ngo_actor)
    answer = client.post(page(AidRequest, "add"), form)
    assert answer.status_code == 302, answer.content.decode().split("errorlist")[1][:300]
    filed = AidRequest.objects.get()
    assert [(line.item, line.quantity, line.conditions) for line in filed.lines.all()] == [(water, 45, ["step_free"])]
    shown = client.get(page(AidRequest, "change", filed.pk)).content.decode()
    assert "Nameless" not in shown
    assert "step-free access" in shown
    address = page(AidRequest, "contact", filed.pk)
    assert "Nameless" not in client.get(address).content.decode()
    assert "Nameless" in client.post(address, {"reason": "calling back"}).content.decode()
    record = AccessRecord.objects.get()
    assert (record.user_id, record.purpose, record.subject_ids) == (
        ngo_actor.user_id,
        "calling back",
        [filed.contact.pk],
    )


def test_a_need_without_lines_is_refused_and_nothing_typed_is_lost(ngo: Organisation, ngo_actor: Actor) -> None:
    form = {
        "reported_by": str(ngo.pk),
        "urgency": "2",
        "channel": "hotline",
        "consent": "given",
        "people": "3",
        "vulnerable_people": "0",
        "lat": "50.398",
        "lon": "30.634",
        "contact_name": "Nameless Family",
        "lines-TOTAL_FORMS": "0",
        "lines-INITIAL_FORMS": "0",
    }
    answer = signed_in(ngo_actor).post(page(AidRequest, "add"), form)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert "Nameless Family" in answer.content.decode()
    assert not AidRequest.objects.exists()


def test_a_provider_sees_the_proposal_but_not_the_place_and_accepts_it(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    offered = aid_factories.resource(provider, now=now)
    wanted = aid_factories.line(ngo, now=now)
    proposed = aid_factories.proposal(wanted, offered, now=now)
    client = signed_in(provider_actor)
    shown = client.get(page(Match, "change", proposed.pk)).content.decode()
    assert page(Match, "verb", proposed.pk, "accept") in shown
    assert "At most" in shown
    assert str(round(proposed.distance_m)) not in shown
    request_page = client.get(page(AidRequest, "change", wanted.aid_request.pk)).content.decode()
    assert wanted.aid_request.public_cell in request_page
    assert f"{wanted.aid_request.location.y:.3f}" not in request_page
    assert ngo.name not in request_page
    assert client.post(page(Match, "verb", proposed.pk, "accept")).status_code == 302
    proposed.refresh_from_db()
    assert proposed.status == "accepted"


def test_the_shelter_desk_notes_what_works_now(
    provider: Organisation, provider_actor: Actor, ngo_actor: Actor, now: datetime
) -> None:
    shelter = aid_factories.shelter(provider, now=now, is_public=True)
    form = {
        "name": shelter.name,
        "amenities": ["heat", "water"],
        "backup_power_h": "12",
        "is_step_free": "true",
        "accepts_pets": "unknown",
        "is_public": "on",
    }
    assert signed_in(provider_actor).post(page(Shelter, "change", shelter.pk), form).status_code == 302
    assert signed_in(ngo_actor).post(page(Shelter, "change", shelter.pk), {**form, "name": "Ours"}).status_code == 403
    shelter.refresh_from_db()
    assert (shelter.name, shelter.amenities, shelter.backup_power_h) == ("School 20, Podil", ["heat", "water"], 12)
    assert (shelter.is_step_free, shelter.accepts_pets, shelter.kind) == (True, None, "collective_centre")
    assert aid_factories.places_of(shelter).conditions == ["step_free", "heated"]


def test_accepted_matches_go_on_one_journey(
    ngo: Organisation, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    offered = aid_factories.resource(provider, now=now)
    proposals = [aid_factories.proposal(aid_factories.line(ngo, now=now), offered, now=now) for _ in range(2)]
    client = signed_in(provider_actor)
    for each in proposals:
        client.post(page(Match, "verb", each.pk, "accept"))
    chosen = {"action": "plan_delivery", "_selected_action": [str(each.pk) for each in proposals]}
    assert client.post(page(Match, "changelist"), chosen).status_code == 302
    journey = Delivery.objects.get()
    for verb in ("dispatch", "confirm"):
        assert client.post(page(Delivery, "verb", journey.pk, verb)).status_code == 302
    journey.refresh_from_db()
    assert (journey.status, {each.status for each in journey.matches.all()}) == ("delivered", {"fulfilled"})


def test_the_history_tells_who_did_what_and_hides_what_is_hidden(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    offered = aid_factories.resource(provider, now=now)
    wanted = aid_factories.line(ngo, now=now)
    proposed = aid_factories.proposal(wanted, offered, now=now)
    provider_client = signed_in(provider_actor)
    provider_client.post(page(Match, "verb", proposed.pk, "accept"))
    shown = provider_client.get(page(Match, "history", proposed.pk)).content.decode()
    assert "status: accepted" in shown
    assert f"{User.objects.get(pk=provider_actor.user_id)} · {provider}" in shown
    seen_by_the_other = signed_in(ngo_actor).get(page(Match, "history", proposed.pk)).content.decode()
    assert "status: accepted" in seen_by_the_other
    assert str(User.objects.get(pk=provider_actor.user_id)) not in seen_by_the_other
    request_history = provider_client.get(page(AidRequest, "history", wanted.aid_request.pk)).content.decode()
    assert "Nothing has been recorded." in request_history
    assert "location" in signed_in(ngo_actor).get(page(AidRequest, "history", wanted.aid_request.pk)).content.decode()
    assert signed_in(member(organisation("Somebody else"))).get(page(Match, "history", proposed.pk)).status_code == 404


def test_a_request_is_corrected_by_its_owners_with_its_lines(
    ngo: Organisation, ngo_actor: Actor, provider: Organisation, provider_actor: Actor, now: datetime
) -> None:
    line = aid_factories.line(ngo, now=now, members=[{"age": 71, "sex": "f"}])
    meals = aid_factories.item("hot_meal")
    aid_factories.proposal(line, aid_factories.resource(provider, now=now), now=now)
    address = page(AidRequest, "change", line.aid_request.pk)
    client = signed_in(ngo_actor)
    form = {
        name: value
        for name, value in client.get(address).context["adminform"].form.initial.items()
        if name in {"urgency", "channel", "consent", "people", "vulnerable_people"}
    } | {
        "members": '[{"age": 71, "sex": "f", "disability": false}]',
        "people": "5",
        "lines-TOTAL_FORMS": "2",
        "lines-INITIAL_FORMS": "1",
        "lines-0-id": str(line.pk),
        "lines-0-aid_request": str(line.aid_request.pk),
        "lines-0-item": str(line.item_id),
        "lines-0-quantity": "75",
        "lines-1-aid_request": str(line.aid_request.pk),
        "lines-1-item": str(meals.pk),
        "lines-1-quantity": "5",
    }
    answer = client.post(address, form)
    assert answer.status_code == 302, answer.content.decode()
    changed = AidRequest.objects.get()
    assert (changed.people, changed.urgency, changed.vulnerable_people) == (5, 2, 1)
    assert list(changed.lines.order_by("item__code").values_list("item__code", "quantity")) == [
        ("drinking_water", 75),
        ("hot_meal", 5),
    ]
    assert signed_in(provider_actor).post(address, form).status_code in {302, 403}
    taken_out = {**form, "lines-INITIAL_FORMS": "2", "lines-1-id": str(changed.lines.get(item=meals).pk)}
    assert client.post(address, {**taken_out, "lines-1-DELETE": "on"}).status_code == 302
    assert changed.lines.get().quantity == 75


def test_place_and_contact_of_a_request_are_corrected_by_buttons(
    ngo: Organisation, ngo_actor: Actor, provider_actor: Actor, now: datetime
) -> None:
    filed = aid_factories.aid_request(ngo, now=now)
    client = signed_in(ngo_actor)
    contact = page(AidRequest, "verb", filed.pk, "change-contact")
    assert "replaces the whole contact" in client.get(contact).content.decode()
    assert client.post(contact, {"contact_name": "Олена", "contact_phone": "+380441234567"}).status_code == 302
    stored = Contact.objects.get()
    assert (stored.name, stored.phone, stored.address) == ("Олена", "+380441234567", "")
    move = page(AidRequest, "verb", filed.pk, "move")
    assert "swapped" in client.post(move, {"lat": "30.516", "lon": "50.465"}).content.decode()
    assert client.post(move, {"lat": "50.465", "lon": "30.516"}).status_code == 302
    filed.refresh_from_db()
    assert (round(filed.location.y, 3), round(filed.location.x, 3)) == (50.465, 30.516)
    assert signed_in(provider_actor).post(move, {"lat": "50.465", "lon": "30.516"}).status_code == 404
