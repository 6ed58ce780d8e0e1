"""Questions about events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from coordination.outbox.models import Event


# The events that it takes a scope to read, by how their type begins.
READ_SCOPES = {"aid.": "aid:read", "incidents.": "incidents:read", "access.": "access:manage"}


class EventQuerySet(VisibleQuerySet["Event"]):
    """An event is seen by its audience, by the coordination cell, and by all when it is public."""

    def disclosure_rules(self, actor: Actor) -> dict[Disclosure, Q] | Disclosure:
        readers = {beginning: actor.narrowed_to(scope) for beginning, scope in READ_SCOPES.items()}
        if all(reader.sees_everywhere for reader in readers.values()):
            return Disclosure.EXACT
        told, others = Q(is_public=True), Q()
        for beginning, reader in readers.items():
            of_kind = Q(type__startswith=beginning)
            told |= of_kind & _heard_by(reader)
            others &= ~of_kind
        return {Disclosure.EXACT: told | (others & _heard_by(actor))}

    def unrelayed(self) -> Self:
        """Keep the events whose tasks the broker has not got yet, oldest first."""
        return self.filter(relayed_at__isnull=True).order_by("sequence")


def _heard_by(actor: Actor) -> Q:
    return Q() if actor.sees_everywhere else Q(audience__overlap=sorted(actor.organisation_ids))
