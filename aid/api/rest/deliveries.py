"""Deliveries through REST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from aid.actions.confirm_delivery import confirm_delivery
from aid.actions.dispatch_delivery import dispatch_delivery
from aid.actions.fail_delivery import fail_delivery
from aid.actions.plan_delivery import plan_delivery
from aid.actions.return_delivery import return_delivery
from aid.models import Delivery, Match
from coordination.records.actors import Actor
from coordination.web.fields import RelatedIds, RelatedRows
from coordination.web.rest import GuardedViewSet, creation, verb
from coordination.web.serializers import Body, Reason, Row


class DeliveryRow(Row):
    """The journey of accepted matches."""

    matches = RelatedIds(read_only=True)

    class Meta:
        model = Delivery
        fields = [
            "id", "disclosure", "provider", "status", "matches", "dispatched_at", "delivered_at", "failed_at",
            "returned_at", "failure_reason", "created_at", "updated_at",
        ]  # fmt: skip

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        matches = Match.objects.visible_to(actor).only("id", "delivery").order_by("id")
        return rows.prefetch_related(Prefetch("matches", queryset=matches, to_attr="shown_matches"))


class NewDelivery(Body):
    """A journey of accepted matches of one provider."""

    matches = RelatedRows(Match, code="ref")


class Arrived(Body):
    """How much arrived, by match; what is not named arrived whole."""

    quantities = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False, allow_null=True)

    def validate_quantities(self, quantities: dict[str, int] | None) -> dict[UUID, int] | None:
        """Read the names as ids of matches."""
        try:
            return None if quantities is None else {UUID(name): quantity for name, quantity in quantities.items()}
        except ValueError:
            raise serializers.ValidationError(_("Name each match by its id."), code="match_unknown") from None


class DeliveryViewSet(GuardedViewSet):
    """Journeys of what was promised."""

    model = Delivery
    serializer_class = DeliveryRow
    needs_idempotency_key = True
    filterset_fields = ("provider", "status")

    create = creation(plan_delivery, NewDelivery)
    dispatch_goods = verb("dispatch_goods", dispatch_delivery, subject="delivery", path="dispatch")
    deliver = verb("deliver", confirm_delivery, subject="delivery", body=Arrived)
    fail = verb("fail", fail_delivery, subject="delivery", body=Reason)
    return_goods = verb("return_goods", return_delivery, subject="delivery", path="return")
