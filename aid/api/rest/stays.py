"""Stays in shelters through REST."""

from __future__ import annotations

from rest_framework import serializers

from aid.actions.cancel_stay import cancel_stay
from aid.actions.check_in import check_in
from aid.actions.check_out import check_out
from aid.actions.mark_no_show import mark_no_show
from aid.actions.plan_stay import plan_stay
from aid.models import Shelter, ShelterStay
from coordination.web.fields import RelatedId
from coordination.web.rest import GuardedViewSet, creation, verb
from coordination.web.serializers import Body, Row


class StayRow(Row):
    """A party that holds places in a shelter."""

    class Meta:
        model = ShelterStay
        fields = [
            "id", "disclosure", "shelter", "party_size", "status", "match", "checked_in_at", "checked_out_at",
            "created_at", "updated_at",
        ]  # fmt: skip


class NewStay(Body):
    """A party that is expected."""

    shelter = RelatedId(Shelter, code="ref")
    party_size = serializers.IntegerField(min_value=1)


class StayViewSet(GuardedViewSet):
    """Parties that hold places in shelters."""

    model = ShelterStay
    serializer_class = StayRow
    filterset_fields = ("shelter", "status", "match")

    create = creation(plan_stay, NewStay)
    check_in = verb("check_in", check_in, subject="stay")
    check_out = verb("check_out", check_out, subject="stay")
    cancel = verb("cancel", cancel_stay, subject="stay")
    no_show = verb("no_show", mark_no_show, subject="stay")
