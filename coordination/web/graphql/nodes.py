"""What every object type is made of: an id of its own, fields by disclosure, relations through the guard."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

import strawberry
from django.db.models import Model

from coordination.access.actors import Actor
from coordination.access.disclosure import is_disclosed, readable
from coordination.web.graphql import rows

C = TypeVar("C", bound=type)

MODELS: dict[str, type[Model]] = {}
_TYPE_NAMES: dict[type[Model], str] = {}


def actor_of(info: strawberry.Info) -> Actor:
    """Give the actor that ActorMiddleware found."""
    return cast(Actor, info.context.request.actor)


def global_id(row: Model) -> strawberry.ID:
    """Name a row among all types."""
    plain = f"{_TYPE_NAMES[type(row)]}:{row.pk}"
    return strawberry.ID(base64.urlsafe_b64encode(plain.encode()).decode().rstrip("="))


def key_of(node_id: str, model: type[Model] | None = None) -> tuple[type[Model], UUID] | None:
    """Read an id that `global_id` made, or the bare UUID that REST gives where the model is known; None for others."""
    try:
        if model is not None and len(node_id) == 36:
            return model, UUID(node_id)
        plain = base64.urlsafe_b64decode(node_id + "=" * (-len(node_id) % 4)).decode("ascii")
        name, _colon, key = plain.partition(":")
        named = MODELS.get(name)
        return (named, UUID(key)) if named and model in (None, named) else None
    except (ValueError, binascii.Error):
        return None


@strawberry.interface(description="A row with an id that no other row of any type has.")
class Node:
    @strawberry.field(description="Opaque; the same row has another id in REST, which arguments take too.")
    @staticmethod
    def id(root: strawberry.Parent[Model]) -> strawberry.ID:
        return global_id(root)


def node(model: type[Model], *, later: Sequence[str] = ()) -> Callable[[C], C]:
    """Make a class the GraphQL type of a model; its fields are read as `disclosed` says.

    Columns named in `later` are large and loaded only where they are asked for.
    """

    def decorate(cls: C) -> C:
        MODELS[cls.__name__] = model
        _TYPE_NAMES[model] = cls.__name__
        rows.LATER[model] = tuple(later)
        cls.model = model  # type: ignore[attr-defined] # what lists of this type are made of
        cls.is_type_of = staticmethod(lambda row, _info: isinstance(row, model))  # type: ignore[attr-defined] # strawberry's hook
        description = (cls.__doc__ or "").split("\n\n")[0]
        return cast(C, strawberry.type(cls, description=" ".join(description.split())))

    return decorate


def disclosed(source: Any, name: str) -> Any:
    """Read a field of a row, or nothing where the row does not disclose it to its viewer.

    Only columns and annotations are read: whatever would load something fails instead.
    """
    if not isinstance(source, Model):
        return getattr(source, name)
    read = readable(source, name)
    return source.__dict__[read] if read else None


def choice(name: str) -> Any:
    """Read a column of a code that may be left empty."""

    def resolve(root: Any) -> Any:
        return disclosed(root, name) or None

    return strawberry.field(resolver=_of_parent(resolve))


def to_one(field: str) -> Any:
    """Read the row that a foreign key points to; nothing where the viewer may not see it."""

    def resolve(root: Any) -> Any:
        return rows.one_of(root, field)

    return strawberry.field(resolver=_of_parent(resolve))


def computed(method: str, field: str) -> Any:
    """Read a value that a method of the queryset annotates, loaded only where it is asked for."""

    def resolve(root: Any) -> Any:
        return rows.computed(root, method, field) or None

    return strawberry.field(resolver=_of_parent(resolve))


def later(field: str) -> Any:
    """Read a column that is loaded only where it is asked for."""
    return computed("all", field)


def derived(field: str, read: Callable[[Any], Any]) -> Any:
    """Read a value made of a row's columns, disclosed as `field` is."""

    def resolve(root: Any) -> Any:
        return read(root) if is_disclosed(root, field) else None

    return strawberry.field(resolver=_of_parent(resolve))


def distance() -> Any:
    """Read how far a row is from the `near` of its list, in metres; nothing in lists without one."""

    def resolve(root: Any) -> Any:
        return root.__dict__.get("distance_m")

    return strawberry.field(resolver=_of_parent(resolve), description="Metres from the point that the list is `near`.")


def _of_parent(resolve: Callable[[Any], Any]) -> Callable[[Any], Any]:
    # The annotation of the class says the type; a resolver's own would override it.
    resolve.__annotations__ = {}
    return resolve


@strawberry.type
class NodeQuery:
    """One row of any type."""

    @strawberry.field(description="One row by its id; nothing where the caller may not see it.")
    def node(self, info: strawberry.Info, id: strawberry.ID) -> Node | None:  # noqa: A002 - the argument's public name
        named = key_of(id)
        return rows.found(*named, actor_of(info)) if named else None
