"""Somebody with a one-time password can do one thing only: choose a password of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from lantian.kit.api import problem

# Leaving, and reading the page in one's own language, stay possible.
OPEN = frozenset({"city:password", "web:logout", "web:login", "web:language"})


class OneTimePasswordMiddleware:
    """Redirect to the password page until the one-time password is changed; the HTTP API answers 403."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        user = request.user
        if not (user.is_authenticated and user.must_change_password):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN:
            return None
        if match is not None and "api" in match.namespaces:
            return problem(403, _("You have a one-time password."), hint=_("Log in on the web and change it first."))
        return redirect("city:password")
