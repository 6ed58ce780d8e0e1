"""The whole of the GraphQL schema, and how the door is asked for rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_object_type,
)
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from coordination.schema import schema
from coordination.web.graphql.nodes import MODELS, key_of
from tests.doors.graphql import Caller
from tests.doors.matrix.parties import Party
from tests.doors.matrix.rest_door import plain, undone
from tests.doors.matrix.verbs import Verb
from tests.doors.matrix.world import World

SCHEMA = schema._schema
# More than the world has of any model; the price of a call grows with the square.
FIRST = 40
NAMED_AT_ONCE = 40
PROBLEM = "... on DomainProblem { code problems { field code } }"
OUTCOMES = {"authentication_required": "unknown", "not_allowed": "refused"}
ABSENT = {"not_found", "does_not_exist"}


def collections() -> dict[str, str]:
    """Name the lists of the schema, each with the label of its model."""
    return {
        name: _label(_row_type(field.type)) for name, field in _fields("Query").items() if _is_connection(field.type)
    }


def labels() -> dict[str, str]:
    """Give the label of the model of each object type that has rows."""
    return {name: model._meta.label for name, model in MODELS.items()}


def rows_for(party: Party, collection: str) -> dict[str, dict[str, Any]]:
    """Ask for all fields of all rows of a list and give them by id, spelled as the models spell them."""
    row_type = _row_type(_fields("Query")[collection].type)
    query = f"{{ {collection}(first: {FIRST}) {{ totalCount nodes {{ {' '.join(_selection(row_type))} }} }} }}"
    (answer,) = Caller(party.token).ask(query).values()
    rows = [_row(node) for node in answer["nodes"]]
    assert answer["totalCount"] == len(rows), f"{collection} counts {answer['totalCount']} rows as {party}"
    return {row["id"]: row for row in rows}


def found(party: Party, ids: list[str]) -> set[str]:
    """Ask for rows by their ids and give those that are there."""
    there = set()
    for start in range(0, len(ids), NAMED_AT_ONCE):
        some = ids[start : start + NAMED_AT_ONCE]
        query = " ".join(f'n{position}: node(id: "{key}") {{ id }}' for position, key in enumerate(some))
        there |= {node["id"] for node in Caller(party.token).ask(f"{{ {query} }}").values() if node}
    return there


def mutations() -> set[str]:
    """Name the mutations of the schema."""
    return set(_fields("Mutation"))


def outcome(party: Party, verb: Verb, world: World, name: str) -> str:
    """Do a verb to a row and say what came of it: `allowed`, `refused`, `absent`, `unknown`, or what else was said."""
    field = _fields("Mutation")[verb.graphql]
    input_type = get_named_type(field.args["input"].type)
    body = {to_camel_case(name): value for name, value in plain(verb.body(world, name)).items()}
    key = str(world.rows[verb.about][name].pk)
    if subject := _subject(verb, input_type):
        body[subject] = [key] if verb.is_list else key
    if "clientMutationId" in input_type.fields:
        body["clientMutationId"] = uuid4().hex
    query = f"mutation ($input: {input_type}!) {{ {verb.graphql}(input: $input) {{ __typename {PROBLEM} }} }}"
    with undone():
        said = Caller(party.token).ask(query, {"input": _as_input(body, input_type)})[verb.graphql]
    if said is None or said["__typename"] != "DomainProblem":
        return "allowed"
    if said["code"] == "invalid":
        return "absent" if {problem["code"] for problem in said["problems"]} <= ABSENT else str(said)
    # Whatever else stands in the way stood in the way of somebody who may.
    return "absent" if said["code"] in ABSENT else OUTCOMES.get(said["code"], "allowed")


def _subject(verb: Verb, input_type: Any) -> str:
    if verb.subject or "{id}" not in verb.rest:
        return verb.subject
    # The verb's own row comes first.
    return str(next(iter(input_type.fields)))


def _as_input(value: Any, type_: Any) -> Any:
    """Write a value as the schema wants it: codes by the names of their enums."""
    of = get_named_type(type_)
    if isinstance(value, list):
        return [_as_input(each, of) for each in value]
    if isinstance(of, GraphQLEnumType):
        return next(name for name, each in of.values.items() if getattr(each.value, "value", each.value) == value)
    if isinstance(of, GraphQLInputObjectType):
        return {name: _as_input(each, of.fields[name].type) for name, each in value.items()}
    return value


def _selection(of: Any) -> Iterator[str]:
    for name, field in of.fields.items():
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            yield name
        elif _is_connection(field.type):
            yield f"{name}(first: {FIRST}) {{ totalCount nodes {{ id }} }}"
        else:
            yield f"{name} {{ {'id' if 'Node' in _interfaces(inner) else ' '.join(_selection(inner))} }}"


def _row(node: dict[str, Any]) -> dict[str, Any]:
    return {to_snake_case(name): _value(name, value) for name, value in node.items()}


def _value(name: str, value: Any) -> Any:
    if name == "id":
        return key(value)
    if isinstance(value, dict) and "nodes" in value:
        assert value["totalCount"] == len(value["nodes"]), f"{name} counts {value['totalCount']} rows"
        return [key(each["id"]) for each in value["nodes"]]
    if isinstance(value, dict) and set(value) == {"id"}:
        return key(value["id"])
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_row(each) for each in value]
    return value


def key(global_id: str) -> str:
    named = key_of(global_id)
    assert named is not None
    return str(named[1])


def _fields(type_name: str) -> dict[str, Any]:
    of = SCHEMA.type_map[type_name]
    assert is_object_type(of)
    return dict(of.fields)


def _is_connection(type_: Any) -> bool:
    return get_named_type(type_).name.endswith("Connection")


def _row_type(connection: Any) -> GraphQLObjectType:
    row_type = get_named_type(get_named_type(connection).fields["nodes"].type)
    assert is_object_type(row_type)
    return row_type


def _interfaces(of: Any) -> set[str]:
    return {interface.name for interface in of.interfaces}


def _label(row_type: GraphQLObjectType) -> str:
    return str(MODELS[row_type.name]._meta.label)
