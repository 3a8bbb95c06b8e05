"""Pages of the plan room."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from lantian.city.models import User


def person(request: HttpRequest) -> User:
    """Return the person who is logged in (views are guarded by `needs`, so there is one)."""
    return cast("User", request.user)
