"""The volunteers' workplace: Django's own admin, opened by membership instead of a staff flag."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from coordination.access.actors import Actor


class AidAdminSite(AdminSite):
    """Let in whoever holds a role somewhere, and the operator."""

    site_title = _("Aid coordination")
    site_header = _("Aid coordination")
    index_title = _("What happened, who needs what, who brings it")
    login_form = AuthenticationForm
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        actor: Actor = request.actor  # type: ignore[attr-defined] # set by ActorMiddleware
        return bool(actor.grants) or actor.is_operator
