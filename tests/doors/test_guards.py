"""No door reaches rows but through `visible_to`: read from the doors' own source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

DOORS = ("aid/api", "aid/admin", "incidents/api", "incidents/admin", "coordination/web")
# What the doors themselves remember is no door.
NO_DOOR = {"models.py", "querysets.py"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}
QUESTIONS = {
    "all", "filter", "exclude", "get", "first", "last", "count", "exists", "values", "values_list", "order_by",
    "annotate", "aggregate", "create", "add", "set", "clear", "iterator", "select_related", "prefetch_related",
    "get_queryset", "none", "update", "delete",
}  # fmt: skip


def reverse_names() -> set[str]:
    """Name the accessors by which a row leads to other rows that point at it; its history is the row itself."""
    return {
        relation.get_accessor_name() or ""
        for app in ("access", "areas", "outbox", "web", "webhooks", "incidents", "aid")
        for model in apps.get_app_config(app).get_models()
        for relation in model._meta.related_objects
    } - {"", "history"}


def leaks(source: str, reverse: set[str]) -> Iterator[tuple[int, str]]:
    """Find where a module reaches rows past the guard: line and reason."""
    tree = ast.parse(source)
    guarded = {
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "visible_to"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=attr) if attr in MANAGERS and id(node) not in guarded:
                yield node.lineno, f"{attr} without visible_to"
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in SHORTCUTS:
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(attr=question, value=ast.Attribute(attr=name))):
                if name in reverse and question in QUESTIONS:
                    yield node.lineno, f"{name} is a reverse manager"


def door_modules() -> list[Path]:
    """List the modules of all doors."""
    return sorted(
        path
        for door in DOORS
        for path in (settings.BASE_DIR / door).rglob("*.py")
        if path.name not in NO_DOOR and "migrations" not in path.parts
    )


@pytest.mark.parametrize("path", door_modules(), ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_door_reaches_rows_through_the_guard_alone(path: Path) -> None:
    assert list(leaks(path.read_text(), reverse_names())) == []


@pytest.mark.parametrize(
    "source",
    [
        "Shelter.objects.all()",
        "Shelter.objects",
        "Shelter.objects.filter(pk=1).visible_to(actor)",
        "model._default_manager.get(pk=1)",
        "model._base_manager",
        "get_object_or_404(Shelter, pk=1)",
        "shortcuts.get_object_or_404(Shelter, pk=1)",
        "shelter.stays.all()",
        "aid_request.lines.filter(pk=1)",
    ],
)
def test_source_that_passes_the_guard_by_is_found(source: str) -> None:
    assert list(leaks(source, reverse_names()))


@pytest.mark.parametrize("source", ["Shelter.objects.visible_to(actor).all()", "self.rows.filter(pk=1)"])
def test_source_that_asks_the_guard_is_left_alone(source: str) -> None:
    assert list(leaks(source, reverse_names())) == []
