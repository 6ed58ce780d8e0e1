"""The memory of rows: one history row for every insert, update and delete, written by the database itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.apps import apps
from django.contrib.gis.db.models import GeometryField
from django.db import models

M = TypeVar("M", bound=type[models.Model])


def tracked(*, without: Sequence[str] = ()) -> Callable[[M], M]:
    """Keep the history of a model, reachable from a row as `history`.

    Fields named in `without` are left out: what is sealed or secret has one home only.
    Geometry is kept without the index that nobody would search by.
    """

    def remember(model: M) -> M:
        geometry = {
            field.name: _unindexed(field)
            for field in model._meta.local_fields
            if isinstance(field, GeometryField) and field.name not in without
        }
        track = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=list(without),
            level=pgtrigger.Statement,
            obj_field=pghistory.ObjForeignKey(related_name="history", db_index=True),
            attrs=geometry,
        )
        track(model)
        return model

    return remember


def tracked_links(model: type[models.Model], field: str) -> Callable[[type], type[models.Model]]:
    """Keep the history of a many-to-many relation of a model: which links came and went, when and by whom."""

    def remember(named: type) -> type[models.Model]:
        through = model._meta.get_field(field).remote_field.through  # type: ignore[union-attr] # of a many-to-many field
        meta = type("Meta", (), {"proxy": True})
        attributes = {"__module__": named.__module__, "__doc__": named.__doc__, "Meta": meta}
        links = type(named.__name__, (through,), attributes)
        track = pghistory.track(
            pghistory.InsertEvent(), pghistory.DeleteEvent(), level=pgtrigger.Statement, obj_field=None
        )
        track(links)
        return links

    return remember


def links_history(through: type[models.Model]) -> models.QuerySet[Any] | None:
    """Give the history of the links of a many-to-many relation, or nothing where none is kept."""
    for model in apps.get_models():
        tracked_model = getattr(model, "pgh_tracked_model", None)
        if tracked_model is not None and tracked_model._meta.concrete_model is through:
            return model._default_manager.all()
    return None


def _unindexed(field: GeometryField[Any, Any]) -> GeometryField[Any, Any]:
    _name, _path, arguments, options = field.deconstruct()
    return type(field)(*arguments, **{**options, "spatial_index": False})
