"""How admin pages reach rows: through the guard only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import ForeignKey, Prefetch, QuerySet
from django.http import HttpRequest

from coordination.access.actors import Actor


def actor_of(http_request: HttpRequest) -> Actor:
    """Give the actor that ActorMiddleware found."""
    return cast("Actor", http_request.actor)  # type: ignore[attr-defined] # set by ActorMiddleware


def guarded_rows(model: Any, actor: Actor) -> QuerySet[Any]:
    """Give the rows of a related model that the actor may see."""
    return cast("QuerySet[Any]", model._default_manager.visible_to(actor))


def guarded_prefetches(model: Any, actor: Actor, only: Sequence[str] | None = None) -> list[Prefetch]:
    """Load each to-one relation in one statement; what the actor may not see becomes nothing."""
    return [
        Prefetch(field.name, queryset=guarded_rows(field.related_model, actor))
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and (only is None or field.name in only)
    ]
