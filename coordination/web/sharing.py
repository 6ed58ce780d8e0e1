"""Sharing agreements through REST: who lets whom see what, for both parties and the cell."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from coordination.access.actions.agree_to_share import agree_to_share
from coordination.access.actions.end_agreement import end_agreement
from coordination.access.enums import DataClass
from coordination.access.models import Organisation, SharingAgreement
from coordination.areas.models import Area
from coordination.records.actors import Actor
from coordination.web.fields import ActingOrganisation, RelatedId, RelatedRows
from coordination.web.rest import GuardedViewSet, Router, creation, verb
from coordination.web.serializers import Body, Row


class SharingAgreementRow(Row):
    """What one organisation lets another see; without areas it holds everywhere, without classes coarsely."""

    class Meta:
        model = SharingAgreement
        fields = ["id", "giver", "receiver", "areas", "classes", "purpose", "until", "created_at", "updated_at"]

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        areas = Area.objects.visible_to(actor).only("id").order_by("id")
        return rows.prefetch_related(Prefetch("areas", queryset=areas, to_attr="shown_areas"))


class NewSharingAgreement(Body):
    """What to share with whom, what for and until when."""

    giver = RelatedId(Organisation, default=ActingOrganisation())
    receiver = RelatedId(Organisation)
    areas = RelatedRows(Area, code="pcode", required=False)
    classes = serializers.ListField(child=serializers.ChoiceField(choices=DataClass.choices), required=False)
    is_coarse_only = serializers.BooleanField(required=False)
    purpose = serializers.CharField(max_length=300)
    until = serializers.DateTimeField()


class SharingAgreementViewSet(GuardedViewSet):
    """Who lets whom see what."""

    model = SharingAgreement
    serializer_class = SharingAgreementRow
    filterset_fields = ("giver", "receiver")

    create = creation(agree_to_share, NewSharingAgreement)
    end = verb("end", end_agreement, subject="agreement")


router = Router()
router.register("sharing-agreements", SharingAgreementViewSet, basename="sharing-agreement")
