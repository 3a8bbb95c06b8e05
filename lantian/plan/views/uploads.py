"""The workbooks of a round: download, upload, the preview on which rows are mended, applying them."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.models import Agency, Place
from lantian.kit.choices import badge
from lantian.kit.errors import DomainError
from lantian.kit.export import XLSX_MIME, attachment
from lantian.kit.forms import KitForm, perform, status_of
from lantian.kit.numbers import whole
from lantian.plan import dispatch
from lantian.plan.models import DispatchRound, RoundUpload
from lantian.plan.rules import sheet
from lantian.plan.rules.sheet import Row
from lantian.plan.services import uploads as services
from lantian.plan.services import workbooks as workbooks_service
from lantian.plan.sheets import words
from lantian.plan.views.rounds import own_workbooks, visible_round
from lantian.records.services import open_stored

MAX_ROWS_SHOWN = 300


@require_safe
@needs("round.view")
def workbook(request: SignedRequest, pk: int) -> HttpResponse:
    """Download the workbook of one area (?area=code) or department (?agency=id)."""
    found = visible_round(request, pk)
    area, agency = _holder(request)
    content = workbooks_service.workbook(
        request.user, found, area_id=area.pk if area else None, agency_id=agency.pk if agency else None
    )
    return attachment(content, workbooks_service.file_name(found, str(area or agency)), XLSX_MIME)


def _holder(request: SignedRequest) -> tuple[Place | None, Agency | None]:
    """Return the area or agency of the address, if the person may see it; else 404."""
    scope = scope_of(request.user)
    code, agency = request.GET.get("area", ""), whole(request.GET.get("agency"))
    if code:
        place = get_object_or_404(Place.objects.areas().defer("boundary"), code=code)
        if scope.sees_everything or scope.agency_ids or place.pk in scope.place_ids:
            return place, None
    elif agency is not None:
        found = get_object_or_404(Agency, pk=agency)
        if scope.sees_everything or found.pk in scope.agency_ids:
            return None, found
    raise Http404


@require_safe
@needs("round.manage")
def workbooks(request: SignedRequest, pk: int) -> HttpResponse:
    """Download all workbooks of a round in one archive."""
    found = visible_round(request, pk)
    view = dispatch.view(found, scope_of(request.user))
    held = dispatch.holding_agencies(found, scope_of(request.user))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in view.areas:
            archive.writestr(
                workbooks_service.file_name(found, place.name),
                workbooks_service.workbook(request.user, found, area_id=place.pk),
            )
        for agency in Agency.objects.filter(pk__in=held):
            archive.writestr(
                workbooks_service.file_name(found, agency.short),
                workbooks_service.workbook(request.user, found, agency_id=agency.pk),
            )
    return attachment(buffer.getvalue(), f"{found.month:%Y-%m}.zip", "application/zip")


class UploadForm(KitForm):
    submit_label = gettext_lazy("Upload and look")
    file = forms.FileField(
        label=gettext_lazy("Filled-in workbook (.xlsx)"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"})
    )


@needs("round.view")
def upload(request: SignedRequest, pk: int) -> HttpResponse:
    """The workbooks to download, one to upload, and what was uploaded before (the office sees everybody's)."""
    found = visible_round(request, pk)
    scope = scope_of(request.user)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST":
        scope.require("round.fill")
        made = perform(form, lambda data: services.preview(request.user, found, data["file"]))
        if made:
            return redirect("plan:upload", pk=made.pk)
    rows = services.uploads_visible_to(request.user).filter(round=found)[:50]
    context = {
        "title": _("Upload a workbook"),
        "round": found,
        "tab": "upload",
        "form": form if scope.may("round.fill") else None,
        "downloads": own_workbooks(scope, dispatch.view(found, scope)),
        "uploads": [(row, _tally(row)) for row in rows],
    }
    return render(request, "plan/round_upload.html", context, status=status_of(form) if form.is_bound else 200)


def _tally(upload: RoundUpload) -> sheet.Tally:
    return sheet.tally(Row.from_plain(data) for data in upload.rows)


def _visible_upload(request: SignedRequest, pk: int) -> RoundUpload:
    found: RoundUpload = get_object_or_404(services.uploads_visible_to(request.user), pk=pk)
    return found


@needs("round.view")
def preview(request: SignedRequest, pk: int) -> HttpResponse:
    """The rows of an upload, each ready or with its reasons; faulty cells are mended here."""
    found = _visible_upload(request, pk)
    status = 200
    if request.method == "POST":
        try:
            services.mend(request.user, found, _mendings(request), seen_version=_version(request))
            return redirect(f"{reverse('plan:upload', args=[pk])}#rows")
        except DomainError as problem:
            messages.error(request, str(problem))
            status = problem.status
            found.refresh_from_db()
    return render(request, "plan/upload.html", _preview_context(request, found), status=status)


def _version(request: SignedRequest) -> int | None:
    return whole(request.POST.get("version"))


def _mendings(request: SignedRequest) -> dict[int, services.Mending]:
    """Read the corrections: fields named <row>-<column>, <row>-assignment, <row>-out, <row>-confirm; <row>-shown marks a row."""
    found = {}
    for name in request.POST:
        number, _dash, field = name.partition("-")
        row = whole(number)
        if field != "shown" or row is None:
            continue
        edits = {c: request.POST[f"{number}-{c}"] for c in sheet.INPUTS if f"{number}-{c}" in request.POST}
        found[row] = services.Mending(
            edits=edits,
            assignment=whole(request.POST.get(f"{number}-assignment")),
            leave_out=f"{number}-out" in request.POST,
            confirm=f"{number}-confirm" in request.POST,
        )
    return found


def _preview_context(request: SignedRequest, found: RoundUpload) -> dict[str, Any]:
    rows = [Row.from_plain(data) for data in found.rows]
    mine = found.uploaded_by_id == request.user.pk
    editable = mine and found.applied_at is None and found.round.state == DispatchRound.State.OPEN
    known = services.frame_for(request.user, found.round).known if editable else _labels(found, rows)
    shown = sorted(rows, key=lambda row: (not row.faulty, row.number))
    return {
        "title": found.file_name,
        "upload": found,
        "round": found.round,
        "version": found.version,
        "tally": sheet.tally(rows),
        "rows": [_shown(row, known) for row in shown[:MAX_ROWS_SHOWN]],
        "hidden_rows": max(0, len(rows) - MAX_ROWS_SHOWN),
        "reasons": _reason_counts(rows),
        "notes": [words.sentences(note["code"], note["params"]) for note in found.notes],
        "editable": editable,
        "can_continue": mine and found.applied_at is not None and any(row.faulty for row in rows),
        "choices": sorted((k.id, f"{k.code} · {k.holder}") for k in known.values() if k.mine and k.open)
        if editable
        else [],
        "labels": {name: words.LABELS[name] for name in sheet.INPUTS},
        "states": [str(label) for label in words.STATE_LABELS.values()],
    }


def _labels(found: RoundUpload, rows: list[Row]) -> dict[int, sheet.Known]:
    entries = dispatch.entries_of(found.round, None).filter(assignment__in=[r.assignment for r in rows if r.assignment])
    return {
        e.assignment_id: sheet.Known(
            e.assignment_id, e.assignment.measure.code, workbooks_service.holder_name(e.assignment), e.assignment.measure.text,
            e.assignment.version, e.assignment.state, False, False,
        )
        for e in entries
    }  # fmt: skip


def _state_name(state: str) -> str:
    return str(badge("status", state).label)


def _shown(row: Row, known: Mapping[int, sheet.Known]) -> dict[str, Any]:
    """A row as the template shows it: its cells with the reasons of each beside it."""
    of = known.get(row.assignment) if row.assignment is not None else None
    by_column: dict[str, list[tuple[str, str]]] = {}
    for fault in row.reasons:
        column = fault.column if fault.column in sheet.INPUTS else ""
        by_column.setdefault(column, []).append(words.sentences(fault.code, dict(fault.params), _state_name))
    cells = [
        {"name": name, "label": words.LABELS[name], "raw": row.raw.get(name, ""), "reasons": by_column.get(name, [])}
        for name in sheet.INPUTS
    ]
    return {
        "row": row,
        "state": "applied" if row.applied else row.skip or ("ready" if row.ok else "faulty"),
        "known": of,
        "cells": cells,
        "reasons": by_column.get("", []),
        "notes": [words.sentences(note.code, dict(note.params), _state_name) for note in row.notes],
        "confirmable": any(fault.confirmable for fault in row.reasons),
        "choose": any(fault.code in ("unknown", "mixed", "not_yours") for fault in row.reasons),
    }


def _reason_counts(rows: list[Row]) -> list[tuple[str, int]]:
    """How often each kind of reason occurs, most often first, in words without the row's own values."""
    counts = Counter((fault.code, fault.column) for row in rows if row.faulty for fault in row.reasons)
    first = {(f.code, f.column): f for row in reversed(rows) for f in row.reasons}
    return [
        (words.sentences(code, dict(first[(code, column)].params), _state_name)[0], n)
        for (code, column), n in counts.most_common()
    ]


@require_POST
@needs("round.fill")
def apply(request: SignedRequest, pk: int) -> HttpResponse:
    """Apply the ready rows, once."""
    found = _visible_upload(request, pk)
    try:
        done = services.apply(
            request.user, found, partly=request.POST.get("partly") == "1", seen_version=_version(request)
        )
    except DomainError as problem:
        messages.error(request, str(problem))
        found.refresh_from_db()
        return render(request, "plan/upload.html", _preview_context(request, found), status=problem.status)
    text = ngettext("%(n)s progress report was made.", "%(n)s progress reports were made.", done.applied)
    messages.success(request, text % {"n": done.applied})
    return redirect("plan:upload", pk=pk)


@require_POST
@needs("round.fill")
def carry_on(request: SignedRequest, pk: int) -> HttpResponse:
    """Take the rows that were left behind into a new upload."""
    made = services.carry_on(request.user, _visible_upload(request, pk))
    return redirect("plan:upload", pk=made.pk)


@require_safe
@needs("round.view")
def file(request: SignedRequest, pk: int) -> HttpResponse:
    """Download the workbook as it was uploaded."""
    found = _visible_upload(request, pk)
    with open_stored(found.file) as stored:
        return attachment(stored.read(), found.file_name, XLSX_MIME)
