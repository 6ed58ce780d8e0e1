"""The pages that explain: the front door, the page of the REST description, and what is not there."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found, server_error

from coordination.web.problems import RETRY_AFTER_S, problem

API_PREFIX = "/api/"


@require_safe
@never_cache
def landing(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go on."""
    return render(request, "web/landing.html")


@require_safe
def rest_docs(request: HttpRequest) -> HttpResponse:
    """Show the description of the REST door."""
    return render(request, "web/docs.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing at an address: to programs as a problem, to people as a page."""
    if request.path.startswith(API_PREFIX):
        return problem(request, status=404, code="not_found")
    return page_not_found(request, exception or Exception())


def failed(request: HttpRequest) -> HttpResponse:
    """Say that something went wrong, or that the database is away: to programs as a problem, to people as a page."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return problem(request, status=503, code="unavailable", headers={"Retry-After": str(RETRY_AFTER_S)})
    if request.path.startswith(API_PREFIX):
        return problem(request, status=500, code="internal")
    return server_error(request)
