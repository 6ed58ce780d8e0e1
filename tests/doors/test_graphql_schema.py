"""The GraphQL contract: what is promised is there, and a change of it shows in review."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from django.conf import settings
from graphql import GraphQLEnumType, GraphQLNonNull, GraphQLObjectType
from strawberry.printer import print_schema
from strawberry.utils.str_converters import to_camel_case

import aid.actions
import incidents.actions
from aid.api import rest as aid_rest
from coordination.access.disclosure import FIELD_LEVELS, is_open, stand_in
from coordination.schema import schema
from coordination.web import directory, sharing
from coordination.web.graphql.nodes import MODELS
from incidents.api import rest as incidents_rest

SNAPSHOT = Path(settings.BASE_DIR) / "tests" / "snapshots" / "schema.graphql"
# For replay by position, not for asking.
ONLY_IN_REST = {"events"}
# Who takes part is decided in the admin, by people; what they share, by programs too.
OF_ACCESS = {"agreeToShare", "endAgreement"}
# What no caller asks for: the scheduler and the relay do it.
ONLY_BY_THE_SYSTEM = {
    "anonymiseDue",
    "auditQuantities",
    "bookPlan",
    "countNeeds",
    "expireMatches",
    "matchWaiting",
    "runFollowUps",
    "startPlannedOutages",
}


def test_schema_is_as_it_was_agreed() -> None:
    assert print_schema(schema) + "\n" == SNAPSHOT.read_text()


def test_every_rest_collection_is_a_list() -> None:
    root = schema._schema.query_type
    assert root is not None
    collections = {
        to_camel_case(prefix.replace("-", "_"))
        for router in (directory.router, sharing.router, incidents_rest.router, aid_rest.router)
        for prefix, _view, _name in router.registry
    }
    assert len(collections) > 15
    assert collections - ONLY_IN_REST - set(root.fields) == set()


def test_every_verb_is_a_mutation() -> None:
    root = schema._schema.mutation_type
    assert root is not None
    verbs = set()
    for package in (aid.actions, incidents.actions):
        for module in pkgutil.iter_modules(package.__path__):
            # A verb's file is named as the verb, which is wrapped by @action; the others hold what several verbs share.
            found = importlib.import_module(f"{package.__name__}.{module.name}")
            if hasattr(getattr(found, module.name, None), "__wrapped__"):
                verbs.add(to_camel_case(module.name))
    assert len(verbs) > 40
    assert verbs - ONLY_BY_THE_SYSTEM | OF_ACCESS == set(root.fields)


def guarded_fields() -> list[tuple[str, str]]:
    """Name every field of which not every viewer of a row reads anything, by its type and name in GraphQL."""
    return [
        (name, to_camel_case(field))
        for name, model in MODELS.items()
        for field in FIELD_LEVELS.get(model._meta.label, {})
        if not is_open(model, field) and not stand_in(model, field)
    ]


@pytest.mark.parametrize(("type_name", "field"), guarded_fields())
def test_field_that_may_be_withheld_is_nullable(type_name: str, field: str) -> None:
    node = schema._schema.type_map[type_name]
    assert isinstance(node, GraphQLObjectType)
    if field in node.fields:
        assert not isinstance(node.fields[field].type, GraphQLNonNull)


def test_relations_are_nullable() -> None:
    wrong = [
        f"{name}.{field}"
        for name in MODELS
        for field, definition in schema._schema.type_map[name].fields.items()  # type: ignore[attr-defined] # every node is an object
        if isinstance(definition.type, GraphQLNonNull) and str(definition.type.of_type) in MODELS
    ]
    assert wrong == []


def test_every_enum_value_is_described() -> None:
    undescribed = [
        f"{name}.{value}"
        for name, enum in schema._schema.type_map.items()
        if isinstance(enum, GraphQLEnumType) and not name.startswith("__")
        for value, definition in enum.values.items()
        if not definition.description
    ]
    assert undescribed == []


def test_sealed_contact_is_no_field_of_any_row() -> None:
    assert "Contact" not in MODELS
    holders = [
        f"{name}.{field}"
        for name in MODELS
        for field in schema._schema.type_map[name].fields  # type: ignore[attr-defined] # every node is an object
        if field in {"contact", "phone", "notes"}
    ]
    assert holders == []
