"""Who is calling: found once per HTTP request, the same for every door."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from coordination.access.actors import PUBLIC, actor_for_user
from coordination.access.keys import actor_for_token
from coordination.records.clock import database_now
from coordination.web.problems import problem
from coordination.web.signin.factors import has_second_factor
from coordination.web.signin.sessions import watch

BEARER = "bearer "


class ActorMiddleware:
    """Set `request.actor` from a bearer token or from the session.

    A token speaks for itself: cookies beside it are ignored, and with them the need for a CSRF token.
    People who signed in read their own language, unless they have just chosen another.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        authorization = request.headers.get("Authorization", "")
        if authorization[: len(BEARER)].lower() == BEARER:
            actor = actor_for_token(authorization[len(BEARER) :].strip(), now=database_now())
            if actor is None:
                return problem(request, status=401, code="token_refused", headers={"WWW-Authenticate": "Bearer"})
            request.actor = actor  # type: ignore[attr-defined] # ours, for every door
            request.user = AnonymousUser()
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined] # Django's own switch
            return self.get_response(request)
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session:
            watch(request)
        request.actor = SimpleLazyObject(  # type: ignore[attr-defined] # ours, for every door
            lambda: (
                actor_for_user(request.user, has_second_factor=has_second_factor(request))
                if request.user.is_authenticated
                else PUBLIC
            )
        )
        has_chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        if not has_chosen and has_session and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
