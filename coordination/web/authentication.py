"""Who calls the REST door; ActorMiddleware has found it already."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.authentication import CSRFCheck, SessionAuthentication
from rest_framework.request import Request

from coordination.web.problems import Refusal


class CallerAuthentication(SessionAuthentication):
    """Let bearer tokens and the public pass, and ask people with a session for their CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        check, http_request = CSRFCheck(HttpResponse), request._request
        check.process_request(http_request)
        if check.process_view(http_request, HttpResponse, (), {}):
            raise Refusal(403, "csrf_refused")

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
