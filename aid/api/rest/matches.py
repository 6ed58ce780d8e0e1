"""Matches and the runs that propose them through REST."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aid.actions.accept_match import accept_match
from aid.actions.cancel_match import cancel_match
from aid.actions.decline_match import decline_match
from aid.actions.release_match import release_match
from aid.actions.withdraw_release import withdraw_release
from aid.matching.explain import match_sentences
from aid.models import AidRequest, Item, Match, MatchRun
from coordination.records.actors import Actor
from coordination.web.fields import RelatedId
from coordination.web.rest import GuardedViewSet, verb
from coordination.web.serializers import OptionalReason, Reason, Row


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class WhyField(serializers.Field[Any, Any, Any, Any]):
    """Why this match, in sentences for this viewer."""

    def get_attribute(self, instance: Any) -> Any:
        return instance

    def to_representation(self, value: Match) -> list[str]:
        return match_sentences(value.reasons, band_m=value.distance_band_m, disclosure=value.disclosure)


class MatchRow(Row):
    """A quantity of one resource that is meant for one line."""

    aid_request = RelatedId(AidRequest, read_only=True, allow_null=True)
    item = RelatedId(Item, read_only=True, allow_null=True)
    why = WhyField(read_only=True)

    class Meta:
        model = Match
        fields = [
            "id", "ref", "disclosure", "aid_request", "line", "item", "resource", "quantity", "quantity_delivered",
            "distance_m", "distance_band_m", "status", "status_reason", "respond_by", "decided_at", "released_at",
            "why", "run", "delivery", "created_at", "updated_at",
        ]  # fmt: skip

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return rows.annotate(aid_request_id=F("line__aid_request_id"), item_id=F("line__item_id"))


class MatchViewSet(GuardedViewSet):
    """What is proposed, promised and brought."""

    model = Match
    serializer_class = MatchRow
    needs_idempotency_key = True
    filterset_fields = ("status", "line", "resource", "run", "delivery")

    accept = verb("accept", accept_match, subject="match")
    decline = verb("decline", decline_match, subject="match", body=OptionalReason)
    cancel = verb("cancel", cancel_match, subject="match", body=Reason)
    release = verb("release", release_match, subject="match")
    withdraw_release = verb("withdraw_release", withdraw_release, subject="match")


class MatchRunRow(Row):
    """One optimisation."""

    class Meta:
        model = MatchRun
        fields = [
            "id", "disclosure", "status", "scope", "started_at", "finished_at", "objective", "lower_bound", "gap",
            "counts", "settings", "engine_version", "created_at", "updated_at",
        ]  # fmt: skip


class MatchRunViewSet(GuardedViewSet):
    """What was decided together, and how well."""

    model = MatchRun
    serializer_class = MatchRunRow
    filterset_fields = ("status",)
