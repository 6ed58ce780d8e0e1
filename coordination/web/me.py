"""Who calls: what a program asks first, to know what its credential is worth."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from coordination.access.actors import Actor
from coordination.access.enums import Scope
from coordination.access.models import ApiClient, Organisation, User
from coordination.web.problems import is_known
from coordination.web.rest import GuardedViewSet


class Person(serializers.Serializer[Any]):
    """The person who calls."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    language = serializers.CharField()


class System(serializers.Serializer[Any]):
    """The system that calls."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class Part(serializers.Serializer[Any]):
    """An organisation for which the caller may act, and what it may do there."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    is_cell = serializers.BooleanField()
    is_exercise = serializers.BooleanField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))


class Shown(serializers.Serializer[Any]):
    """The credential that was shown, and when it ends."""

    kind = serializers.ChoiceField(choices=["session", "key", "access_token"])
    until = serializers.DateTimeField(allow_null=True)


class Me(serializers.Serializer[Any]):
    """Who calls, for whom, and what with; a sandbox holds exercise data alone."""

    user = Person(allow_null=True)
    client = System(allow_null=True)
    organisations = Part(many=True)
    acts_for = serializers.UUIDField(allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    is_sandbox = serializers.BooleanField()
    credential = Shown()


class MeView(GuardedViewSet):
    """Who calls."""

    model = Organisation

    @extend_schema(responses=Me)
    def show(self, request: Request) -> HttpResponse:
        """Tell the caller who he is, for whom he may act, what he may do and until when."""
        if not is_known(self.actor):
            raise NotAuthenticated
        return self.respond(Me(_described(self.actor)).data)


def _described(actor: Actor) -> dict[str, Any]:
    credential = actor.credential
    parts = [
        {
            "id": organisation.pk,
            "name": organisation.name,
            "is_cell": organisation.is_cell,
            "is_exercise": organisation.is_exercise,
            "scopes": sorted(actor.grants[organisation.pk].scopes),
        }
        for organisation in Organisation.objects.visible_to(actor).filter(pk__in=actor.organisation_ids)
    ]
    return {
        "user": User.objects.visible_to(actor).filter(pk=actor.user_id).first() if actor.user_id else None,
        "client": ApiClient.objects.visible_to(actor).filter(pk=actor.client_id).first() if actor.client_id else None,
        "organisations": parts,
        "acts_for": actor.acts_for_id,
        "scopes": sorted({scope for grant in actor.grants.values() for scope in grant.scopes}),
        "is_sandbox": bool(parts) and all(part["is_exercise"] for part in parts),
        "credential": credential or {"kind": "session", "until": None},
    }


urlpatterns = [path("me", MeView.as_view({"get": "show"}), name="me")]
