from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from coordination.access.enums import Scope
from coordination.access.models.organisation import Organisation
from coordination.access.querysets import ApiClientQuerySet, ApiKeyQuerySet, OAuthClientQuerySet
from coordination.records.clock import database_now
from coordination.records.history import tracked
from coordination.records.models import BaseModel


@tracked()
class ApiClient(BaseModel):
    """One system of one organisation that calls the APIs on its behalf."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="clients"
    )
    name = models.CharField(_("name"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name=_("scopes"), default=list)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ApiClientQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="api_client_name_unique",
                violation_error_message=_("The organisation has a client of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def may_call(self, now: datetime) -> bool:
        """Tell whether the system and its organisation still take part."""
        return self.is_active and (self.until is None or self.until > now) and self.organisation.is_active


# What the base class brings for ways of signing in that are not offered here, and the secret itself.
_UNTOLD = [field.name for field in AbstractApplication._meta.local_fields if field.name not in {"id", "client_id"}]


@tracked(without=_UNTOLD)
class OAuthClient(BaseModel, AbstractApplication):
    """The id and the hashed secret by which an API client fetches access tokens: OAuth2 client credentials."""

    # Not `client`: its column would be the `client_id` of OAuth2.
    system = models.OneToOneField(
        ApiClient, verbose_name=_("API client"), on_delete=models.CASCADE, related_name="oauth_client"
    )
    secret_made_at = models.DateTimeField(_("secret made at"), db_default=Now())

    objects = OAuthClientQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("OAuth2 client")
        verbose_name_plural = _("OAuth2 clients")
        ordering = ["system__name", "id"]

    def __str__(self) -> str:
        return str(self.client_id)

    def is_usable(self, request: Any) -> bool:
        """Tell the OAuth2 library whether tokens may be given to this client now: its door has no other clock."""
        return self.system.may_call(database_now())


@tracked(without=["digest", "last_used_at"])
class ApiKey(BaseModel):
    """A bearer token of a client or of a person; only its digest is kept."""

    client = models.ForeignKey(
        ApiClient, verbose_name=_("API client"), null=True, blank=True, on_delete=models.CASCADE, related_name="keys"
    )
    user = models.ForeignKey(
        "access.User", verbose_name=_("user"), null=True, blank=True, on_delete=models.CASCADE, related_name="keys"
    )
    prefix = models.CharField(_("prefix"), max_length=16, unique=True)
    digest = models.CharField(_("digest"), max_length=64)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name=_("scopes"), default=list)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(client__isnull=True) ^ Q(user__isnull=True),
                name="api_key_has_one_owner",
                violation_error_message=_("A key belongs to a client or to a person."),
            )
        ]

    def __str__(self) -> str:
        return self.prefix

    def has_ended(self, now: datetime) -> bool:
        """Tell whether the key has run out or was revoked."""
        return self.revoked_at is not None or (self.until is not None and self.until <= now)
