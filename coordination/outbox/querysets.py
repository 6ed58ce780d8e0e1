"""Questions about events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from coordination.outbox.models import Event


class EventQuerySet(VisibleQuerySet["Event"]):
    """An event is seen by its audience, by the coordination cell, and by all when it is public."""

    def disclosure_rules(self, actor: Actor) -> dict[Disclosure, Q] | Disclosure:
        if actor.is_cell or actor.is_system:
            return Disclosure.EXACT
        return {Disclosure.EXACT: Q(is_public=True) | Q(audience__overlap=sorted(actor.organisation_ids))}

    def unrelayed(self) -> Self:
        """Keep the events whose tasks the broker has not got yet, oldest first."""
        return self.filter(relayed_at__isnull=True).order_by("sequence")
