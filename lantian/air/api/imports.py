"""The HTTP API of imports: values pushed by programs, the formats of files, the list of imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from lantian.air.models import ImportJob
from lantian.air.reading.faults import Fault
from lantian.air.reading.formats import Format, formats
from lantian.air.services import pushes
from lantian.air.services.imports import VERB
from lantian.city.access import SignedRequest
from lantian.city.guard import Guard
from lantian.kit.api import Id, Problem, Word, paged
from lantian.kit.errors import DomainError

router = Router(tags=["Air"])
KINDS = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "text/csv": "csv",
}
_ROW = {
    "type": "object",
    "additionalProperties": False,
    "required": ["time", "place", "pollutant", "value", "unit"],
    "properties": {
        "time": {"type": "string", "description": "ISO 8601; without a zone it is on the declared clock"},
        "place": {"type": "string", "description": "name of the place or code of the station"},
        "pollutant": {"type": "string", "examples": ["PM2.5", "SO2", "臭氧"]},
        "value": {
            "anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}],
            "description": "null or empty: not measured",
        },
        "unit": {"type": "string", "examples": ["µg/m3", "mg/m3"]},
    },
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["rows"],
                    "properties": {"rows": {"type": "array", "items": _ROW}},
                }
            },
            "application/x-ndjson": {"schema": {"type": "string", "description": "a row (as in JSON) on each line"}},
            "text/csv": {
                "schema": {"type": "string", "description": "the format `long`: time, place, pollutant, value, unit"}
            },
        },
    }
}


class PushIn(Schema):
    """What is declared about the rows."""

    series: Word = Field(description="what the values are", examples=["long-station"])
    hour_label: Literal["begin", "end"] = Field(description="which moment of its hour a time names")
    time_zone: Word = Field("Asia/Shanghai", description="the clock of times without a zone")
    units: Word = Field("", description="units of rows without one: “CO=mg/m3,µg/m3”")
    time_format: Word = Field("", description="CSV only: the form of its times, else “%Y-%m-%d %H:%M”")
    on_fault: Literal["refuse", "skip"] = Field("refuse", description="skip: write the good rows though others are bad")


class RowFaultOut(Schema):
    """What is wrong with one value."""

    row: int = Field(description="number of the row from 1, in CSV the line; 0: the whole body")
    column: str
    value: str
    code: str = Field(description="kind of the fault, for programs")
    message: str
    hint: str


class PushOut(Schema):
    """The values are safe in the store."""

    id: int = Field(description="number of the import")
    batch: str = Field(description="name of the content; the same content again is not written again")
    version: int = Field(description="version of the store that holds it")
    written: int = Field(description="values")
    repeated: bool = Field(description="it was there before")
    faults: int = Field(description="values that were left out")
    errors: list[RowFaultOut] = Field(description="the first of them")


class PushRefused(Problem):
    """Nothing was written."""

    faults: int = Field(0, description="number of faults")
    errors: list[RowFaultOut] = Field([], description="the first of them")


class FormatOut(Schema):
    """A format of files that can be imported."""

    name: str
    title: str
    files: list[str]
    step: Literal["hour", "day"]
    series: str
    series_choices: list[str]
    time_zone: str
    hour_label: str
    time_format: str
    encodings: list[str]
    asks: list[str] = Field(description="what may be declared")
    must: list[str] = Field(description="what must be declared")


class ImportOut(Schema):
    """An import: who, when, what, and how it ended."""

    id: int
    name: str
    origin: str
    form: str = Field(description="format")
    declared: dict[str, str]
    state: str
    batch: str
    part: int
    parts: int
    written: int
    repeated: bool
    store_version: int | None = None
    values: int | None = None
    faults: int | None = None
    created_at: datetime
    created_by: str = ""
    finished_at: datetime | None = None

    @staticmethod
    def resolve_values(job: ImportJob) -> int | None:
        found: int | None = job.summary.get("values")
        return found

    @staticmethod
    def resolve_faults(job: ImportJob) -> int | None:
        found: int | None = job.summary.get("faults")
        return found

    @staticmethod
    def resolve_created_by(job: ImportJob) -> str:
        return str(job.created_by) if job.created_by else ""


def _fault(one: Fault) -> dict[str, Any]:
    lang = get_language() or "zh"
    return {
        "row": one.row, "column": one.column, "value": one.value[:200], "code": one.code, "message": one.text(lang),
        "hint": one.mend(lang),
    }  # fmt: skip


@router.post(
    "/air/observations",
    response={201: PushOut, 200: PushOut, 422: PushRefused},
    auth=Guard(VERB),
    openapi_extra=BODY,
)
def push_observations(request: SignedRequest, wanted: Query[PushIn]) -> Status[dict[str, Any]]:
    """Send hourly values: JSON, a JSON object on each line, or CSV.

    Either all rows are written or, with faults, none, unless `on_fault=skip` is said; then the good ones are. The answer
    names each fault with row and column. The content names the batch: sent again it answers 200 and `repeated`. Rows
    about hours that are there already correct them; the older values stay. At most 4 MB; larger ones go as files.
    """
    kind = KINDS.get((request.content_type or "").lower())
    if kind is None:
        wrong = DomainError(_("This kind of body is not taken."), hint=", ".join(KINDS), field="Content-Type")
        wrong.status = 415
        raise wrong
    declared = wanted.dict(exclude={"on_fault"})
    done = pushes.push(request.user, request.body, kind, declared=declared, skip_bad=wanted.on_fault == "skip")
    errors = [_fault(one) for one in done.faults[:200]]
    if done.job is None:
        message = (
            _("The rows have %(n)s faults; nothing was written.") if done.total else _("There is no value to write.")
        )
        refused = {
            "error": "invalid", "message": message % {"n": done.total} if done.total else message,
            "hint": _("See “errors”; with on_fault=skip the good rows are written."), "field": "rows",
            "faults": done.total, "errors": errors,
        }  # fmt: skip
        return Status(422, refused)
    job = done.job
    answer = {
        "id": job.pk, "batch": job.batch, "version": job.store_version, "written": 0 if job.repeated else job.written,
        "repeated": job.repeated, "faults": done.total, "errors": errors,
    }  # fmt: skip
    return Status(200 if job.repeated else 201, answer)


@router.get("/air/formats", response=list[FormatOut], auth=Guard(VERB))
def import_formats(request: HttpRequest) -> list[dict[str, Any]]:
    """Formats of files that can be imported, and what has to be declared with each."""
    lang = get_language() or "zh"
    return [_format(one, lang) for one in formats()]


def _format(one: Format, lang: str) -> dict[str, Any]:
    names = ("name", "step", "series", "time_zone", "hour_label", "time_format")
    lists = ("files", "series_choices", "encodings", "asks", "must")
    return {name: getattr(one, name) for name in names} | {name: list(getattr(one, name)) for name in lists} | {
        "title": one.title(lang)
    }  # fmt: skip


@router.get("/air/imports", response=list[ImportOut], auth=Guard(VERB))
@paged
def import_list(request: HttpRequest) -> QuerySet[ImportJob]:
    """Imports, newest first."""
    return ImportJob.objects.select_related("created_by").defer("faults")


@router.get("/air/imports/{pk}", response=ImportOut, auth=Guard(VERB))
def import_detail(request: HttpRequest, pk: Id) -> ImportJob:
    """One import and how far it is."""
    return get_object_or_404(ImportJob.objects.select_related("created_by"), pk=pk)
