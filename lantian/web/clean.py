"""A NUL character is no text: PostgreSQL refuses to store it or to look for it, so it is refused at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

NUL = "\x00"


class NoNulMiddleware:
    """Answer 400 to a page's address or form with a NUL in it. The API says it in JSON (see `lantian.web.api`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not request.path.startswith("/api/") and any(NUL in text for text in _texts(request)):
            raise BadRequest("a NUL character")


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path
    for values in (request.GET, request.POST):
        for name, given in values.lists():
            yield name
            yield from (one for one in given if isinstance(one, str))
