"""The list of indicators and the coverage of the plan's targets."""

from __future__ import annotations

from typing import Any

from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from lantian.city.access import needs, scope_of
from lantian.indicators.context import Context
from lantian.indicators.coverage import coverage
from lantian.indicators.queries import catalogue, current, preload_present
from lantian.indicators.services import ENTER
from lantian.indicators.tables import (
    CoverageTable,
    IndicatorRow,
    IndicatorTable,
    coverage_filter,
    indicator_filter,
)
from lantian.kit.rows import ComputedListPage


@method_decorator(needs("indicator.view"), "dispatch")
class Indicators(ComputedListPage):
    """Every indicator with the city's present value, or the reason why there is none."""

    table_class = IndicatorTable
    template_name = "indicators/list.html"
    title = _("Indicators")
    file_name = "indicators"
    default_columns = (
        "title", "value", "n", "capture", "freshness", "as_of", "targets", "direction", "supplied_by", "rule_version",
    )  # fmt: skip

    def rows(self) -> list[IndicatorRow]:
        context = Context()
        known = list(catalogue(context).values())
        if context.city is None:
            return []
        preload_present(known, context)
        return [
            IndicatorRow(one, current(one.code, context.city, context), len(context.lines_of(one.code)))
            for one in known
        ]

    def choose(self, rows: list[IndicatorRow]) -> Any:
        return indicator_filter(self.request, rows)

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        scope = scope_of(self.request.user)
        return super().get_context(may_enter=scope.may(ENTER), **kwargs)


@method_decorator(needs("indicator.view"), "dispatch")
class Coverage(ComputedListPage):
    """Each target of the adopted plans with the indicator that watches it."""

    table_class = CoverageTable
    template_name = "indicators/coverage.html"
    title = _("Coverage of the plan's targets")
    file_name = "coverage"
    default_columns = (
        "task", "measure", "sentence", "aim", "indicator", "status", "verdict", "areas", "supplied_by",
    )  # fmt: skip

    def rows(self) -> list[Any]:
        return coverage(Context())

    def choose(self, rows: list[Any]) -> Any:
        return coverage_filter(self.request, rows)

    def get_context(self, **kwargs: Any) -> dict[str, Any]:
        gaps = sum(row.is_gap for row in self.all_rows)
        empty = sum(not (row.value and row.value.has_number) for row in self.all_rows)
        return super().get_context(total=len(self.all_rows), gaps=gaps, empty=empty, **kwargs)
