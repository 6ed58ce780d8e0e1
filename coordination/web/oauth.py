"""Where systems fetch access tokens: OAuth2 client credentials, the only grant there is.

Source: RFC 6749, sections 4.4 and 5; RFC 7009 (revocation); RFC 7662 (introspection).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from oauth2_provider.oauth2_backends import OAuthLibCore

# Where the answer is to be found, its headers, its body and its status.
Answer = tuple[str | None, Mapping[str, str], str | None, int]


class TokenServer(OAuthLibCore):
    """The library's server, which knows one question more than its Django side."""

    def create_introspect_response(self, request: HttpRequest) -> Answer:
        """Tell a client what a token of its own is worth."""
        headers, body, status = self.server.create_introspect_response(*self._extract_params(request))
        return None, headers, body, status


def answering(ask: Callable[[Any, HttpRequest], Answer]) -> Callable[[HttpRequest], HttpResponse]:
    """Make the view that puts a form to the server; its caller shows a client's id and secret, by Basic or inside."""

    @csrf_exempt
    @require_POST
    @sensitive_post_parameters()
    def view(request: HttpRequest) -> HttpResponse:
        _where, headers, body, status = ask(TokenServer(), request)
        unstored = {**headers, "Content-Type": "application/json", "Cache-Control": "no-store"}
        return HttpResponse(body or "", status=status, headers=unstored)

    return view


urlpatterns = [
    path("token", answering(TokenServer.create_token_response), name="oauth_token"),
    path("revoke", answering(TokenServer.create_revocation_response), name="oauth_revoke"),
    path("introspect", answering(TokenServer.create_introspect_response), name="oauth_introspect"),
]
