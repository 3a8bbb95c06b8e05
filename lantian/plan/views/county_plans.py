"""County implementation plans: who handed one in, what it carries out, and the decisions about traces."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.indicators.words import amount
from lantian.kit.choices import family
from lantian.kit.columns import BadgeColumn
from lantian.kit.export import XLSX_MIME, attachment, to_xlsx
from lantian.kit.forms import KitForm, perform
from lantian.kit.lists import ListPage
from lantian.kit.templatetags.kit import badge as light
from lantian.plan.county_tracing import CityRow, Handed, Tracing, due_day, handed_in, percent, together, tracing
from lantian.plan.document_access import counties_to_import_for, may_work_on, require_work_on, visible_versions
from lantian.plan.facts import measures_of
from lantian.plan.models import Document, DocumentVersion, Measure, Trace
from lantian.plan.rules.tracing import Looser
from lantian.plan.services.traces import add_trace as join
from lantian.plan.services.traces import decide_trace, suggest_traces

NOWRAP = {"td": {"class": "text-nowrap"}}
_SHOWS = ("all", "covered", "suggested", "missing", "looser")


class HandedTable(tables.Table):
    place = tables.Column(gettext_lazy("County"), order_by="place__position")
    timely = BadgeColumn("handed_in", verbose_name=gettext_lazy("Handed in"))
    handed_in = tables.DateColumn(format="Y-m-d", verbose_name=gettext_lazy("Day"), attrs=NOWRAP)
    due = tables.DateColumn(format="Y-m-d", verbose_name=gettext_lazy("Due"), attrs=NOWRAP)
    state = tables.Column(gettext_lazy("State"), accessor="version", orderable=False)
    owed = tables.Column(gettext_lazy("Measures owed"), attrs={"td": {"class": "lt-number"}})
    percent = tables.Column(gettext_lazy("Covered %"), attrs={"td": {"class": "lt-number"}})
    suggested = tables.Column(gettext_lazy("To be decided"), attrs={"td": {"class": "lt-number"}})
    plan = tables.Column(gettext_lazy("Plan"), empty_values=(), accessor="version__title", orderable=False)

    def render_percent(self, value: Decimal) -> str:
        return amount(value)

    def value_percent(self, value: Decimal) -> Decimal:
        return value

    def render_state(self, value: DocumentVersion) -> Any:
        return light("version_state", value.state)

    def value_state(self, value: DocumentVersion) -> str:
        return value.get_state_display()

    def render_plan(self, record: Handed) -> Any:
        if record.version is None or not record.visible:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', reverse("plan:county_plan", args=[record.version.pk]), record.version.title
        )

    def value_plan(self, record: Handed) -> str:
        return record.version.title if record.version and record.visible else ""


@method_decorator(needs("plan.view"), name="dispatch")
class CountyPlans(ListPage):
    """Every county that owes something of the city plan in force (`plan` in the address chooses among several)."""

    table_class = HandedTable
    template_name = "plan/county_plans.html"
    file_name = "county-plans"

    @property
    def title(self) -> str:  # type: ignore[override]
        return _("County implementation plans")

    def city_plans(self) -> list[DocumentVersion]:
        adopted = visible_versions(scope_of(self.request.user)).filter(
            state="adopted", document__kind=Document.Kind.CITY_PLAN
        )
        return list(adopted.defer("text", "parsed").order_by("-issued_on", "-pk"))

    def chosen(self) -> DocumentVersion | None:
        plans = self.city_plans()
        wanted = self.request.GET.get("plan", "")
        return next((p for p in plans if str(p.pk) == wanted), plans[0] if plans else None)

    @cached_property
    def handed(self) -> list[Handed]:
        city = self.chosen()
        return handed_in(city, scope_of(self.request.user)) if city else []

    def get_queryset(self) -> Any:
        return self.handed

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        city = self.chosen()
        share = together(self.handed)
        kwargs |= {"covered": share, "covered_percent": amount(percent(share))}
        kwargs |= {"city_plan": city, "city_plans": self.city_plans(), "due": due_day(city) if city else None}
        kwargs["may_import"] = counties_to_import_for(scope_of(self.request.user)).exists()
        return kwargs


class TraceForm(KitForm):
    """A county measure and the city measure that it carries out."""

    submit_label = gettext_lazy("Join them")
    county = forms.ModelChoiceField(Measure.objects.none(), label=gettext_lazy("Measure of the county"))
    city = forms.ModelChoiceField(Measure.objects.none(), label=gettext_lazy("Measure of the city"))

    def __init__(self, data: Any = None, *, found: Tracing, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name, version in (("county", found.version), ("city", found.city)):
            self.fields[name].queryset = measures_of(version)  # type: ignore[attr-defined]
        owed = [(row.measure.pk, str(row.measure)) for row in found.rows]
        self.fields["city"].choices = [("", "–"), *owed]  # type: ignore[attr-defined]


def _county_version(request: HttpRequest, pk: int) -> DocumentVersion:
    versions = visible_versions(scope_of(request.user)).filter(document__kind=Document.Kind.COUNTY_PLAN)
    found: DocumentVersion = get_object_or_404(versions.select_related("document__serves"), pk=pk)
    return found


@needs("plan.view")
def county_plan(request: SignedRequest, pk: int) -> HttpResponse:
    """A county's text beside the city's measures that it owes."""
    version = _county_version(request, pk)
    found = tracing(version)
    if found is not None and request.GET.get("export") == "xlsx":
        return _export(found)
    show = request.GET.get("show", "all")
    scope = scope_of(request.user)
    may_trace = may_work_on(scope, "trace", version) and version.state != "discarded"
    context = {
        "title": version.title,
        "version": version,
        "found": found,
        "percent": amount(found.percent) if found else "",
        "rows": [row for row in found.rows if _fits(row, show)] if found else [],
        "show": show if show in _SHOWS else "all",
        "counts": {name: sum(_fits(row, name) for row in found.rows) for name in _SHOWS} if found else {},
        "form": TraceForm(found=found, initial={"county": request.GET.get("county"), "city": request.GET.get("city")})
        if found and may_trace
        else None,
        "may_trace": may_trace,
        "may_review": version.state == "in_review" and may_work_on(scope, "review", version),
        "words": looser_words,
    }
    return render(request, "plan/county_plan.html", context)


def _fits(row: CityRow, show: str) -> bool:
    return bool(row.looser) if show == "looser" else show not in _SHOWS or show in ("all", row.state)


def looser_words(one: Looser) -> str:
    """Return in words where the county asks less."""
    values = {"county": one.county, "city": one.city}
    return {
        "deadline": _("later: %(county)s, the city says %(city)s"),
        "no_deadline": _("no deadline; the city says %(city)s"),
        "target": _("lower: %(county)s, the city says %(city)s"),
        "no_target": _("without the city's number: %(city)s"),
    }[one.what] % values


def _export(found: Tracing) -> HttpResponse:
    header = [
        _("City measure"), _("Text"), _("State"), _("County measure"), _("Text"), _("Trace"), _("Likeness"),
        _("Looser than the city"),
    ]  # fmt: skip
    labels = {"covered": _("covered"), "suggested": _("suggested"), "missing": _("not covered")}
    rows: list[list[Any]] = []
    for row in found.rows:
        head = [row.measure.code, row.measure.text, labels[row.state]]
        rows += [
            [*head, t.county.code, t.county.text, family("trace")[t.trace.state].label, t.trace.score,
             "; ".join(map(looser_words, t.looser))]
            for t in row.traces
        ] or [[*head, "", "", "", None, ""]]  # fmt: skip
    rows += [
        ["", "", _("carries out nothing of the city plan"), m.code, m.text, "", None, ""] for m in found.loose_ends
    ]
    notes = [_("Covered: %(covered)s of %(owed)s") % {"covered": len(found.coverage.covered), "owed": len(found.rows)}]
    content = to_xlsx([str(h) for h in header], rows, notes=notes)
    return attachment(content, f"{found.version.title}.xlsx", XLSX_MIME)


@require_POST
@needs("plan.view")
def suggest_again(request: SignedRequest, pk: int) -> HttpResponse:
    """Look for traces anew."""
    version = _county_version(request, pk)
    n = suggest_traces(request.user, version)
    messages.success(request, _("%(n)s traces are suggested.") % {"n": n})
    return redirect("plan:county_plan", pk=pk)


@require_POST
@needs("plan.view")
def add_trace(request: SignedRequest, pk: int) -> HttpResponse:
    """Join a county measure and a city measure by hand."""
    version = _county_version(request, pk)
    require_work_on(scope_of(request.user), "trace", version)
    found = tracing(version)
    if found is None:
        return redirect("plan:county_plan", pk=pk)
    form = TraceForm(request.POST, found=found)

    def act(data: dict[str, Any]) -> Trace:
        return join(request.user, version, county_measure=data["county"], city_measure=data["city"])

    trace = perform(form, act)
    if trace is None:
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect("plan:county_plan", pk=pk)
    messages.success(request, _("Joined."))
    return redirect(reverse("plan:county_plan", args=[pk]) + f"#m{trace.city_measure_id}")


@require_POST
@needs("plan.view")
def decide(request: SignedRequest, pk: int) -> HttpResponse:
    """Confirm, reject or take back one trace (state in the form)."""
    versions = visible_versions(scope_of(request.user)).values("pk")
    trace = get_object_or_404(Trace, pk=pk, county_measure__clause__task__version__in=versions)
    decided = decide_trace(request.user, trace, state=request.POST.get("state", ""))
    version = decided.county_measure.clause.task.version_id
    show = request.POST.get("show", "")
    query = f"?show={show}" if show in _SHOWS else ""
    return redirect(reverse("plan:county_plan", args=[version]) + f"{query}#m{decided.city_measure_id}")
