"""The volunteers' workplace: Django's own admin, opened by membership instead of a staff flag."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from coordination.access.actors import Actor
from coordination.access.models import Alert

V = TypeVar("V", bound=Callable[..., Any])

ORDER = ("aid", "incidents", "access", "areas", "outbox", "webhooks", "web")


class AidAdminSite(AdminSite):
    """Let in whoever holds a role somewhere, and the operator."""

    site_title = _("Aid coordination")
    site_header = _("Aid coordination")
    index_title = _("What happened, who needs what, who brings it")
    site_url = "/"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the pages that ask who looks; those that other libraries bring along show every row to everybody."""
        from coordination.web.admin.base import GuardedAdmin  # its package registers pages here

        if admin_class and issubclass(admin_class, GuardedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Say first how many alerts wait for who manages an organisation."""
        unseen = Alert.objects.visible_to(request.actor).filter(seen_at=None)  # type: ignore[attr-defined] # set by ActorMiddleware
        return super().index(request, {**(extra_context or {}), "unseen_alerts": unseen.count()})

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one page where people sign in; whoever did so and still may not come in is told why there."""
        if request.user.is_authenticated and not self.has_permission(request):
            return redirect("mfa_index")
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override] # it leads on
        """Lead to the one page where passwords are changed."""
        return redirect("account_change_password")

    def has_permission(self, request: HttpRequest) -> bool:
        actor: Actor = request.actor  # type: ignore[attr-defined] # set by ActorMiddleware
        # Pages are for people who signed in; a key that was stolen opens none.
        return actor.credential is None and (bool(actor.grants) or actor.is_operator)

    def admin_view(self, view: V, cacheable: bool = False) -> V:
        """Let people read and write the time of their own clocks.

        Refuse addresses with the character NUL, which no column holds and Django hands to the database.
        """

        @wraps(view)
        def readable(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise SuspiciousOperation("NUL in an address")
            with timezone.override(settings.WORKPLACE_TIME_ZONE):
                answer: HttpResponse = view(request, *args, **kwargs)
                # Else it would be rendered after the view, by the clock of machines.
                return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer

        return super().admin_view(cast(V, readable), cacheable)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Put the work first: what is needed, what happened, then who takes part, then what keeps it going."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: ORDER.index(app["app_label"]) if app["app_label"] in ORDER else len(ORDER))
