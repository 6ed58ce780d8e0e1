"""Lists of codes: asked for by boxes to tick, shown in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.utils.text import capfirst


class InWords:
    """Shows each list of codes of a model as words: the field `conditions` as `conditions_in_words`."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.lists_of_codes = [field for field in self.model._meta.concrete_fields if _has_codes(field)]  # type: ignore[attr-defined] # of an admin class
        for field in self.lists_of_codes:
            setattr(self, f"{field.name}_in_words", _words(field))

    def in_words(self, name: Any) -> Any:
        """Give the name under which a field is shown."""
        return f"{name}_in_words" if name in {field.name for field in self.lists_of_codes} else name

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Ask for codes by boxes, for everything else as usual."""
        return choices_as_boxes(db_field) or super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc] # of an admin class


def _has_codes(db_field: Any) -> bool:
    return isinstance(db_field, ArrayField) and bool(db_field.base_field.choices)


def _words(db_field: Any) -> Callable[[Any], str]:
    @admin.display(description=db_field.verbose_name)
    def words(row: Any) -> str:
        labels = dict(db_field.base_field.flatchoices)
        return ", ".join(str(labels.get(code, code)) for code in getattr(row, db_field.name) or [])

    return words


def choices_as_boxes(db_field: Any) -> forms.MultipleChoiceField | None:
    """Ask for a list of codes by boxes to tick, in words; other fields are not its business."""
    if not _has_codes(db_field):
        return None
    return forms.MultipleChoiceField(
        label=capfirst(db_field.verbose_name),
        choices=db_field.base_field.choices,
        required=not db_field.blank,
        widget=forms.CheckboxSelectMultiple,
    )
