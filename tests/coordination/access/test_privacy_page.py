"""The data officer's page says what the code does."""

from __future__ import annotations

import re

from django.apps import apps
from django.conf import settings

from coordination.access.disclosure import FIELD_LEVELS
from coordination.access.sealed import SealedTextField

PAGE = settings.BASE_DIR / "docs" / "privacy.md"


def fields_on_the_page() -> dict[str, set[str]]:
    """Read the table of every personal field: the fields that it names for each model."""
    _, _, table = PAGE.read_text().partition("## Every personal field")
    table, _, _ = table.partition("\n## ")
    found: dict[str, set[str]] = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 3:
            for model in cells[1].split(", "):
                found.setdefault(model, set()).update(re.findall(r"`(\w+)`", cells[2]))
    return found


def test_every_field_that_is_not_open_stands_on_the_page() -> None:
    on_the_page = fields_on_the_page()
    missing = {
        label: fields
        for label, levels in FIELD_LEVELS.items()
        if (fields := set(levels) - {"updated_at"} - on_the_page.get(label.partition(".")[2], set()))
    }
    assert missing == {}


def test_every_sealed_column_stands_on_the_page() -> None:
    sealed = {
        (model.__name__, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedTextField)
    }
    on_the_page = {(model, field) for model, fields in fields_on_the_page().items() for field in fields}
    assert sealed <= on_the_page


def test_the_page_names_no_field_that_is_gone() -> None:
    models = {model.__name__: model for model in apps.get_models()}
    for name, fields in fields_on_the_page().items():
        if name in models:
            levels = FIELD_LEVELS.get(models[name]._meta.label, {})
            columns = {field.name for field in models[name]._meta.concrete_fields}
            assert fields <= columns | set(levels), name
