"""The HTTP API of the register: enterprises with all that stands in them, the history of one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.kit.api import Word, paged
from lantian.kit.search import all_words
from lantian.sources import queries
from lantian.sources.kinds import KINDS, kind_named
from lantian.sources.kinds.plain import plain_of, with_references
from lantian.sources.models import Change, Enterprise
from lantian.sources.views.enterprise import visible_enterprise

router = Router(tags=["Sources"])
_VIEW = Guard("source.view")


class SourceFilter(Schema):
    """Which enterprises."""

    q: Word = Field("", description="words in names, codes, address")
    area: Word = Field("", description="code of an area")
    industry: Word = Field("", description="word of a type of plant", examples=["brick"])
    grade: Word = Field("", description="performance grade")
    state: Word = Field("", description="running, stopped, closed, building")


class SourceOut(Schema):
    """An enterprise of the register."""

    code: str
    name: str
    name_en: str
    credit_code: str
    industry: str
    industry_code: str
    grade: str
    area: str = Field(description="code of the area")
    state: str
    state_since: dt.date | None = None
    lon: float | None = Field(None, description="WGS-84")
    lat: float | None = Field(None, description="WGS-84")
    synthetic: bool = Field(description="invented")
    version: int

    @staticmethod
    def resolve_area(row: Enterprise) -> str:
        return row.area.code if row.area else ""

    @staticmethod
    def resolve_lon(row: Enterprise) -> float | None:
        return row.wgs_lon

    @staticmethod
    def resolve_lat(row: Enterprise) -> float | None:
        return row.wgs_lat


class SourceFile(Schema):
    """One enterprise, one file: the columns of each kind as in the workbook, as plain values."""

    code: str
    version: int
    enterprise: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]] = Field(description="{kind: rows}")


class SourceChange(Schema):
    """A change: of what, by whom, why, which fields from what to what."""

    at: dt.datetime
    kind: str
    code: str
    act: str
    by: str
    reason: str
    changes: dict[str, list[Any]] = Field(description="{field: [old, new]}")

    @staticmethod
    def resolve_by(row: Change) -> str:
        return row.by_name


@router.get("/sources", response=list[SourceOut], auth=_VIEW)
@paged
def source_list(request: SignedRequest, wanted: Query[SourceFilter]) -> QuerySet[Enterprise]:
    """Enterprises that the caller may see, in the order of their codes."""
    rows = queries.visible_to(scope_of(request.user)).select_related("area").defer("area__boundary").order_by("code")
    if wanted.q:
        rows = rows.filter(all_words(wanted.q.split()[:8], "name", "name_en", "code", "credit_code", "address"))
    said = {"area__code": wanted.area, "industry": wanted.industry, "grade": wanted.grade, "state": wanted.state}
    return rows.filter(**{name: value for name, value in said.items() if value})


@router.get("/sources/{code}", response=SourceFile, auth=_VIEW)
def source_detail(request: HttpRequest, code: str) -> dict[str, Any]:
    """The file of one enterprise."""
    one = visible_enterprise(request, code)
    rows = {
        kind.name: [plain_of(kind, row) for row in with_references(kind, kind.model.objects.filter(enterprise=one))]
        for kind in KINDS
        if not kind.is_enterprise
    }
    return {
        "code": one.code,
        "version": one.version,
        "enterprise": plain_of(kind_named("enterprise"), one),
        "rows": rows,
    }


@router.get("/sources/{code}/changes", response=list[SourceChange], auth=_VIEW)
@paged
def source_changes(request: HttpRequest, code: str) -> QuerySet[Change]:
    """The history of one enterprise, newest first."""
    return Change.objects.filter(enterprise=visible_enterprise(request, code))
