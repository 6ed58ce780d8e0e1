"""Agreements: who makes them, what may be changed, who ends them, and what is remembered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from coordination.access.actions.agree_to_share import agree_to_share
from coordination.access.actions.change_agreement import change_agreement
from coordination.access.actions.end_agreement import end_agreement
from coordination.access.actors import Actor, actor_for_user
from coordination.access.enums import DataClass, Role
from coordination.access.models import Organisation, SharingAgreement, SharingAgreementAreas, User
from coordination.areas.models import Area
from coordination.outbox.models import Event
from coordination.records.errors import DomainError, NotAllowed
from tests.factories.access import member, organisation

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


@pytest.fixture
def giver(ngo: Organisation) -> Actor:
    return member(ngo, Role.ADMINISTRATOR)


@pytest.fixture
def receiver(provider: Organisation) -> Actor:
    return member(provider, Role.ADMINISTRATOR)


@pytest.fixture
def raion(db: None) -> Area:
    oblast = Area.objects.create(pcode="UA32", level=Area.Level.OBLAST, name_uk="Київська", name_en="Kyivska")
    return Area.objects.create(
        pcode="UA3208", level=Area.Level.RAION, name_uk="Бучанський", name_en="Buchanskyi", parent=oblast
    )


def agreed(ngo: Organisation, provider: Organisation, actor: Actor, now: datetime, **values: Any) -> SharingAgreement:
    told = {"purpose": "winter relief", "until": now + MONTH, "classes": [DataClass.EXACT_PLACE], **values}
    return agree_to_share(giver=ngo, receiver=provider, actor=actor, now=now, **told)


def test_the_givers_administrator_agrees_and_both_hear_of_it(
    ngo: Organisation, provider: Organisation, giver: Actor, raion: Area, now: datetime
) -> None:
    agreement = agreed(ngo, provider, giver, now, areas=[raion], classes=[DataClass.HEALTH, DataClass.IDENTITY])
    assert (agreement.classes, list(agreement.areas.all())) == (["health", "identity"], [raion])
    event = Event.objects.get(type="access.agreement.made.v1")
    assert (event.subject_id, set(event.audience)) == (agreement.pk, {ngo.pk, provider.pk})
    remembered = agreement.history.get()  # type: ignore[attr-defined] # made by tracking
    assert remembered.pgh_context == {"actor": str(giver.user_id), "on_behalf_of": str(ngo.pk)}
    link = SharingAgreementAreas.pgh_event_models["insert"].objects.get()  # type: ignore[attr-defined] # made by tracking
    assert (link.area_id, link.pgh_context["actor"]) == (raion.pk, str(giver.user_id))


def test_only_the_givers_administrators_and_the_cell_give_away(
    ngo: Organisation, provider: Organisation, ngo_actor: Actor, receiver: Actor, cell: Organisation, now: datetime
) -> None:
    operator = actor_for_user(User.objects.create_superuser("operator"))
    for actor in (ngo_actor, receiver, operator):
        with pytest.raises(NotAllowed):
            agreed(ngo, provider, actor, now)
    assert agreed(ngo, provider, member(cell, Role.ADMINISTRATOR), now).pk


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"until": -MONTH}, "end_not_ahead"),
        ({"classes": []}, "nothing_shared"),
        ({"is_coarse_only": True}, "coarse_with_classes"),
        ({"classes": ["everything"]}, "invalid"),
        ({"purpose": "  "}, "invalid"),
    ],
    ids=["past", "nothing", "both", "unknown", "no_purpose"],
)
def test_what_is_not_meant_is_not_agreed(
    ngo: Organisation, provider: Organisation, giver: Actor, now: datetime, values: dict[str, Any], code: str
) -> None:
    if "until" in values:
        values = {"until": now + values["until"]}
    with pytest.raises(DomainError) as refusal:
        agreed(ngo, provider, giver, now, **values)
    assert refusal.value.code == code
    assert not SharingAgreement.objects.exists()


def test_coarse_places_alone_are_agreed_in_words(
    ngo: Organisation, provider: Organisation, giver: Actor, now: datetime
) -> None:
    assert agreed(ngo, provider, giver, now, classes=[], is_coarse_only=True).classes == []


@pytest.mark.parametrize(
    ("party", "code"),
    [
        ({"is_active": False}, "organisation_not_active"),
        ({"is_exercise": True}, "exercise_with_real"),
    ],
    ids=["inactive", "exercise"],
)
def test_nothing_is_shared_with_who_left_or_only_practises(
    ngo: Organisation, giver: Actor, now: datetime, party: dict[str, bool], code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        agreed(ngo, organisation("Other", **party), giver, now)
    assert refusal.value.code == code


def test_nobody_agrees_with_himself(ngo: Organisation, giver: Actor, now: datetime) -> None:
    with pytest.raises(DomainError) as refusal:
        agreed(ngo, ngo, giver, now)
    assert refusal.value.code == "agreement_has_two_parties"


def test_an_agreement_is_narrowed_and_prolonged(
    ngo: Organisation, provider: Organisation, giver: Actor, raion: Area, now: datetime
) -> None:
    agreement = agreed(ngo, provider, giver, now, areas=[raion.parent], classes=list(DataClass))
    change_agreement(
        agreement=agreement,
        areas=[raion],
        classes=[DataClass.HEALTH],
        until=now + 2 * MONTH,
        actor=giver,
        now=now,
    )
    agreement.refresh_from_db()
    assert (agreement.classes, agreement.until, list(agreement.areas.all())) == (["health"], now + 2 * MONTH, [raion])


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"classes": [DataClass.EXACT_PLACE, DataClass.IDENTITY]}, "agreement_widened"),
        ({"classes": []}, "nothing_shared"),
        ({"areas": "parent"}, "agreement_widened"),
        ({"areas": "none"}, "agreement_widened"),
        ({"purpose": "something else"}, "agreement_widened"),
    ],
    ids=["class", "no_class", "area", "everywhere", "purpose"],
)
def test_an_agreement_is_never_widened(
    ngo: Organisation,
    provider: Organisation,
    giver: Actor,
    raion: Area,
    now: datetime,
    values: dict[str, Any],
    code: str,
) -> None:
    agreement = agreed(ngo, provider, giver, now, areas=[raion])
    if "areas" in values:
        values = {"areas": [raion.parent] if values["areas"] == "parent" else []}
    with pytest.raises(DomainError) as refusal:
        change_agreement(agreement=agreement, **values, actor=giver, now=now)
    assert refusal.value.code == code


def test_the_receiver_changes_nothing_but_may_end_it(
    ngo: Organisation, provider: Organisation, giver: Actor, receiver: Actor, now: datetime
) -> None:
    agreement = agreed(ngo, provider, giver, now)
    with pytest.raises(NotAllowed):
        change_agreement(agreement=agreement, until=now + 2 * MONTH, actor=receiver, now=now)
    end_agreement(agreement=agreement, actor=receiver, now=now)
    agreement.refresh_from_db()
    assert agreement.until == now
    for again in (
        lambda: end_agreement(agreement=agreement, actor=giver, now=now),
        lambda: change_agreement(agreement=agreement, until=now + MONTH, actor=giver, now=now),
    ):
        with pytest.raises(DomainError) as refusal:
            again()
        assert refusal.value.code == "agreement_ended"


def test_a_coordinator_ends_no_agreement(
    ngo: Organisation, provider: Organisation, giver: Actor, ngo_actor: Actor, now: datetime
) -> None:
    agreement = agreed(ngo, provider, giver, now)
    with pytest.raises(NotAllowed):
        end_agreement(agreement=agreement, actor=ngo_actor, now=now)
