"""The page that shows a secret, once: it is stored nowhere, on either side."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from coordination.access.keys import Issued
from coordination.access.models import OAuthClient, User


def secret_page(page: Any, request: HttpRequest, issued: Issued[Any]) -> HttpResponse:
    """Show a secret in the answer to the form that asked for it; the admin tells everybody to store no answer."""
    context = {
        **page.admin_site.each_context(request),
        "title": _("Copy this now: it is shown only once"),
        "opts": issued.row._meta,
        "issued": issued,
        "is_oauth": isinstance(issued.row, OAuthClient),
        "is_password": isinstance(issued.row, User),
    }
    return TemplateResponse(request, "admin/secret.html", context)
