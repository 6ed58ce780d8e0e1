"""What holds for every row and every verb."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.apps import apps

from coordination.access.actors import PUBLIC, SYSTEM
from coordination.access.models import Organisation
from coordination.records.actions import action
from coordination.records.actors import Actor
from coordination.records.errors import ConstraintViolated
from coordination.records.models import BaseModel
from coordination.records.refs import ALPHABET, new_ref
from coordination.records.visibility import VisibleQuerySet
from tests.factories.access import organisation

OURS = [model for model in apps.get_models() if issubclass(model, BaseModel)]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_model_says_who_sees_it_and_guards_its_related_lookups(model: Any, db: None) -> None:
    assert isinstance(model._base_manager.all(), VisibleQuerySet)
    assert list(model._base_manager.all().visible_to(PUBLIC)) == []
    assert list(model._base_manager.all().visible_to(SYSTEM)) == []


def test_a_queryset_that_does_not_say_who_sees_it_shows_nothing() -> None:
    class Silent(VisibleQuerySet[Organisation]):
        pass

    with pytest.raises(NotImplementedError, match="Organisation"):
        Silent(Organisation).visible_to(PUBLIC)


@pytest.mark.django_db
def test_a_change_moves_updated_at_even_in_bulk(ngo: Organisation) -> None:
    before = ngo.updated_at
    Organisation.objects.update(is_vetted=False)
    ngo.refresh_from_db()
    assert ngo.updated_at > before


@pytest.mark.django_db
def test_every_constraint_of_ours_has_a_sentence_of_its_own() -> None:
    sentences = {
        constraint.name: constraint.violation_error_message for model in OURS for constraint in model._meta.constraints
    }
    default = "Constraint “%(name)s” is violated."
    assert [name for name, sentence in sentences.items() if str(sentence) == default] == []


def test_refs_are_read_out_without_mistakes() -> None:
    refs = {new_ref("REQ") for _ in range(1_000)}
    assert len(refs) == 1_000
    assert all(ref.startswith("REQ-") and len(ref) == 12 and set(ref[4:]) <= set(ALPHABET) for ref in refs)


@action
def _rename(*, row: Organisation, name: str, actor: Actor, now: datetime) -> None:
    row.name = name
    row.save()


@action
def _delegate(*, row: Organisation, to: Actor, actor: Actor, now: datetime) -> None:
    _rename(row=row, name="Renamed", actor=to, now=now)


@pytest.mark.django_db
def test_the_history_names_the_author_and_whom_they_act_for(ngo: Any, ngo_actor: Actor, now: datetime) -> None:
    _rename(row=ngo, name="Warmer Hands", actor=ngo_actor, now=now)
    newest = ngo.history.order_by("pgh_id").last()
    assert (newest.name, newest.pgh_context) == (
        "Warmer Hands",
        {"actor": str(ngo_actor.user_id), "on_behalf_of": str(ngo.pk)},
    )


@pytest.mark.django_db
def test_an_action_inside_another_has_the_same_author(ngo: Organisation, ngo_actor: Actor, now: datetime) -> None:
    _delegate(row=ngo, to=ngo_actor, actor=ngo_actor, now=now)
    with pytest.raises(RuntimeError, match="same actor"):
        _delegate(row=ngo, to=SYSTEM, actor=ngo_actor, now=now)


@pytest.mark.django_db
def test_a_rule_of_the_database_comes_out_as_its_sentence_without_the_row(
    ngo: Organisation, ngo_actor: Actor, now: datetime
) -> None:
    other = organisation("Left Bank Kitchen")
    with pytest.raises(ConstraintViolated, match="An organisation of this name exists already") as refusal:
        _rename(row=other, name=ngo.name, actor=ngo_actor, now=now)
    assert refusal.value.code == "organisation_name_unique"
    assert refusal.value.__context__ is None
