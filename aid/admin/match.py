from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aid import policies
from aid.actions.accept_match import accept_match
from aid.actions.cancel_match import cancel_match
from aid.actions.decline_match import decline_match
from aid.actions.plan_delivery import plan_delivery
from aid.actions.release_match import release_match
from aid.actions.withdraw_release import withdraw_release
from aid.enums import LIVE_MATCH_STATUSES, Consent, MatchStatus
from aid.matching.explain import match_sentences
from aid.models import Item, Match, MatchRun, RequestLine
from coordination.access.actors import Actor
from coordination.records.clock import database_now
from coordination.records.errors import DomainError, type_of_text
from coordination.web.admin.base import GuardedAdmin, Verb
from coordination.web.admin.rows import actor_of, guarded_prefetches, guarded_rows


def what_is_released(match: Match) -> str:
    """Say what will be told, to whom and for how long."""
    told = gettext(
        "%(provider)s will be told name, phone, address and exact place of %(ref)s until this match ends; "
        "not ages, health or vulnerabilities."
    ) % {"provider": match.resource.provider, "ref": match.line.aid_request.ref}
    if match.line.aid_request.consent == Consent.NOT_ASKED:
        return told + " " + gettext("Nobody has noted whether the people agree: ask them first.")
    return told


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
        Verb(
            "release",
            _("Release contact and place"),
            release_match,
            "match",
            policies.may_release,
            (MatchStatus.ACCEPTED,),
            when=lambda match: match.released_at is None,
            explain=what_is_released,
        ),
        Verb(
            "withdraw-release",
            _("Withdraw the release"),
            withdraw_release,
            "match",
            policies.may_release,
            (MatchStatus.ACCEPTED,),
            when=lambda match: match.released_at is not None,
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
        shown = [*told, "resource", "why", "respond_by", "decided_at", "released_at", "delivery", "run"]
        aid_request = self.aid_request_of(obj) if obj else None
        if aid_request and policies.may_read_contact(actor_of(request), aid_request):
            shown.insert(shown.index("delivery"), "whom_to_call")
        return shown

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["aid_request", "line_item", "why", "whom_to_call"]

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
        """Lead to the request behind the line."""
        aid_request = self.aid_request_of(row)
        return aid_request and self._link("aid_aidrequest_change", aid_request, str(aid_request))

    @admin.display(description=_("contact"))
    def whom_to_call(self, row: Any) -> str:
        """Lead to the page that shows the contact and records the reading."""
        return self._link("aid_aidrequest_contact", self.aid_request_of(row), _("Show, for a purpose"))

    def aid_request_of(self, row: Any) -> Any:
        """Give the request behind the line, as far as the reader may see it."""
        # What the guard hides is not there at all: a match outlives its party's sight of the line.
        return getattr(getattr(row, "line", None), "aid_request", None)

    def _link(self, page: str, row: Any, text: type_of_text) -> str:
        return format_html('<a href="{}">{}</a>', reverse(f"{self.admin_site.name}:{page}", args=[row.pk]), text)


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
        return actor.sees_everywhere
