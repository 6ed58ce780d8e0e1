from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from coordination.access.querysets import UserQuerySet
from coordination.records.history import tracked
from coordination.records.models import BaseModel


class VisibleUserManager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc] # a class made at run time
    """Make and find users."""

    use_in_migrations = False


@tracked(without=["password", "last_login"])
class User(BaseModel, AbstractUser):
    """A person who signs in; what they may do comes from their memberships alone."""

    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="uk")

    objects: ClassVar[Any] = VisibleUserManager()

    class Meta(BaseModel.Meta):
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
