"""Rules over orders: what was ordered to stop, to run less or to stay closed, and did not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from lantian.sources.facts import BOTH, PRODUCTION, Equipment, Order
from lantian.supervision.rules.case import Case, Finding, Numbers
from lantian.supervision.rules.levels import States, states
from lantian.supervision.rules.registry import rule
from lantian.supervision.rules.series import Floats, Mask, Series
from lantian.supervision.rules.spans import Span, spans, steps

MONTH = dt.timedelta(days=30)
_DAY = 86400


def concerned(case: Case, subjects: tuple[str, ...]) -> dict[str, Equipment]:
    """Return the production machines that an order is about: named themselves, by their line, or all for none."""
    return {
        one.code: one
        for one in case.plant.equipment
        if one.role in (PRODUCTION, BOTH) and (not subjects or {one.code, one.line, case.plant.code} & set(subjects))
    }


def running(case: Case, subjects: tuple[str, ...]) -> dict[str, States]:
    """Return the states of the machines that an order is about, of those with data."""
    machines = concerned(case, subjects)
    found = {code: series for code in machines if (series := case.telemetry.power(code)) is not None}
    return states(machines, found, case.settings)


def within(series: Series, start: dt.datetime, end: dt.datetime | None) -> Mask:
    """Return which steps lie wholly within [start, end)."""
    begins = series.start + series.step * np.arange(len(series))
    last = np.inf if end is None else end.timestamp()
    return np.asarray((begins >= start.timestamp()) & (begins + series.step <= last))


def _ran(case: Case, order: Order, grace: dt.timedelta) -> Iterator[Finding]:
    for code, one in running(case, order.subjects).items():
        mask = one.running & within(one.series, order.start + grace, order.end)
        need = steps(case.settings["minutes"], one.series.step)
        for span in spans(mask, one.known, up=need, down=steps(case.settings["calm_minutes"], one.series.step)):
            part = slice(span.first, span.last + 1)
            lasted = len(span) * one.series.step / 3600
            numbers: Numbers = {
                "hours": round(lasted, 2),
                "kw": round(float(np.nanmean(one.series.values[part])), 1),
                "order": order.id,
            }
            yield case.finding(code, one.series, span, numbers, strength=0.5 + lasted / 12)


@rule("order-stop", settles=dt.timedelta(hours=1), quick=True)
def order_stop(case: Case) -> Iterator[Finding]:
    """A line that was ordered to stop runs after the time that it had to stop (R6)."""
    grace = dt.timedelta(minutes=case.settings["grace_minutes"])
    for order in case.plant.orders:
        if order.kind == "stop":
            yield from _ran(case, order, grace)


@rule("closed-running", settles=dt.timedelta(hours=1), quick=True)
def closed_running(case: Case) -> Iterator[Finding]:
    """A plant that is closed, or was ordered to close, runs (R11)."""
    for order in case.plant.orders:
        if order.kind == "close":
            yield from _ran(case, order, dt.timedelta(0))
    if case.plant.closed_since is not None:
        midnight = dt.datetime.combine(case.plant.closed_since, dt.time(), dt.timezone(case.offset))
        yield from _ran(case, Order(f"closed {case.plant.closed_since}", "close", midnight), dt.timedelta(0))


def baseline(case: Case, series: Series, values: Floats, before: dt.datetime, days: int) -> Floats | None:
    """Return the usual power at each step of a day: the mean of the last normal days before a moment (those without an
    order and with production); None for fewer than a third of them."""
    a_day = _DAY // series.step
    into_day = (series.start + int(case.offset.total_seconds())) % _DAY // series.step
    first = (a_day - into_day) % a_day
    known_until = min(len(values), int((before.timestamp() - series.start) // series.step))
    last = first + max(0, known_until - first) // a_day * a_day
    whole = values[first:last].reshape(-1, a_day) if last > first else np.empty((0, a_day))
    ordered = np.zeros(len(series), dtype=bool)
    for order in case.plant.orders:
        ordered |= within(series, order.start, order.end)
    free = ~ordered[first:last].reshape(-1, a_day).any(axis=1) if last > first else np.empty(0, dtype=bool)
    means = np.array([np.nanmean(day) if (~np.isnan(day)).mean() >= 0.75 else np.nan for day in whole])
    usable = free & ~np.isnan(means) if len(means) else free
    if usable.any():
        usable &= means >= 0.3 * np.median(means[usable])  # a day of standstill is no normal day
    chosen = whole[np.flatnonzero(usable)[-days:]]
    if len(chosen) < max(3, days // 3):
        return None
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nanmean(chosen, axis=0), dtype=np.float64)


@rule("order-limit", learns=MONTH, settles=dt.timedelta(hours=6))
def order_limit(case: Case) -> Iterator[Finding]:
    """A line that was ordered to run at a share of its normal use draws more than that over several hours (R7)."""
    for order in case.plant.orders:
        found = running(case, order.subjects) if order.kind == "limit" and order.share is not None else {}
        step = max((one.series.step for one in found.values()), default=0)
        series = [one.series.coarser(step) for one in found.values()]
        if not series:
            continue
        values = np.sum([one.values for one in series], axis=0)
        usual = baseline(case, series[0], values, order.start, int(case.settings["baseline_days"]))
        if usual is not None:
            yield from _beyond(case, order, series[0], values, usual)


def _beyond(case: Case, order: Order, series: Series, values: Floats, usual: Floats) -> Iterator[Finding]:
    clock = (
        (series.start + int(case.offset.total_seconds()) + series.step * np.arange(len(series))) % _DAY // series.step
    )
    expected = usual[clock]
    inside = within(series, order.start + dt.timedelta(minutes=case.settings["grace_minutes"]), order.end)
    known = inside & ~np.isnan(values)
    width = steps(60 * case.settings["window_hours"], series.step)
    # What may be drawn in the window that is under way is known from its first minute: the share of what is usual in the
    # whole of it. So a line that has used up its day by noon is found at noon.
    first = int(np.argmax(inside)) if inside.any() else 0
    due = _rolling(np.where(inside, expected, 0.0), width)
    due[: first + width] = due[min(first + width, len(due)) - 1] if len(due) else 0.0
    drawn = _rolling(np.where(known, values, 0.0), width)
    share = float(order.share or 0.0)
    mask = known & (drawn > (share + case.settings["tolerance"]) * due) & (due > 0)
    for span in spans(mask, known, up=1, down=width):
        wide = Span(max(0, span.first - width + 1), span.last, span.open)
        part = np.flatnonzero(known[wide.first : wide.last + 1]) + wide.first
        percent = 100 * float(values[part].sum() / max(expected[part].sum(), 1e-9))
        numbers: Numbers = {
            "order": order.id,
            "percent": round(percent),
            "allowed": round(100 * share),
            "hours": round(len(part) * series.step / 3600, 2),
            "kwh": round(float(values[part].sum()) * series.step / 3600),
        }
        subject = order.subjects[0] if len(order.subjects) == 1 else case.plant.code
        yield case.finding(subject, series, wide, numbers, strength=0.5 + (percent / 100 - share))


def _rolling(values: Floats, width: int) -> Floats:
    """Return sums over the last `width` steps (fewer at the beginning)."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    ends = np.arange(1, len(values) + 1)
    return np.asarray(total[ends] - total[np.maximum(0, ends - width)])
