"""Pages for what has to be answered for: who read what, what was erased, what asks for attention."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from coordination.access import policies
from coordination.access.actions.acknowledge_alert import acknowledge_alert
from coordination.access.actors import Actor
from coordination.access.models import AccessRecord, Alert, ErasureTombstone
from coordination.web.admin.base import GuardedAdmin, GuardedRelatedFilter, Verb


@admin.register(AccessRecord)
class AccessRecordAdmin(GuardedAdmin):
    """Who read sealed data, for whom and what for: shown to their administrators, and to who read."""

    list_display = ["read_at", "user", "organisation", "purpose", "subject", "how_many"]
    list_filter = ["subject", ("organisation", GuardedRelatedFilter)]
    fields = ["read_at", "user", "organisation", "purpose", "subject", "subject_ids"]

    @admin.display(description=_("how many"))
    def how_many(self, row: AccessRecord) -> int:
        """Count whom the reading was of."""
        return len(row.subject_ids)


@admin.register(Alert)
class AlertAdmin(GuardedAdmin):
    """What ought to be looked at, what nobody has seen first."""

    list_display = ["kind", "raised_at", "organisation", "user", "count", "seen_at"]
    list_filter = ["kind", ("organisation", GuardedRelatedFilter)]
    fields = ["kind", "raised_at", "organisation", "user", "subject", "subject_id", "count", "seen_at", "seen_by"]
    # The database puts what has no moment first in descending order.
    ordering = ["-seen_at", "-raised_at"]
    verbs = [
        Verb(
            "seen",
            _("Seen"),
            acknowledge_alert,
            "alert",
            lambda actor, row: row.seen_at is None and policies.may_see_alert(actor, row),
        )
    ]

    def may_view(self, actor: Actor) -> bool:
        return policies.may_manage_somebody(actor)


@admin.register(ErasureTombstone)
class ErasureTombstoneAdmin(GuardedAdmin):
    """What was erased."""

    list_display = ["erased_at", "subject", "subject_id"]
    fields = ["erased_at", "subject", "subject_id"]

    def may_view(self, actor: Actor) -> bool:
        return actor.is_cell
