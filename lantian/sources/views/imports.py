"""Files into the register: sent, looked at cell by cell, mended, written; templates and downloads."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.kit.errors import DomainError
from lantian.kit.export import XLSX_MIME, attachment, to_csv
from lantian.kit.forms import KitForm, perform, status_of
from lantian.kit.numbers import whole
from lantian.sources import layouts
from lantian.sources.kinds import KINDS, Kind, kind_named
from lantian.sources.models import ImportRow, RegisterImport
from lantian.sources.models.base import Datum
from lantian.sources.reading.faults import Fault
from lantian.sources.services import importing, sheets
from lantian.sources.tabs import tabs
from lantian.sources.views.shown import lang

_PER_PAGE = 40
_FIELD = re.compile(r"r(\d+)-(cell|repair)-([a-z_]+)(?:-([a-z_]+))?")


class UploadForm(KitForm):
    submit_label = gettext_lazy("Upload and look")
    file = forms.FileField(
        label=gettext_lazy("File (.xlsx or .csv)"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"})
    )
    layout = forms.ChoiceField(label=gettext_lazy("layout"))
    kind = forms.ChoiceField(
        label=gettext_lazy("What a CSV file holds"),
        required=False,
        help_text=gettext_lazy("left open, its header tells"),
    )
    datum = forms.ChoiceField(
        label=gettext_lazy("Datum of positions that do not say theirs"),
        required=False,
        help_text=gettext_lazy("never guessed: find out from where the file comes"),
    )
    source = forms.CharField(label=gettext_lazy("Where the rows come from"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [(name, one.en if lang() == "en" else one.zh) for name, one in layouts.layouts().items()]
        choices: dict[str, list[tuple[str, Any]]] = {
            "layout": [(layouts.OWN, _("our own template")), *others],
            "kind": [("", "–"), *((kind.name, kind.label) for kind in KINDS)],
            "datum": [("", _("not known")), *((value, label) for value, label in Datum.choices if value)],
        }
        for name, known in choices.items():
            self.fields[name].choices = known  # type: ignore[attr-defined]


class ApplyForm(KitForm):
    submit_label = gettext_lazy("Write it into the register")
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: Any, faulty: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if faulty:
            self.fields["partly"] = forms.BooleanField(
                label=_("Write the others without the rows that have faults"), required=False,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )  # fmt: skip


def _visible(request: SignedRequest) -> QuerySet[RegisterImport]:
    """Own imports; those who know the whole register see all of them."""
    from lantian.sources.queries import knows_all

    rows = RegisterImport.objects.select_related("created_by", "applied_by", "file")
    return rows if knows_all(scope_of(request.user), importing.VERB) else rows.filter(created_by=request.user)


@needs("source.import")
def listed(request: SignedRequest) -> HttpResponse:
    """Send a file; templates and downloads; what was imported before."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST":
        made = perform(form, lambda data: importing.look(
            request.user, data["file"], layout=data["layout"], key=data["key"] or None,
            declared={name: data[name] for name in ("datum", "source", "kind")},
        ))  # fmt: skip
        if made:
            return redirect("sources:import_one", pk=made.pk)
    context = {
        "title": _("Import and export"), "tabs": tabs(request), "form": form, "kinds": KINDS,
        "imports": [(one, _totals(one)) for one in _visible(request)[:50]],
        "layouts": [(one.en if lang() == "en" else one.zh, one.note_en if lang() == "en" else one.note_zh)
                    for one in layouts.layouts().values()],
    }  # fmt: skip
    return render(request, "sources/imports.html", context, status=status_of(form) if form.is_bound else 200)


def _totals(job: RegisterImport) -> dict[str, int]:
    found: Counter[str] = Counter()
    for actions in job.summary.get("counts", {}).values():
        found.update(actions)
    return dict(found)


@require_safe
@needs("source.import")
def detail(request: SignedRequest, pk: int) -> HttpResponse:
    """What a file would do, or did."""
    return _detail(request, get_object_or_404(_visible(request), pk=pk))


def _detail(
    request: SignedRequest, job: RegisterImport, form: KitForm | None = None, status: int = 200
) -> HttpResponse:
    totals = _totals(job)
    mine = job.created_by_id == request.user.pk and job.state == RegisterImport.State.LOOKED
    show = request.GET.get("show", "")
    rows = job.rows.order_by("id")
    if show in {"create", "update", "same", "faulty", "left"}:
        rows = rows.filter(action=show)
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": job.name, "tabs": tabs(request), "job": job, "totals": totals, "show": show, "page": page, "mine": mine,
        "kinds": [(str(kind_named(name).label), counts) for name, counts in job.summary.get("counts", {}).items()],
        "rows": [_row(row) for row in page.object_list], "repairs": _repairs(job) if mine else [],
        "form": (form or ApplyForm(faulty=totals.get("faulty", 0), initial={"version": job.version})) if mine else None,
        "nothing": not (totals.get("create") or totals.get("update")),
    }  # fmt: skip
    return render(request, "sources/import.html", context, status=status)


def _row(row: ImportRow) -> dict[str, Any]:
    """A row as the page shows it: cells with faults and repairs, what would change, what is remarkable."""
    kind, language = kind_named(row.kind), lang()
    faults: dict[str, list[tuple[str, str]]] = {}
    for plain in row.faults:
        fault = Fault.from_plain(plain)
        faults.setdefault(fault.column, []).append((fault.text(language), fault.mend(language)))
    cells = []
    for column in kind.columns:
        repairs = [_repair(row, one, language) for one in row.repairs if one["column"] == column.name]
        if column.name in faults or repairs or column.name in row.edits:
            text = row.edits.get(column.name, row.cells.get(column.name, ""))
            cells.append({
                "name": column.name, "label": column.label, "text": text, "several_lines": "\n" in text,
                "faults": faults.get(column.name, []), "repairs": repairs,
                "was": row.cells.get(column.name, "") if column.name in row.edits else None,
            })  # fmt: skip
    changes = [
        (str(kind.by_name[name].label), kind.by_name[name].shown(old), kind.by_name[name].shown(new))
        for name, (old, new) in row.changes.items() if name in kind.by_name and name != "enterprise"
    ]  # fmt: skip
    remarks = [(f.text(language), f.mend(language)) for f in map(Fault.from_plain, row.remarks)]
    return {"row": row, "kind": kind, "cells": cells, "faults": faults.get("", []), "changes": changes, "remarks": remarks,
            "matched": str(kind.by_name[row.matched_by].label) if row.matched_by in kind.by_name else "",
            "title": row.changes.get("name", ["", row.cells.get("name", "")])[1]}  # fmt: skip


def _repair(row: ImportRow, one: dict[str, Any], language: str) -> dict[str, Any]:
    field = f"r{row.pk}-repair-{one['column']}-{one['code']}"
    return {**one, "field": field, "why": Fault(one["code"], "", one["params"]).text(language)}


def _repairs(job: RegisterImport) -> list[dict[str, Any]]:
    """Every sort of repair with how often it was proposed and taken, and one example."""
    found: dict[str, dict[str, Any]] = {}
    for repairs in job.rows.exclude(repairs=[]).values_list("repairs", flat=True):
        for one in repairs:
            mine = found.setdefault(one["code"], {"code": one["code"], "n": 0, "taken": 0, "example": one})
            mine["n"] += 1
            mine["taken"] += bool(one["accepted"])
    for mine in found.values():
        mine["why"] = Fault(mine["code"], "", mine["example"]["params"]).text(lang())
    return sorted(found.values(), key=lambda mine: -mine["n"])


@require_POST
@needs("source.import")
def mend(request: SignedRequest, pk: int) -> HttpResponse:
    """Take what was decided on the page and plan anew."""
    job = get_object_or_404(_visible(request), pk=pk)
    every = {}
    if code := request.POST.get("accept_all") or request.POST.get("decline_all"):
        every[code] = "accept_all" in request.POST
    try:
        importing.mend(
            request.user, job, every=every, seen_version=whole(request.POST.get("version")), **_decided(request)
        )
    except DomainError as problem:
        messages.error(request, str(problem))
        return _detail(request, get_object_or_404(_visible(request), pk=pk), status=problem.status)
    where = request.POST.get("back", "")
    return redirect(f"{request.path.removesuffix('mend/')}{where if where.startswith('?') else ''}#rows")


def _decided(request: SignedRequest) -> dict[str, Any]:
    """Read the decisions: r<row>-cell-<field> texts, r<row>-repair-<field>-<code> ticks, <row>-out; `shown` names the rows."""
    edits: dict[int, dict[str, str]] = {}
    decisions: dict[tuple[int, str, str], bool] = {}
    for name, text in request.POST.items():
        if (match := _FIELD.fullmatch(name)) and match[2] == "cell":
            edits.setdefault(int(match[1]), {})[match[3]] = str(text)
    for name in request.POST.getlist("repair"):
        if match := _FIELD.fullmatch(name):
            decisions[int(match[1]), match[3], match[4] or ""] = name in request.POST
    shown = [row for row in (whole(text) for text in request.POST.getlist("shown")) if row is not None]
    return {"edits": edits, "decisions": decisions, "left_out": {row: f"out-{row}" in request.POST for row in shown}}


@require_POST
@needs("source.import")
def apply(request: SignedRequest, pk: int) -> HttpResponse:
    """Write what was shown, once."""
    job = get_object_or_404(_visible(request), pk=pk)
    form = ApplyForm(request.POST, faulty=_totals(job).get("faulty", 0))
    done = perform(form, lambda data: importing.apply(
        request.user, job, reason=data["reason"], partly=bool(data.get("partly")), seen_version=data["version"]
    ), record=job)  # fmt: skip
    if done:
        totals = _totals(done)
        shown = {"new": totals.get("create", 0), "changed": totals.get("update", 0)}
        messages.success(request, _("%(new)s rows were entered, %(changed)s changed.") % shown)
        return redirect("sources:import_one", pk=pk)
    return _detail(request, get_object_or_404(_visible(request), pk=pk), form, status_of(form))


@require_POST
@needs("source.import")
def drop(request: SignedRequest, pk: int) -> HttpResponse:
    """Drop an import that was not written."""
    job = get_object_or_404(_visible(request), pk=pk)
    importing.drop(request.user, job, seen_version=whole(request.POST.get("version")))
    messages.success(request, _("The import was dropped; nothing was written."))
    return redirect("sources:import")


@require_safe
@needs("source.import")
def faults(request: SignedRequest, pk: int) -> HttpResponse:
    """Every fault of an import as CSV."""
    job = get_object_or_404(_visible(request), pk=pk)
    head = [_("Sheet"), _("Row"), _("Column"), _("It says"), _("What is wrong"), _("How to mend it")]
    return attachment(to_csv(head, importing.faults_csv(job, lang())), f"faults-{pk}.csv", "text/csv; charset=utf-8")


@require_safe
@needs("source.import")
def template(request: SignedRequest) -> HttpResponse:
    """An empty workbook of all kinds, or of one."""
    kinds = _asked(request)
    name = kinds[0].name if len(kinds) == 1 else "sources"
    return attachment(sheets.template(kinds), f"{name}-template.xlsx", XLSX_MIME)


@require_safe
@needs("source.view")
def export(request: SignedRequest) -> HttpResponse:
    """What the person sees of the register, in the columns of the template: a workbook, or CSV of one kind."""
    kinds = _asked(request)
    if request.GET.get("format") == "csv" and len(kinds) == 1:
        return attachment(sheets.export_csv(request.user, kinds[0]), f"{kinds[0].name}.csv", "text/csv; charset=utf-8")
    name = kinds[0].name if len(kinds) == 1 else "sources"
    return attachment(sheets.export(request.user, kinds), f"{name}.xlsx", XLSX_MIME)


def _asked(request: SignedRequest) -> tuple[Kind, ...]:
    said = request.GET.get("kind", "")
    if not said:
        return KINDS
    try:
        return (kind_named(said),)
    except KeyError as error:
        raise Http404 from error
