"""Charts of telemetry: production over treatment, stacks with their limits, what was ordered and what was found shaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.gateway.core.telemetry import frame
from lantian.kit.charts import Band, Chart, Mark, Series
from lantian.sources.facts import PRODUCTION, TREATMENT, Equipment, Order, Outlet, Plant
from lantian.supervision.queries import telemetry
from lantian.supervision.rules.series import Series as Values
from lantian.supervision.rules.series import Telemetry

_FACTORS = ("a34013", "a21026", "a21002", "a21001", "a19001")
_UNITS = {"a19001": "%"}
_MOST = 700  # points of a line: beyond that steps are drawn as means of longer ones


@dataclass(frozen=True)
class Window:
    """What is drawn: a plant's telemetry between two whole hours."""

    plant: Plant
    start: dt.datetime
    end: dt.datetime

    def read(self) -> Telemetry:
        rows = frame(telemetry(), places=(self.plant.code,), start=self.start, end=self.end)
        return Telemetry.of(rows, self.start, self.end)


def factor_name(code: str) -> str:
    """Return the name of a factor as people write it."""
    names = {"a34013": _("particulate matter"), "a21026": "SO₂", "a21002": "NOx", "a21001": "NH₃", "a19001": "O₂"}
    return str(names.get(code, code))


def power_chart(
    window: Window, found: Telemetry, spans: Sequence[tuple[dt.datetime, dt.datetime, str]] = ()
) -> Chart | None:
    """Return production over treatment of a plant; None where no meter has sent anything."""
    machines = [one for one in window.plant.equipment if one.role in (PRODUCTION, TREATMENT, "both")]
    machines.sort(key=lambda one: one.role == TREATMENT)
    series = found.together(one.code for one in machines)
    if not series:
        return None
    step = _step(next(iter(series.values())).step, window)
    drawn = {code: one.coarser(step) for code, one in series.items()}
    first = next(iter(drawn.values()))
    labels = _labels(first)
    lines = tuple(_line(one, drawn[one.code]) for one in machines if one.code in drawn)
    return Chart(
        id="power",
        title=_("Electricity: production and treatment"),
        kind="lines",
        x=labels,
        x_name=_("Time"),
        series=lines,
        bands=_bands(first, labels, (*_orders(window.plant.orders), *spans)),
        note=_note(drawn.values(), step),
        synthetic=window.plant.synthetic,
    )


def _line(one: Equipment, values: Values) -> Series:
    role = _("treatment") if one.role == TREATMENT else _("production")
    return Series(
        f"{one.name} ({role})", _values(values), unit="kW", kind="line" if one.role == TREATMENT else "area", decimals=1
    )


def stack_charts(
    window: Window, found: Telemetry, outlet: Outlet, spans: Sequence[tuple[dt.datetime, dt.datetime, str]] = ()
) -> list[Chart]:
    """Return a chart for each factor of an outlet: what was measured, what the limit applies to, the limit."""
    charts = []
    for factor in _FACTORS:
        chart = _factor_chart(window, found, outlet, factor, spans)
        if chart is not None:
            charts.append(chart)
    return charts


def _factor_chart(
    window: Window,
    found: Telemetry,
    outlet: Outlet,
    factor: str,
    spans: Sequence[tuple[dt.datetime, dt.datetime, str]],
) -> Chart | None:
    coarse = 3600 if (window.end - window.start) > dt.timedelta(days=2) else None
    plain = found.series(outlet.code, f"{factor}-Avg", coarse) or found.series(outlet.code, f"{factor}-Avg")
    if plain is None:
        return None
    step = _step(plain.step, window)
    lines = [Series(_("measured"), _values(plain.coarser(step)), unit=_UNITS.get(factor, "mg/m³"), decimals=2)]
    sent = found.series(outlet.code, f"{factor}-ZsAvg", plain.step)
    if sent is not None:
        lines.append(Series(_("converted"), _values(sent.coarser(step)), unit=_UNITS.get(factor, "mg/m³"), decimals=2))
    shown = plain.coarser(step)
    labels = _labels(shown)
    marked = (
        [(plain.at(int(i)), plain.at(int(i) + 1), _("marked")) for i in np.flatnonzero(plain.marks)]
        if plain.step >= 3600
        else []
    )
    limits = [one for one in outlet.limits if one.quantity == factor]
    return Chart(
        id=f"{outlet.code}-{factor}".lower().replace(".", "-"),
        title=f"{outlet.name} · {factor_name(factor)}",
        kind="lines",
        x=labels,
        x_name=_("Time"),
        series=tuple(lines),
        marks=tuple(Mark(f"{_('limit')} {one.value:g}", one.value) for one in limits),
        bands=_bands(shown, labels, (*spans, *_merged(marked))),
        note=_note([shown], step),
        synthetic=window.plant.synthetic,
    )


def _step(step: int, window: Window) -> int:
    long = (window.end - window.start).total_seconds()
    for wanted in (step, 300, 900, 3600, 4 * 3600, 86400):
        if wanted >= step and wanted % step == 0 and long / wanted <= _MOST:
            return wanted
    return 86400


def _values(series: Values) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in series.values]


def _labels(series: Values) -> list[str]:
    form = "%m-%d %H:%M" if series.step < 86400 else "%Y-%m-%d"
    return [timezone.localtime(series.at(i)).strftime(form) for i in range(len(series))]


def _orders(orders: Iterable[Order]) -> list[tuple[dt.datetime, dt.datetime, str]]:
    words = {"stop": _("ordered to stop"), "limit": _("ordered to limit"), "close": _("ordered to close")}
    never = dt.datetime.max.replace(tzinfo=dt.UTC)
    return [(one.start, one.end or never, str(words.get(one.kind, one.kind))) for one in orders]


def _merged(spans: Iterable[tuple[dt.datetime, dt.datetime, str]]) -> list[tuple[dt.datetime, dt.datetime, str]]:
    made: list[tuple[dt.datetime, dt.datetime, str]] = []
    for start, end, label in sorted(spans):
        if made and made[-1][1] == start and made[-1][2] == label:
            made[-1] = (made[-1][0], end, label)
        else:
            made.append((start, end, label))
    return made


def _bands(
    series: Values, labels: Sequence[str], spans: Iterable[tuple[dt.datetime, dt.datetime, str]]
) -> tuple[Band, ...]:
    made = []
    last = len(labels) - 1
    for start, end, label in spans:
        first = int((start.timestamp() - series.start) // series.step)
        until = int((min(end.timestamp(), series.start + len(series) * series.step) - 1 - series.start) // series.step)
        if until >= 0 and first <= last and labels:
            made.append(Band(labels[max(0, first)], labels[min(last, until)], label))
    return tuple(made)


def _note(series: Iterable[Values], step: int) -> str:
    several = list(series)
    n, expected = sum(int(one.known.sum()) for one in several), sum(len(one) for one in several)
    capture = 100 * n / expected if expected else 0
    minutes = step // 60
    return _("means of %(minutes)d min · n = %(n)d of %(expected)d · capture %(capture).1f %%") % {
        "minutes": minutes, "n": n, "expected": expected, "capture": capture,
    }  # fmt: skip
