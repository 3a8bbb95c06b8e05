"""Reported values that differ from the computed ones; and the aims of the plan with what they stand at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.city.access import SignedRequest, needs, scope_of
from lantian.indicators.context import Context
from lantian.indicators.queries import find
from lantian.indicators.registry import Indicator
from lantian.indicators.words import amount, signed
from lantian.kit.numbers import whole
from lantian.kit.rows import ComputedListPage, RowFilter
from lantian.plan.computed import Pair, Row, disagreement_pairs, goal_rows
from lantian.plan.document_access import visible_versions

_NUMBER = {"td": {"class": "lt-number"}}


@dataclass(frozen=True, slots=True)
class Finding:
    """One report that differs, as the list shows it."""

    pair: Pair
    one: Indicator

    @property
    def code(self) -> str:
        measure = self.pair.binding.measure
        return measure.code if measure else ""

    @property
    def relative(self) -> Decimal:
        cell = self.pair.cell
        return abs(cell.difference or Decimal(0)) / (abs(cell.computed.number or Decimal(0)) or Decimal(1))


class DisagreementTable(tables.Table):
    code = tables.Column(
        gettext_lazy("Measure"), linkify=lambda record: reverse("plan:measure", args=[record.pair.binding.measure_id])
    )
    sentence = tables.Column(gettext_lazy("Sentence"), accessor="pair__binding__quote")
    indicator = tables.Column(
        gettext_lazy("Indicator"),
        accessor="one__title",
        linkify=lambda record: reverse("indicators:detail", args=[record.one.code]),
    )
    place = tables.Column(gettext_lazy("Area"), accessor="pair__cell__place")
    computed = tables.Column(gettext_lazy("Computed"), accessor="pair__cell__computed__number", attrs=_NUMBER)
    reported = tables.Column(
        gettext_lazy("Reported"),
        accessor="pair__cell__reported__number",
        attrs=_NUMBER,
        linkify=lambda record: reverse("plan:assignment", args=[record.pair.cell.assignment_id]),
    )
    difference = tables.Column(gettext_lazy("Difference"), accessor="pair__cell__difference", attrs=_NUMBER)
    relative = tables.Column(gettext_lazy("Relative"), attrs=_NUMBER)
    unit = tables.Column(gettext_lazy("Unit"), accessor="one__unit")
    as_of = tables.DateColumn(
        format="Y-m-d", verbose_name=gettext_lazy("Computed as of"), accessor="pair__cell__computed__as_of"
    )
    said_on = tables.DateColumn(
        format="Y-m-d", verbose_name=gettext_lazy("Reported as of"), accessor="pair__cell__reported__effective_on"
    )

    def render_sentence(self, value: str) -> str:
        text = " ".join(value.split())
        return text[:60] + ("…" if len(text) > 60 else "")

    def render_computed(self, value: Decimal, record: Finding) -> str:
        return amount(value, record.one.decimals)

    def value_computed(self, value: Decimal) -> Decimal:
        return value

    def render_reported(self, value: Decimal, record: Finding) -> str:
        return amount(value, record.one.decimals)

    def value_reported(self, value: Decimal) -> Decimal:
        return value

    def render_difference(self, value: Decimal, record: Finding) -> str:
        return signed(value, record.one.decimals)

    def value_difference(self, value: Decimal) -> Decimal:
        return value

    def render_relative(self, value: Decimal) -> Any:
        return format_html("{} %", amount(value * 100, 0))

    def value_relative(self, value: Decimal) -> Decimal:
        return value


class DisagreementFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=80)
    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)

    def __init__(self, data: Any, context: Context) -> None:
        super().__init__(data)
        places = [(place.code, str(place)) for place in (context.city, *context.areas) if place]
        self.fields["area"].choices = [("", _("all")), *places]  # type: ignore[attr-defined]


@method_decorator(needs("indicator.view"), "dispatch")
class Disagreements(ComputedListPage):
    """Reported values of numeric targets that differ from the computed ones, the largest difference first."""

    table_class = DisagreementTable
    title = gettext_lazy("Reports that differ from computed values")
    file_name = "disagreements"
    default_columns = ("code", "indicator", "place", "computed", "reported", "difference", "unit", "as_of", "said_on")

    def rows(self) -> list[Finding]:
        self.context = Context()
        pairs = disagreement_pairs(scope_of(self.request.user), self.context)
        return [Finding(pair, one) for pair in pairs if (one := find(pair.binding.indicator, self.context))]

    def choose(self, rows: list[Finding]) -> Any:
        def words(row: Finding, asked: str) -> bool:
            return asked.lower() in f"{row.code} {row.pair.binding.quote} {row.one.title}".lower()

        tests = {"q": words, "area": lambda row, asked: row.pair.cell.place.code == asked}
        return RowFilter(DisagreementFilter(self.request.GET, self.context), rows, tests)


@needs("indicator.view")
def targets(request: SignedRequest) -> HttpResponse:
    """The aims of a plan: those outside its tasks (air quality, ranks), each at its present value, with the areas.

    `version` in the address asks for one text (a county's own plan too); htmx gets the panel of the plan tree.
    """
    scope = scope_of(request.user)
    version = None
    if (asked := whole(request.GET.get("version"))) is not None:
        version = get_object_or_404(visible_versions(scope).defer("text", "parsed"), pk=asked)
    rows = goal_rows(scope, Context(), None if version is None else [version])
    context = {
        "title": _("Aims of the plan"),
        "version": version,
        "rows": rows,
        "binding": [row for row in rows if row.nature == "binding"],
        "striving": [row for row in rows if row.nature != "binding"],
        "empty": sum(_is_empty(row) for row in rows if row.indicator),
        "loose": sum(row.indicator is None for row in rows),
        "total": len(rows),
    }
    return render(request, "plan/aims_panel.html" if request.htmx else "plan/targets.html", context)  # type: ignore[attr-defined]


def _is_empty(row: Row) -> bool:
    return not any(cell.computed.has_number for cell in row.cells)
