from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from coordination.access.enums import Scope
from coordination.access.models.organisation import Organisation
from coordination.access.querysets import ApiClientQuerySet, ApiKeyQuerySet, OAuthClientQuerySet
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


class OAuthClient(BaseModel, AbstractApplication):
    """The id and the hashed secret by which an API client fetches access tokens: OAuth2 client credentials."""

    client = models.OneToOneField(
        ApiClient, verbose_name=_("API client"), on_delete=models.CASCADE, related_name="oauth_client"
    )

    objects = OAuthClientQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("OAuth2 client")
        verbose_name_plural = _("OAuth2 clients")
        ordering = ["client__name", "id"]

    def __str__(self) -> str:
        return str(self.client_id)


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
