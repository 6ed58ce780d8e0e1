"""An identity provider at the edge of the world: it speaks OpenID Connect over real HTTP and believes everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "coordination"


class IdentityProvider(ThreadingHTTPServer):
    """Signs in whoever `claims` describes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.claims: dict[str, Any] = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer = f"http://127.0.0.1:{self.server_port}"

    def id_token(self) -> str:
        """Sign what is claimed of the person."""
        now = int(time())
        frame = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60}
        return jwt.encode({**frame, **self.claims}, self.key, algorithm="RS256", headers={"kid": "1"})

    def public_key(self) -> dict[str, Any]:
        """Give the key that verifies, as a JSON web key."""
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": "1", "alg": "RS256", "use": "sig"}


class _Answers(BaseHTTPRequestHandler):
    server: IdentityProvider

    def do_GET(self) -> None:
        issuer = self.server.issuer
        pages: dict[str, dict[str, Any]] = {
            "/.well-known/openid-configuration": {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo",
                "jwks_uri": f"{issuer}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/jwks": {"keys": [self.server.public_key()]},
            "/userinfo": self.server.claims,
        }
        self._tell(pages[urlsplit(self.path).path])

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_proven = "code_verifier" in asked and asked["client_secret"] == ["secret"]
        answer = {"access_token": "of use here only", "token_type": "Bearer", "id_token": self.server.id_token()}
        self._tell(answer if is_proven else {"error": "invalid_client"})

    def _tell(self, what: dict[str, Any]) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gives
        """Stay quiet."""


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """Run a provider as long as the block lasts."""
    provider = IdentityProvider()
    thread = Thread(target=provider.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        thread.join()
        provider.server_close()
