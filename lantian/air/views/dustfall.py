"""Dustfall: what the sampling jars of each area gave month by month, beside the limit that the plan sets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lantian.air.tabs import tabs
from lantian.city.access import needs, scope_of
from lantian.city.models import Place
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.coverage import line_for
from lantian.indicators.period import Period
from lantian.indicators.queries import evaluate, find
from lantian.indicators.value import Value
from lantian.kit.charts import Chart, Series, Step, download
from lantian.kit.export import XLSX_MIME, attachment, to_xlsx
from lantian.kit.numbers import whole
from lantian.standards.rounding import round_half_even

CODE = "dustfall"
_DECIMALS = 1
_STEP = Decimal("0.1")
_KEPT, _OVER = "#2FB344", "#D63939"
_TOP = 1_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A month of a place: the value, and whether it is above the limit (None: no value or no limit)."""

    value: Value
    above: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """A place: months, change of the newest month on the one before, mean of the year's months and their number."""

    place: Place
    limit: Decimal | None
    cells: tuple[Cell, ...]
    change: Decimal | None
    mean: Decimal | None
    months: int

    @property
    def mean_above(self) -> bool | None:
        return None if self.mean is None or self.limit is None else self.mean > self.limit


@needs("air.view")
def dustfall(request: HttpRequest) -> HttpResponse:
    """The table of a year: areas by months, with the change and the mean."""
    context = Context()
    year = whole(request.GET.get("year")) or context.today.year
    months = _months(year, context)
    lines = dustfall_lines(months, context)
    charts = [_chart(lines, months)] if any(line.months for line in lines) else []
    if answer := download(request, charts):
        return answer
    if request.GET.get("export") == "xlsx":
        return _export(lines, months, year)
    scope = scope_of(request.user)
    return render(
        request,
        "air/dustfall.html",
        {
            "title": _("Dustfall"),
            "tabs": tabs(request),
            "year": year,
            "years": range(context.today.year, context.today.year - 4, -1),
            "months": months,
            "lines": lines,
            "limits": sorted({line.limit for line in lines if line.limit is not None}),
            "targets": context.lines_of(CODE),
            "charts": charts,
            "unit": _("t/(month·km²)"),
            "enter_url": reverse("indicators:detail", args=[CODE]) if scope.may("indicator.enter") else "",
        },
    )


def _months(year: int, context: Context) -> list[Period]:
    """The months of a year that have begun."""
    days = [dt.date(year, month, 1) for month in range(1, 13)]
    return [periods.month(day) for day in days if day <= context.today]


def dustfall_lines(months: Sequence[Period], context: Context) -> list[Line]:
    """Return the city and each area with its months; one query for all of them."""
    one = find(CODE, context)
    if one is None or not months:
        return []
    before = periods.before(months[0])
    context.preload([CODE], Period(before.start, months[-1].end, "day", "span"))
    wanted = context.lines_of(CODE)
    found = []
    for place in (context.city, *context.areas):
        if place is None:
            continue
        is_city = place.kind == Place.Kind.CITY
        line = line_for(one, wanted, place.code, is_city=is_city)
        limit = line.target.normalize() if line and line.target is not None else None
        if is_city and limit is None:  # the city's mean is shown beside the limit that its areas owe
            limit = next((each.target.normalize() for each in wanted if each.target is not None), None)
        found.append(_line(place, limit, [evaluate(CODE, place, month, context) for month in (before, *months)]))
    return found


def _line(place: Place, limit: Decimal | None, values: list[Value]) -> Line:
    """`values`: the month before the first one shown comes first, for the change."""
    shown = values[1:]
    numbers = [value.number for value in shown if value.number is not None]
    at = max((n for n, value in enumerate(values) if n and value.number is not None), default=0)
    change = None
    if at:
        now, former = values[at].number, values[at - 1].number
        change = None if now is None or former is None else now - former
    mean = round_half_even(sum(numbers, Decimal(0)) / len(numbers), _DECIMALS) if numbers else None
    cells = tuple(Cell(value, _above(value, limit)) for value in shown)
    return Line(place, limit, cells, change, mean, len(numbers))


def _above(value: Value, limit: Decimal | None) -> bool | None:
    return None if value.number is None or limit is None or value.partial else value.number > limit


def _chart(lines: Sequence[Line], months: Sequence[Period]) -> Chart:
    limits = {line.limit for line in lines if line.limit is not None}
    limit = limits.pop() if len(limits) == 1 else None
    steps: tuple[Step, ...] = ()
    if limit is not None:
        kept = Step(0, limit, _("at most the limit"), _KEPT)
        steps = (kept, Step(limit + _STEP, _TOP, _("above the limit"), _OVER))
    rows = tuple(
        Series(
            str(line.place),
            [_rounded(cell.value.number) for cell in line.cells],
            _("t/(month·km²)"),
            decimals=_DECIMALS,
        )
        for line in lines
        if line.place.kind != Place.Kind.CITY
    )
    return Chart(
        id="dustfall", title=_("Dustfall by area and month"), kind="heat", x=tuple(month.code for month in months),
        x_name=_("Month"), series=rows, steps=steps, note=_("Entered by hand, with proof; mean of the area's sampling points."),
    )  # fmt: skip


def _rounded(number: Decimal | None) -> Decimal | None:
    return None if number is None else round_half_even(number, _DECIMALS)


def _export(lines: Sequence[Line], months: Sequence[Period], year: int) -> HttpResponse:
    ends = [_("Change on the month before"), _("Mean of the months"), _("Number of months"), _("Limit")]
    header = [_("Place"), *(month.code for month in months), *ends]
    rows = [
        [str(line.place), *(cell.value.number for cell in line.cells), line.change, line.mean, line.months, line.limit]
        for line in lines
    ]
    notes = [_("Dustfall in t/(month·km²); entered by hand."), _("Year: %s") % year]
    return attachment(to_xlsx(header, rows, notes=notes), f"dustfall-{year}.xlsx", XLSX_MIME)
