"""Offers through REST."""

from __future__ import annotations

from rest_framework import serializers

from aid.actions.change_resource import change_resource
from aid.actions.offer_resource import offer_resource
from aid.actions.pause_resource import pause_resource
from aid.actions.resume_resource import resume_resource
from aid.actions.withdraw_resource import withdraw_resource
from aid.enums import Condition
from aid.models import Item, Resource
from coordination.access.models import Organisation
from coordination.web.fields import ActingOrganisation, GeometryField, RelatedId
from coordination.web.filters import Place
from coordination.web.rest import GuardedViewSet, change, creation, verb
from coordination.web.serializers import Body, DistanceField, Row


class ResourceRow(Row):
    """A quantity of one item at one place."""

    free = serializers.IntegerField(read_only=True, allow_null=True)
    distance_m = DistanceField()

    class Meta:
        model = Resource
        fields = [
            "id", "disclosure", "provider", "item", "name", "location", "area", "total", "reserved", "consumed", "free",
            "service_radius_m", "available_from", "expires_at", "status", "conditions", "is_exercise", "client_ref",
            "distance_m", "created_at", "updated_at",
        ]  # fmt: skip


class ResourceChange(Body):
    """What of an offer may change."""

    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    total = serializers.IntegerField(min_value=0, required=False)
    location = GeometryField(required=False)
    service_radius_m = serializers.IntegerField(min_value=0, required=False)
    available_from = serializers.DateTimeField(required=False, allow_null=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    conditions = serializers.ListField(child=serializers.ChoiceField(choices=Condition.choices), required=False)


class NewResource(ResourceChange):
    """An offer."""

    provider = RelatedId(Organisation, default=ActingOrganisation())
    item = RelatedId(Item, code="code")
    total = serializers.IntegerField(min_value=0)
    location = GeometryField()
    is_exercise = serializers.BooleanField(required=False)
    client_ref = serializers.CharField(max_length=100, allow_blank=True, required=False)


class ResourceViewSet(GuardedViewSet):
    """What is there and can be promised."""

    model = Resource
    serializer_class = ResourceRow
    place = Place(point="location", area="area")
    filterset_fields = ("provider", "item", "status", "is_exercise", "client_ref")

    create = creation(offer_resource, NewResource)
    partial_update = change(change_resource, subject="resource", body=ResourceChange)
    pause = verb("pause", pause_resource, subject="resource")
    resume = verb("resume", resume_resource, subject="resource")
    withdraw = verb("withdraw", withdraw_resource, subject="resource")
