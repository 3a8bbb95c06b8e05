"""Dispatch rounds: open, remind, collect by report or workbook, close, compare with the last one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Query
from ninja.files import UploadedFile

from lantian.city.access import SignedRequest, scope_of
from lantian.city.guard import Guard
from lantian.city.models import Agency, Place
from lantian.kit.api import Id, paged, seen_version, set_version
from lantian.kit.errors import DomainError
from lantian.kit.export import XLSX_MIME, attachment
from lantian.plan import dispatch
from lantian.plan.api.base import router
from lantian.plan.api.schemas import rounds as say
from lantian.plan.api.schemas.texts import VersionIn
from lantian.plan.models import DispatchRound, Document, RoundEntry, RoundUpload, Task
from lantian.plan.rules.rounds import MOVEMENTS, Balance
from lantian.plan.services import rounds as services
from lantian.plan.services import uploads, workbooks

TAGS = ["Dispatch rounds"]
VIEW = Guard("round.view")
MANAGE = Guard("round.manage")
FILL = Guard("round.fill")
EXCEL: dict[str, Any] = {
    "responses": {"200": {"content": {XLSX_MIME: {"schema": {"type": "string", "format": "binary"}}}}}
}


def rounds_of(request: SignedRequest) -> QuerySet[DispatchRound]:
    """Return the rounds that ask for something that the caller sees, with their counts."""
    return dispatch.visible_rounds(scope_of(request.user)).select_related("opened_by").order_by("-month", "-pk")


def round_or_404(request: SignedRequest, pk: int) -> DispatchRound:
    found: DispatchRound = get_object_or_404(rounds_of(request), pk=pk)
    return found


@router.get("/rounds", response=list[say.RoundOut], auth=VIEW, tags=TAGS)
@paged
def rounds(request: SignedRequest, wanted: Query[say.RoundFilter]) -> QuerySet[DispatchRound]:
    """Dispatch rounds, the newest month first."""
    conditions = {"state": wanted.state, "document": wanted.document}
    return rounds_of(request).filter(**{name: value for name, value in conditions.items() if value is not None})


@router.post("/rounds", response={201: say.RoundOut}, auth=MANAGE, tags=TAGS)
def open_round(request: SignedRequest, data: say.RoundIn) -> DispatchRound:
    """Open the round of a month for a city plan and tell everybody who is asked."""
    document = Document.objects.filter(pk=data.document).first()
    if document is None:
        raise DomainError(_("There is no such document."), hint=str(data.document), field="document")
    made = services.open_round(
        request.user,
        document,
        month=data.month,
        due_on=data.due_on,
        title=data.title,
        instructions=data.instructions,
    )
    return round_or_404(request, made.pk)


@router.get("/rounds/{pk}", response=say.RoundOut, auth=VIEW, tags=TAGS)
def round_(request: SignedRequest, response: HttpResponse, pk: Id) -> DispatchRound:
    """One round."""
    found = round_or_404(request, pk)
    set_version(response, found.version)
    return found


@router.patch("/rounds/{pk}", response=say.RoundOut, auth=MANAGE, tags=TAGS)
def amend_round(request: SignedRequest, response: HttpResponse, pk: Id, data: say.RoundEdit) -> DispatchRound:
    """Change the due day, title or instructions of an open round."""
    found = round_or_404(request, pk)
    given = data.dict(exclude={"version"}, exclude_none=True)
    values = {name: given.get(name, getattr(found, name)) for name in ("due_on", "title", "instructions")}
    services.amend_round(request.user, found, **values, seen_version=seen_version(request, data.version))
    return round_(request, response, pk)


@router.post("/rounds/{pk}/remind", response=say.Reminded, auth=MANAGE, tags=TAGS)
def remind(request: SignedRequest, pk: Id, data: say.RemindIn) -> dict[str, Any]:
    """Remind those who have not reported, each person at most once a day."""
    found = round_or_404(request, pk)
    area = None
    if data.area:
        area = Place.objects.areas().filter(code=data.area).first()
        if area is None:
            raise DomainError(_("There is no such place."), hint=data.area, field="area")
    done = services.remind(request.user, found, area_id=area.pk if area else None)
    return {"messages": done.messages, "entries": done.entries, "again_today": done.again_today} | {
        "unreached": done.nobody
    }


@router.post("/rounds/{pk}/close", response=say.RoundOut, auth=MANAGE, tags=TAGS)
def close_round(request: SignedRequest, response: HttpResponse, pk: Id, data: VersionIn) -> DispatchRound:
    """Close a round: each entry keeps the status, percent and report of this moment."""
    found = round_or_404(request, pk)
    services.close_round(request.user, found, seen_version=seen_version(request, data.version))
    return round_(request, response, pk)


@router.get("/rounds/{pk}/entries", response=list[say.EntryOut], auth=VIEW, tags=TAGS)
@paged
def round_entries(request: SignedRequest, pk: Id, wanted: Query[say.EntryFilter]) -> QuerySet[RoundEntry]:
    """What the round asks for, as far as the caller sees it, with what came of it."""
    found: Any = dispatch.entries_of(round_or_404(request, pk), scope_of(request.user))
    if wanted.state:
        found = found.filter(entry_state=wanted.state)
    rows: QuerySet[RoundEntry] = found.filter(assignment__area__code=wanted.area) if wanted.area else found
    return rows


@router.get("/rounds/{pk}/comparison", response=say.RoundComparison, auth=VIEW, tags=TAGS)
def round_comparison(request: SignedRequest, pk: Id, wanted: Query[say.By]) -> dict[str, Any]:
    """How many assignments moved forward, stood still, went back since the round before."""
    scope = scope_of(request.user)
    found = dispatch.comparison(dispatch.view(round_or_404(request, pk), scope), scope)
    balances = found.by(wanted.by)
    names = _names(wanted.by, balances)
    rows = [
        {"key": str(key), "name": names.get(key, str(key)), **_balance(balance)} for key, balance in balances.items()
    ]
    return {"before": found.before.pk if found.before else None, "by": wanted.by, "rows": rows}


def _balance(found: Balance) -> dict[str, int]:
    return {kind: found.movements[kind] for kind in MOVEMENTS} | {
        "newly_overdue": found.newly_overdue,
        "missing": found.missing,
        "missing_twice": found.missing_twice,
    }


_MODELS: dict[str, Any] = {"area": Place, "agency": Agency, "task": Task}


def _names(by: str, keys: Any) -> dict[Any, str]:
    if by not in _MODELS:
        return {}
    return {record.pk: str(record) for record in _MODELS[by].objects.filter(pk__in=list(keys))}


@router.post("/rounds/{pk}/uploads", response={201: say.UploadOut}, auth=FILL, tags=TAGS)
def upload_workbook(request: SignedRequest, pk: Id, file: File[UploadedFile]) -> RoundUpload:
    """Hand in a filled-in workbook (multipart/form-data): each row becomes ready or carries its reasons; nothing is
    reported yet."""
    return uploads.preview(request.user, round_or_404(request, pk), file)


def _uploads(request: SignedRequest) -> QuerySet[RoundUpload]:
    return uploads.uploads_visible_to(request.user)


@router.get("/uploads/{pk}", response=say.UploadOut, auth=FILL, tags=TAGS)
def workbook_upload(request: SignedRequest, response: HttpResponse, pk: Id) -> RoundUpload:
    """An uploaded workbook with its rows and their reasons."""
    found = get_object_or_404(_uploads(request), pk=pk)
    set_version(response, found.version)
    return found


@router.get("/rounds/{pk}/uploads", response=list[say.UploadOut], auth=FILL, tags=TAGS)
@paged
def workbook_uploads(request: SignedRequest, pk: Id) -> QuerySet[RoundUpload]:
    """The workbooks that the caller handed in for a round (who manages rounds: everybody's), the newest first."""
    return _uploads(request).filter(round=round_or_404(request, pk)).order_by("-pk")


@router.get("/rounds/{pk}/workbook", auth=VIEW, tags=TAGS, openapi_extra=EXCEL)
def round_workbook(request: SignedRequest, pk: Id, wanted: Query[say.WorkbookOf]) -> HttpResponse:
    """The workbook of one area or one agency to be filled in, with the rows that the caller may see."""
    found, place, agency = round_or_404(request, pk), None, None
    if (wanted.area is None) == (wanted.agency is None):
        raise DomainError(_("Name an area or an agency, one of both."), field="area")
    if wanted.area is not None:
        place = Place.objects.areas().defer("boundary").filter(code=wanted.area).first()
    elif wanted.agency is not None:
        agency = Agency.objects.filter(pk=wanted.agency).first()
    if place is None and agency is None:
        raise DomainError(_("There is no such record."), field="area" if wanted.area is not None else "agency")
    content = workbooks.workbook(
        request.user, found, area_id=place.pk if place else None, agency_id=agency.pk if agency else None
    )
    return attachment(content, workbooks.file_name(found, str(place or agency)), XLSX_MIME)


@router.patch("/uploads/{pk}/rows", response=say.UploadOut, auth=FILL, tags=TAGS)
def mend_upload(request: SignedRequest, response: HttpResponse, pk: Id, data: say.MendIn) -> RoundUpload:
    """Correct single rows; all rows are checked again. Nothing is reported yet."""
    found = get_object_or_404(_uploads(request), pk=pk)
    mendings = {
        one.row: uploads.Mending(one.values, one.assignment, one.leave_out, one.confirm)  # type: ignore[arg-type]
        for one in data.rows
    }
    if unknown := set(mendings) - {row["row"] for row in found.rows}:
        raise DomainError(_("The sheet has no such row."), hint=", ".join(map(str, sorted(unknown)[:5])), field="rows")
    uploads.mend(request.user, found, mendings, seen_version=seen_version(request, data.version))
    return workbook_upload(request, response, pk)


@router.post("/uploads/{pk}/continue", response={201: say.UploadOut}, auth=FILL, tags=TAGS)
def continue_upload(request: SignedRequest, pk: Id) -> RoundUpload:
    """Take the rows that were left behind into a new upload, to be corrected there."""
    return uploads.carry_on(request.user, get_object_or_404(_uploads(request), pk=pk))


@router.post("/uploads/{pk}/apply", response=say.UploadOut, auth=FILL, tags=TAGS)
def apply_upload(request: SignedRequest, pk: Id, data: say.ApplyIn) -> RoundUpload:
    """Make a progress report of every ready row, once. With `partly` rows with reasons are left behind."""
    found = get_object_or_404(_uploads(request), pk=pk)
    seen = seen_version(request, data.version)
    uploads.apply(request.user, found, partly=data.partly, seen_version=seen)
    return _uploads(request).get(pk=pk)
