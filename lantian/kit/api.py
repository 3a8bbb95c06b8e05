"""What every router of the HTTP API shares: refusals as JSON, pages of a list, bounded input types.

Nothing here knows the domain. A router is written so:

    router = Router(tags=["Plan"])

    @router.get("/tasks", response=list[TaskOut], auth=Guard("plan.view"))
    @paged
    def tasks(request: HttpRequest, wanted: Query[TaskFilter]) -> QuerySet[Task]: ...
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, get_type_hints

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Field, Schema
from ninja.pagination import PaginationBase, paginate
from pydantic import StringConstraints

from lantian.kit.errors import DomainError

MAX_LIMIT = 200
_BIGGEST = 2**63 - 1
_VERSION = re.compile(r'(?:W/)?"?(\d{1,9})"?')

# Bounded input: what a database column cannot hold is refused at the door, with the field's name.
Id = Annotated[int, Field(ge=1, le=_BIGGEST, description="key of a record", examples=[1])]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="version that the change was made from", examples=[1])]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Text = Annotated[str, StringConstraints(max_length=5000)]
Reason = Annotated[str, Field(max_length=2000, description="why; kept in the audit chain", examples=["现场核查属实"])]
Percent = Annotated[int, Field(ge=0, le=100, description="0 to 100", examples=[60])]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=6, description="a number in its unit", examples=["80"])]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 12, 31), examples=["2020-09-30"])]


class Problem(Schema):
    """A refused request: what is wrong, how to mend it, and which input it is about."""

    error: str = Field(description="kind of the refusal, for programs", examples=["conflict"])
    message: str = Field(description="what is wrong and where, for people, in the caller's language")
    hint: str = Field("", description="how to mend it")
    field: str = Field("", description="the input that it is about, if one is to blame")


KINDS = {
    400: "refused",
    401: "not_logged_in",
    403: "not_allowed",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    413: "too_large",
    415: "wrong_kind",
    422: "invalid",
    500: "server_error",
    503: "busy",
}


def problem(status: int, message: str, *, hint: str = "", field: str = "") -> JsonResponse:
    """Return a refusal as JSON."""
    body = {"error": KINDS.get(status, "refused"), "message": str(message), "hint": str(hint), "field": field}
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="lantian"'
    return response


def problem_of(error: DomainError) -> JsonResponse:
    """Return a service's refusal as JSON with its own status."""
    return problem(error.status, error.message, hint=error.hint, field=error.field)


class Paged(PaginationBase):
    """`limit` (1 to 200) and `offset`; the answer says how many there are in all."""

    class Input(Schema):
        limit: int = Field(50, ge=1, le=MAX_LIMIT, description="how many at most")
        offset: int = Field(0, ge=0, le=10_000_000, description="how many to skip")

    class Output(Schema):
        items: list[Any]
        count: int = Field(description="how many there are in all")
        limit: int
        offset: int

    def paginate_queryset(self, queryset: Any, pagination: Input, request: HttpRequest, **params: Any) -> Any:
        at = pagination.offset
        return {
            "items": queryset[at : at + pagination.limit],
            "count": self._items_count(queryset),
            "limit": pagination.limit,
            "offset": at,
        }


def paged(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate an operation that returns a query set or a list: it answers with a page of it."""
    # The library looks names up in its own module, so annotations written as text are resolved here.
    view.__annotations__ = get_type_hints(view, include_extras=True)
    decorated: Callable[..., Any] = paginate(Paged)(view)
    return decorated


def set_version(response: HttpResponse, version: int) -> None:
    """Put the record's version into the answer's ETag."""
    response["ETag"] = f'"{version}"'


def seen_version(request: HttpRequest, given: int | None) -> int | None:
    """Return the version that the change was made from: of the body, else of the header If-Match.

    Raises DomainError for a header that is no version, or that contradicts the body.
    """
    header = request.headers.get("If-Match", "").strip()
    if header in {"", "*"}:
        return given
    match = _VERSION.fullmatch(header)
    if match is None or (given is not None and int(match.group(1)) != given):
        raise DomainError(
            _("The header If-Match holds no version, or another one than the body."),
            hint=_("Send the ETag of the record as you read it."),
            field="If-Match",
        )
    return int(match.group(1))
