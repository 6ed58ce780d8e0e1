"""Questions about what the doors remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coordination.access.querysets import OfOrganisation, Rules
from coordination.records.actors import Actor
from coordination.records.visibility import Disclosure, VisibleQuerySet

if TYPE_CHECKING:
    from coordination.web.models import IdempotencyRecord, Job


class IdempotencyRecordQuerySet(VisibleQuerySet["IdempotencyRecord"]):
    """Answers are read by the door alone, by client and key; nobody lists them."""

    def disclosure_rules(self, actor: Actor) -> Rules:
        return Disclosure.EXACT if actor.is_system else {}


class JobQuerySet(OfOrganisation, VisibleQuerySet["Job"]):
    """Jobs of the actor's organisations."""
