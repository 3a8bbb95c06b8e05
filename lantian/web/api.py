"""The HTTP API at /api/v1/: one mount, one kind of refusal, one door for every operation.

The rooms' `api.py` hold the operations. Here is what they have in common: who calls (see `lantian.city.guard`),
refusals as JSON, texts that no database could hold, requests that are done once.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser

from lantian import __version__
from lantian.air.api import router as air
from lantian.bulletins.api import router as bulletins
from lantian.city.api import router as city
from lantian.city.guard import Guard, caller
from lantian.gateway.api import router as gateway
from lantian.indicators.api import router as indicators
from lantian.kit.api import problem, problem_of
from lantian.kit.errors import DomainError
from lantian.plan.api import router as plan
from lantian.records.api import router as records
from lantian.sources.api import router as sources
from lantian.web.api_home import router as home
from lantian.web.once import once

DESCRIPTION = """\
Everything that the pages do. A call carries the roles of the person who made its token, no more:
what they may not see answers 404, what they may not do answers 403.

* **Login**: the header `Authorization: Bearer lt_…`; tokens are made on the account page. A token in an address is refused.
* **Lists**: `limit` (1 to 200) and `offset`; the answer holds `items` and `count`.
* **Refusals**: `{"error", "message", "hint", "field"}` in the caller's language (`Accept-Language: zh` or `en`).
* **Concurrent edits**: records carry `version` (also as ETag); send it back as `version` or `If-Match`. An older one answers 409.
* **Repeats**: a POST with `Idempotency-Key` is done once; the same request again gets the first answer for 7 days.
"""


class StrictParser(Parser):
    """JSON as the standard has it: no NaN, and nothing nested so deeply that the machine stumbles."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            data = json.loads(request.body, parse_constant=_no_constant)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if bad := _unstorable(data):
            raise DomainError(_("The text holds a character that cannot be stored."), hint=bad)
        return data


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unstorable(data: Any) -> str:
    """Return the name of a NUL or of half a surrogate pair in any text, or "" when there is none."""
    for text in _texts(data):
        for char in text:
            if char == "\x00" or "\ud800" <= char <= "\udfff":
                return f"U+{ord(char):04X}"
    return ""


def _texts(data: Any) -> Iterator[str]:
    stack = [data]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            stack.extend((*one.keys(), *one.values()))
        elif isinstance(one, list):
            stack.extend(one)


def door(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap an operation: know the caller, refuse what cannot be stored, do it once, answer in the caller's language."""

    @functools.wraps(run)
    def guarded(request: HttpRequest, **path: Any) -> HttpResponse:
        try:
            response = _answer(request, lambda: run(request, **path))
        except (DomainError, SuspiciousOperation, MultiPartParserError, OperationalError) as error:
            # What goes wrong before the operation itself runs: its own faults are answered inside.
            response = api.on_exception(request, error)
        response["Content-Language"] = translation.get_language() or "zh-hans"
        return response

    return guarded


def _answer(request: HttpRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    user = caller(request)
    _refuse_unstorable_addresses(request)
    key = request.headers.get("Idempotency-Key")
    if key is not None and request.method == "POST" and user is not None:
        return once(user, key, request, run)
    return run()


def _refuse_unstorable_addresses(request: HttpRequest) -> None:
    if bad := _unstorable([request.path, *(text for pair in request.GET.lists() for text in (pair[0], *pair[1]))]):
        raise DomainError(_("The address holds a character that cannot be stored."), hint=bad)


class LantianAPI(NinjaAPI):
    """The library's mount; names of operations are those of room and function ("city_users")."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        module = [part for part in operation.view_func.__module__.split(".") if part not in {"lantian", "api"}]
        return "_".join([*module, operation.view_func.__name__])


api = LantianAPI(
    title="Lantian",
    version=__version__,
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    auth=Guard(),
    parser=StrictParser(),
)
api.add_decorator(door, mode="view")


@api.exception_handler(DomainError)
def _domain(request: HttpRequest, error: DomainError) -> HttpResponse:
    return problem_of(error)


@api.exception_handler(AuthenticationError)
def _nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(
        401,
        _("Nobody is logged in, or the token is not valid (any more)."),
        hint=_("Make a token on the account page and send it in the header “Authorization: Bearer …”."),
    )


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Name the first wrong input as the problem's field, and all of them in the hint."""
    wrong = [(".".join(str(part) for part in one["loc"][1:] or one["loc"]), one["msg"]) for one in error.errors]
    hint = "; ".join(f"{field}: {message}" for field, message in wrong[:10])
    return problem(422, _("The input is not as it should be."), hint=hint, field=wrong[0][0] if wrong else "")


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__
    if isinstance(cause, DomainError):
        return problem_of(cause)
    if isinstance(cause, SuspiciousOperation):
        return _suspicious(request, cause)
    return problem(error.status_code, _("The request could not be read."), hint=str(cause or error)[:200])


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(
        404, _("There is no such record, or it is not yours to see."), hint=_("Look for it in the list first.")
    )


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return problem(413, _("The request is too large."), hint=_("Send files as multipart/form-data."))
    return problem(400, _("The request could not be read."), hint=type(error).__name__)


@api.exception_handler(MultiPartParserError)
def _multipart(request: HttpRequest, error: MultiPartParserError) -> HttpResponse:
    return problem(400, _("The request could not be read."), hint=str(error)[:200])


@api.exception_handler(IntegrityError)
def _same_moment(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    return problem(
        409, _("Somebody did the same thing at the same moment."), hint=_("Read the record again, then decide.")
    )


@api.exception_handler(OperationalError)
def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    if "locked" not in str(error):
        raise error
    return problem(503, _("The database is busy with other writers."), hint=_("Try again in a moment."))


@api.exception_handler(Exception)
def _unknown(request: HttpRequest, error: Exception) -> HttpResponse:
    # Django logs it and answers 500; `ApiProblemMiddleware` makes that JSON.
    raise error


for room in (home, city, records, indicators, sources, air, gateway, plan, bulletins):
    api.add_router("", room)
