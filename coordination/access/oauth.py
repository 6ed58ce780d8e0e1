"""What the OAuth2 library asks us: which client calls, what it may ask for, and what a token of its own is worth."""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from coordination.access.enums import Scope


class ClientScopes(BaseScopes):
    """A system asks for its own scopes, or for some of them."""

    def get_all_scopes(self) -> dict[str, str]:
        return {str(value): str(label) for value, label in Scope.choices}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(application.system.scopes)

    def get_default_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return list(application.system.scopes)


class ClientValidator(OAuth2Validator):
    """Check clients and their tokens; what no credential of ours can be is refused before the database is asked."""

    def _extract_basic_auth(self, request: Any) -> str | None:
        credentials = super()._extract_basic_auth(request)
        return credentials if credentials and credentials.isascii() else None

    def _load_application(self, client_id: str | None, request: Any) -> Any:
        return None if not client_id or "\0" in client_id else super()._load_application(client_id, request)

    def introspect_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Tell a client what a token of its own is worth; nothing of those of others. Source: RFC 7662, section 2.2."""
        access_token = self._load_access_token(token)
        if access_token is None or access_token.application_id != request.client.pk or access_token.is_expired():
            return None
        return {
            "scope": access_token.scope,
            "client_id": request.client.client_id,
            "token_type": "Bearer",
            "exp": int(access_token.expires.timestamp()),
        }
