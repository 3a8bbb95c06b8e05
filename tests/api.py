"""A small client of the HTTP API for tests: one token, JSON in and out."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from lantian.city.models import User
from lantian.city.tokens import PREFIX, digest


def token_for(user: User, *, read_only: bool = False) -> str:
    """Make a token for anybody, also for those who could not make one themselves."""
    secret = f"{PREFIX}test-{user.pk}-{read_only}"
    user.api_tokens.get_or_create(
        digest=digest(secret),
        defaults={"name": "test", "prefix": PREFIX, "read_only": read_only, "created_at": timezone.now()},
    )
    return secret


class Api:
    """Calls with a user's token (or nobody's). Answers are Django's, with `.json()`."""

    def __init__(self, user: User | None = None, *, read_only: bool = False) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"authorization": f"Bearer {token_for(user, read_only=read_only)}"} if user else {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call `path` (without /api/v1); keyword arguments are headers (`idempotency_key` → Idempotency-Key)."""
        named = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        content = json.dumps(body) if body is not None and not isinstance(body, bytes | str) else body or ""
        address = f"/api/v1{path}"
        return self.client.generic(method, address, content, content_type="application/json", headers=named)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)
