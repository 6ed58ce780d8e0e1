"""Fields that not everybody may read: shown row by row, as far as the row's disclosure goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin

from coordination.access.disclosure import is_disclosed, is_open
from coordination.web.admin.codes import InWords


class AsDisclosed(InWords):
    """Shows each field that takes more than coarse disclosure by a column that hides it: `area` as `area_as_disclosed`.

    Such a column has no order of its own: the order would tell what the column hides.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.hidden_fields = [field for field in self.model._meta.concrete_fields if not self.is_open(field.name)]  # type: ignore[attr-defined] # of an admin class
        for field in self.hidden_fields:
            setattr(self, f"{field.name}_as_disclosed", self._column(field))

    def is_open(self, name: Any) -> bool:
        """Tell whether everybody who sees a row may read this of it."""
        return is_open(self.model, name)  # type: ignore[attr-defined] # of an admin class

    def shows(self, row: Any, name: Any) -> bool:
        """Tell whether this row's viewer may read this of it."""
        return is_disclosed(row, name)

    def as_disclosed(self, names: Iterable[Any]) -> list[Any]:
        """Give the names under which fields are shown in rows of any disclosure."""
        hidden = {field.name for field in self.hidden_fields}
        return [f"{name}_as_disclosed" if name in hidden else self.in_words(name) for name in names]

    def _column(self, field: Any) -> Callable[[Any], Any]:
        in_words = getattr(self, self.in_words(field.name), None)

        @admin.display(description=field.verbose_name)
        def column(row: Any) -> Any:
            if not self.shows(row, field.name):
                return None
            if in_words:
                return in_words(row)
            return getattr(row, f"get_{field.name}_display")() if field.choices else getattr(row, field.name)

        return column
