"""Shelters through REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action as route
from rest_framework.request import Request

from aid.actions.change_shelter import change_shelter
from aid.actions.check_in import check_in
from aid.actions.close_shelter import close_shelter
from aid.actions.open_shelter import open_shelter
from aid.actions.pause_shelter import pause_shelter
from aid.actions.reopen_shelter import reopen_shelter
from aid.enums import Amenity, ShelterKind, ShelterStatus
from aid.models import Shelter, ShelterStay
from coordination.access.models import Organisation
from coordination.areas.models import Area
from coordination.records.actors import Actor
from coordination.web.fields import NO_SUCH_RECORD, ActingOrganisation, GeometryField, RelatedId
from coordination.web.filters import Place
from coordination.web.idempotency import Answer
from coordination.web.problems import invalid
from coordination.web.rest import GuardedViewSet, change, creation, verb
from coordination.web.serializers import Body, DistanceField, Row


class ShelterRow(Row):
    """A place where people can go; how full it is only its operator and the coordination cell are told."""

    total_places = serializers.IntegerField(read_only=True, allow_null=True)
    free_places = serializers.IntegerField(read_only=True, allow_null=True)
    distance_m = DistanceField()

    class Meta:
        model = Shelter
        fields = [
            "id", "ref", "disclosure", "name", "kind", "operator", "location", "area", "address", "status", "places",
            "total_places", "free_places", "amenities", "amenities_verified_at", "backup_power_h", "is_step_free",
            "accepts_pets", "opening_hours", "observed_at", "is_public", "is_exercise", "client_ref", "distance_m",
            "created_at", "updated_at",
        ]  # fmt: skip

    @classmethod
    def prepared(cls, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return rows.annotate(
            total_places=F("places__total"),
            free_places=F("places__total") - F("places__reserved") - F("places__consumed"),
        )


class ShelterChange(Body):
    """What of a shelter may change."""

    name = serializers.CharField(max_length=300, required=False)
    location = GeometryField(required=False, allow_null=True)
    area = RelatedId(Area, code="pcode", required=False, allow_null=True)
    total_places = serializers.IntegerField(min_value=0, required=False)
    service_radius_m = serializers.IntegerField(min_value=0, required=False)
    address = serializers.CharField(max_length=300, allow_blank=True, required=False)
    amenities = serializers.ListField(child=serializers.ChoiceField(choices=Amenity.choices), required=False)
    amenities_verified_at = serializers.DateTimeField(required=False, allow_null=True)
    backup_power_h = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    is_step_free = serializers.BooleanField(required=False, allow_null=True)
    accepts_pets = serializers.BooleanField(required=False, allow_null=True)
    opening_hours = serializers.CharField(max_length=200, allow_blank=True, required=False)
    observed_at = serializers.DateTimeField(required=False, allow_null=True)
    is_public = serializers.BooleanField(required=False)


class NewShelter(ShelterChange):
    """A shelter."""

    operator = RelatedId(Organisation, default=ActingOrganisation())
    name = serializers.CharField(max_length=300)
    kind = serializers.ChoiceField(choices=ShelterKind.choices)
    status = serializers.ChoiceField(choices=ShelterStatus.choices, required=False)
    is_exercise = serializers.BooleanField(required=False)
    client_ref = serializers.CharField(max_length=100, allow_blank=True, required=False)


class Arrival(Body):
    """Who arrives: a planned stay."""

    stay = RelatedId(ShelterStay)


class ShelterViewSet(GuardedViewSet):
    """Places where people can go."""

    model = Shelter
    serializer_class = ShelterRow
    place = Place(point="location", area="area")
    filterset_fields = (
        "kind", "status", "operator", "is_step_free", "accepts_pets", "is_public", "is_exercise", "client_ref",
    )  # fmt: skip

    create = creation(open_shelter, NewShelter)
    partial_update = change(change_shelter, subject="shelter", body=ShelterChange)
    reopen = verb("reopen", reopen_shelter, subject="shelter")
    pause = verb("pause", pause_shelter, subject="shelter")
    close = verb("close", close_shelter, subject="shelter")

    @extend_schema(request=Arrival, description="Check a planned party in at this shelter.")
    @route(detail=True, methods=["post"], url_path="check-in")
    def check_in(self, request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the address
        """Check a planned party in and answer with the shelter."""

        def perform(now: datetime) -> Answer:
            shelter = self.subject(id)
            stay: ShelterStay = self.body(Arrival)["stay"]
            if stay.shelter_id != shelter.pk:
                raise invalid("#/stay", "does_not_exist", NO_SUCH_RECORD)
            check_in(stay=stay, actor=self.actor, now=now)
            return self.changed(shelter)

        return self.write(perform)
