from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.accept_match import accept_match
from aid.actions.cancel_match import cancel_match
from aid.actions.decline_match import decline_match
from aid.actions.plan_delivery import plan_delivery
from aid.enums import LIVE_MATCH_STATUSES, MatchStatus
from aid.matching.explain import match_sentences
from aid.models import Item, Match, MatchRun, RequestLine
from coordination.access.actors import Actor
from coordination.records.clock import database_now
from coordination.records.errors import DomainError
from coordination.web.admin.base import GuardedAdmin, Verb
from coordination.web.admin.rows import actor_of, guarded_prefetches, guarded_rows


@admin.register(Match)
class MatchAdmin(GuardedAdmin):
    """What is proposed, promised and brought."""

    list_display = ["ref", "status", "line_item", "quantity", "distance_band_m", "resource", "respond_by"]
    list_filter = ["status"]
    search_fields = ["ref", "line__aid_request__ref"]
    verbs = [
        Verb("accept", _("Accept"), accept_match, "match", policies.may_answer, (MatchStatus.PROPOSED,)),
        Verb(
            "decline",
            _("Decline"),
            decline_match,
            "match",
            policies.may_answer,
            (MatchStatus.PROPOSED,),
            asks_reason=True,
        ),
        Verb(
            "cancel",
            _("Cancel"),
            cancel_match,
            "match",
            policies.may_cancel_match,
            LIVE_MATCH_STATUSES,
            needs_reason=True,
        ),
    ]

    actions = ["plan_delivery"]

    @admin.action(description=_("Plan one delivery of the selected matches"))
    def plan_delivery(self, request: HttpRequest, matches: QuerySet[Match]) -> None:
        """Put accepted matches of one provider on one journey."""
        try:
            # Read again: in lists a relation that is hidden from the actor is empty.
            chosen = guarded_rows(Match, actor_of(request)).filter(pk__in=[match.pk for match in matches])
            plan_delivery(matches=list(chosen), actor=actor_of(request), now=database_now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The delivery is planned."))

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        told = ["ref", "status", "status_reason", "aid_request", "line_item", "quantity", "quantity_delivered"]
        return [*told, "resource", "why", "respond_by", "decided_at", "delivery", "run"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["aid_request", "line_item", "why"]

    @admin.display(description=_("reasons"))
    def why(self, row: Any) -> str:
        """Say in words why this match, as far as the reader may know."""
        sentences = match_sentences(row.reasons, band_m=row.distance_band_m, disclosure=row.disclosure)
        return format_html_join("", "{}<br>", ((sentence,) for sentence in sentences))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        actor = actor_of(request)
        lines = guarded_rows(RequestLine, actor).prefetch_related(*guarded_prefetches(RequestLine, actor))
        # A resource without a name of its own is called by its item.
        named = Prefetch("resource__item", queryset=guarded_rows(Item, actor))
        return super().get_queryset(request).prefetch_related(Prefetch("line", queryset=lines), named)

    @admin.display(description=_("item"))
    def line_item(self, row: Any) -> Any:
        """Name what the line asks for."""
        return row.line and row.line.item

    @admin.display(description=_("aid request"))
    def aid_request(self, row: Any) -> Any:
        """Name the request behind the line."""
        return row.line and row.line.aid_request


@admin.register(MatchRun)
class MatchRunAdmin(GuardedAdmin):
    """What each optimisation did."""

    list_display = ["started_at", "status", "objective", "lower_bound", "gap", "finished_at"]
    list_filter = ["status"]
    fields = [
        "status",
        "scope",
        "started_at",
        "finished_at",
        "objective",
        "lower_bound",
        "gap",
        "counts",
        "settings",
        "engine_version",
    ]

    def may_view(self, actor: Actor) -> bool:
        return actor.is_cell
