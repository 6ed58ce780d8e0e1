"""Who calls the REST door; ActorMiddleware has found it already."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import CSRFCheck, SessionAuthentication
from rest_framework.request import Request

from coordination.web.problems import Refusal


class CallerAuthentication(SessionAuthentication):
    """Let bearer tokens and the public pass, and ask people with a session for their CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """Ask for the CSRF token of a session."""
        check_csrf(request._request)

    def authenticate_header(self, request: Request) -> str:
        """Name the way in which a caller makes himself known."""
        return "Bearer"


def check_csrf(http_request: HttpRequest) -> None:
    """Check that a call with a session comes from our own pages.

    Raises Refusal: 403, when its CSRF token is missing or wrong.
    """
    check = CSRFCheck(HttpResponse)
    check.process_request(http_request)
    if check.process_view(http_request, HttpResponse, (), {}):
        raise Refusal(403, "csrf_refused")
