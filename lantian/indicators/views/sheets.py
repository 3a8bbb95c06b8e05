"""Values by workbook: template, preview, applying."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lantian.city.access import Scope, SignedRequest, needs, scope_of
from lantian.indicators import excel
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.forms import MAX_SHEET_BYTES, SheetForm
from lantian.indicators.period import Period, PeriodError
from lantian.indicators.queries import catalogue
from lantian.indicators.registry import Indicator
from lantian.indicators.services import entry_kind
from lantian.indicators.tables import FREQUENCIES
from lantian.indicators.views.detail import enterable
from lantian.kit.errors import DomainError
from lantian.kit.export import XLSX_MIME, attachment
from lantian.kit.forms import perform, status_of

_OFFERED = {"month": 4, "quarter": 3, "year": 3, "season": 2, "week": 4, "day": 3}


@needs("indicator.enter")
def sheet_import(request: SignedRequest) -> HttpResponse:
    """Choose a template; send a filled-in one and look at it; apply it."""
    if request.method != "POST":
        return _page(request, SheetForm())
    if "sealed" in request.POST:
        return _apply(request)
    form, context = SheetForm(request.POST, request.FILES), Context()
    rows = perform(form, lambda data: excel.preview(request.user, _read(data["sheet"]), context))
    if rows is None:
        return _page(request, form, status=status_of(form))
    sealed = excel.seal(rows, request.user)
    good = sum(row.ok and row.action != "same" for row in rows)
    return _page(request, SheetForm(), rows=rows, sealed=sealed, good=good, apply_key=uuid.uuid4().hex)


def _read(upload: Any) -> list[excel.SheetRow]:
    if upload.size > MAX_SHEET_BYTES:
        raise DomainError(_("The workbook is larger than 2 MB."), field="sheet")
    rows = excel.read(upload)
    if not rows:
        raise DomainError(_("No row has a value."), hint=_("Fill in the column “Value”."), field="sheet")
    return rows


def _apply(request: SignedRequest) -> HttpResponse:
    rows = excel.unseal(request.POST["sealed"], request.user)
    key = request.POST.get("key", "")[:40]
    if not key:
        raise DomainError(_("The form is incomplete."), hint=_("Send the workbook again."))
    done = excel.apply(request.user, rows, Context(), key=key)
    written = sum(row.ok and row.action != "same" for row in done)
    refused = [row for row in done if not row.ok]
    messages.success(request, _("%(n)s values were written.") % {"n": written})
    if not refused:
        return redirect("indicators:list")
    return _page(request, SheetForm(), rows=refused)


def _page(request: HttpRequest, form: SheetForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = Context()
    context_page = {
        "title": _("Enter by Excel"),
        "form": form,
        "offers": _offers(scope_of(request.user), context),
        **more,
    }
    return render(request, "indicators/import.html", context_page, status=status)


def _offers(scope: Scope, context: Context) -> list[dict[str, Any]]:
    """The templates that make sense for this person: by rhythm, the newest periods, and how many rows each has."""
    counts: dict[str, int] = {}
    for one, _place in _mine(scope, context):
        kind = entry_kind(one)
        counts[kind] = counts.get(kind, 0) + 1
    return [
        {
            "label": FREQUENCIES.get(kind, kind),
            "rows": rows,
            "periods": list(reversed(periods.last(kind, context.today, _OFFERED.get(kind, 3), context.season))),
        }
        for kind, rows in counts.items()
    ]


def _mine(scope: Scope, context: Context) -> list[tuple[Indicator, Any]]:
    """What a person may enter: indicators by place. The city's own value only where it is not made from the areas."""
    found = []
    for one in catalogue(context).values():
        for place in enterable(scope, one, context):
            if place != context.city or one.level == "city" or one.aggregate == "none":
                found.append((one, place))
    return found


@needs("indicator.enter")
def sheet_template(request: SignedRequest) -> HttpResponse:
    """Download the workbook of a period for what this person may enter."""
    context, scope = Context(), scope_of(request.user)
    period = _asked(request, context)
    wanted = [(one, place) for one, place in _mine(scope, context) if entry_kind(one) == period.kind]
    if not wanted:
        raise DomainError(_("There is nothing that you may enter for %(period)s.") % {"period": period})
    context.preload({one.code for one, _place in wanted}, period)
    content = excel.template(wanted, period, context)
    return attachment(content, f"indicators-{period.code}.xlsx", XLSX_MIME)


def _asked(request: HttpRequest, context: Context) -> Period:
    text = request.GET.get("period", "")
    try:
        return periods.parse(text, context.season)
    except PeriodError as error:
        raise DomainError(
            _("“%(text)s” is no period.") % {"text": text[:40]},
            hint=_("Write 2020, 2020-Q2, 2020-06, 2020-W23, 2020-06-05, 2020-2021 or to-2020-06-05."),
            field="period",
        ) from error
