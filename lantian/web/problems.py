"""Refusals that Django itself makes under /api/, as JSON like all others."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from lantian.kit.api import problem


class ApiProblemMiddleware:
    """Answers under /api/ that Django made as a page (no such address, wrong method, server error) become JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        status = response.status_code
        if status < 400 or not request.path.startswith("/api/"):
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        words = {
            404: _("There is nothing at this address."),
            405: _("This address does not take the method %(method)s.") % {"method": request.method},
            500: _("The server stumbled; the fault is logged."),
        }
        answer = problem(status, words.get(status, _("The request could not be read.")))
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer
