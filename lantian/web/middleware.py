"""Language as chosen by the person, and errors as pages or JSON that a person can act on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from lantian.kit.errors import Conflict, DomainError
from lantian.kit.language import LANGUAGE_COOKIE

log = logging.getLogger("lantian.web")
Handler = Callable[[HttpRequest], HttpResponse]


class ChosenLanguageMiddleware:
    """Chinese unless the person chose otherwise: by the switch (cookie) or in the account."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = request.COOKIES.get(LANGUAGE_COOKIE) or getattr(request.user, "language", None)
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class DomainErrorMiddleware:
    """Turn a DomainError of a view into its page (what, where, how to mend it) with the right HTTP status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, OperationalError) and "locked" in str(exception):
            exception = DomainError(_("The database is busy with other writers."), hint=_("Try again in a moment."))
            exception.status = 503
        if isinstance(exception, IntegrityError):
            # Two people at once: a constraint of the database kept the second one from doubling the first.
            log.warning("a constraint refused %s: %s", request.path, exception)
            exception = Conflict(
                _("Somebody did the same thing at the same moment."), hint=_("Reload the page to see it, then decide.")
            )
        if not isinstance(exception, DomainError):
            return None
        if request.htmx:  # type: ignore[attr-defined]
            messages.error(request, str(exception))
            return render(request, "web/problem_fragment.html", {"problem": exception}, status=exception.status)
        return render(request, "web/problem.html", {"problem": exception}, status=exception.status)
