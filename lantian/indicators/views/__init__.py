"""Pages of the indicators room."""

from typing import cast

from django.http import HttpRequest

from lantian.city.models import User


def person(request: HttpRequest) -> User:
    """Return who asks; the views are guarded, so it is never nobody."""
    return cast("User", request.user)
