"""Rules over electricity: treatment that does not run with production, meters that cannot be believed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from lantian.sources.facts import TOTAL, Equipment
from lantian.supervision.rules.case import Case, Finding, Numbers
from lantian.supervision.rules.levels import states
from lantian.supervision.rules.pairs import Together, normal, pairs_of, usual_at
from lantian.supervision.rules.registry import rule
from lantian.supervision.rules.series import Floats, Series
from lantian.supervision.rules.spans import Span, runs, spans, steps

MONTH = dt.timedelta(days=30)
DAY = dt.timedelta(days=1)


def mean(values: Floats) -> float:
    """Return the mean of what is known, NaN for nothing."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def hours(span: Span, step: int) -> float:
    return round(len(span) * step / 3600, 2)


@rule("treatment-off", learns=MONTH, quick=True)
def treatment_off(case: Case) -> Iterator[Finding]:
    """Production runs, the treatment that belongs to it is off (R1 of the usual rules of electricity monitoring)."""
    for both in pairs_of(case):
        mask = both.producing & both.untreated
        known = both.known
        need = steps(case.settings["minutes"], both.step)
        for span in spans(mask, known, up=need, down=steps(case.settings["calm_minutes"], both.step)):
            yield case.finding(
                both.pair.code,
                both.reference,
                span,
                {
                    "hours": hours(span, both.step),
                    "production_kw": round(mean(both.production_kw[span.first : span.last + 1]), 1),
                    "treatment_kw": round(mean(both.treatment_kw[span.first : span.last + 1]), 1),
                    "off": "、".join(both.names_off(span)),
                },
                strength=len(span) * both.step / 3600 / 8,
                looked_at=both.looked_at,
            )


def _starts(both: Together, calm: int) -> Iterator[Span]:
    """Yield the runs of production that follow at least `calm` known steps without."""
    for run in spans(both.producing, both.known, up=2, down=calm):
        before = slice(max(0, run.first - calm), run.first)
        if run.first >= calm and both.known[before].all() and not both.producing[before].any():
            yield run


@rule("late-start", learns=MONTH, quick=True)
def late_start(case: Case) -> Iterator[Finding]:
    """Treatment starts too long after production did (R2). One that never starts is `treatment-off`."""
    for both in pairs_of(case):
        lead = both.pair.lead_minutes or 0
        late, most = steps(case.settings["minutes"], both.step), steps(case.settings["most_minutes"], both.step)
        for run in _starts(both, steps(case.settings["calm_minutes"], both.step)):
            window = slice(run.first, min(run.first + most, run.last + 1))
            treated = np.flatnonzero(both.treated[window] & both.known[window])
            delay = int(treated[0]) if len(treated) else 0
            if delay >= late:
                minutes = delay * both.step // 60
                numbers: Numbers = {"minutes": float(minutes), "lead_minutes": float(lead)}
                span = Span(run.first, run.first + delay - 1)
                yield case.finding(
                    both.pair.code, both.reference, span, numbers, strength=minutes / 120, looked_at=both.looked_at
                )


@rule("early-stop", learns=MONTH, quick=True)
def early_stop(case: Case) -> Iterator[Finding]:
    """Treatment is switched off while production still runs, shortly before production stops (R2)."""
    for both in pairs_of(case):
        early, most = steps(case.settings["minutes"], both.step), steps(case.settings["most_minutes"], both.step)
        for run in spans(both.producing, both.known, up=most, down=2):
            if run.open:
                continue
            tail = slice(max(run.first, run.last + 1 - most), run.last + 1)
            treated = np.flatnonzero(both.treated[tail])
            gone = (run.last + 1 - tail.start) - (int(treated[-1]) + 1) if len(treated) else 0
            if gone >= early and both.known[run.last + 1 - gone : run.last + 1].all():
                minutes = gone * both.step // 60
                span = Span(run.last + 1 - gone, run.last)
                numbers: Numbers = {"minutes": float(minutes), "lag_minutes": float(both.pair.lag_minutes or 0)}
                yield case.finding(
                    both.pair.code, both.reference, span, numbers, strength=minutes / 120, looked_at=both.looked_at
                )


@rule("low-load", learns=MONTH)
def low_load(case: Case) -> Iterator[Finding]:
    """Treatment runs far below what is usual for it at the same production (R3: slowed fans, idling pumps)."""
    for both in pairs_of(case):
        load = normal(both.production_kw, both.producing, case.settings["learn_least"])
        due = usual_at(
            both.production_kw, both.treatment_kw, both.producing & both.treated, int(case.settings["learn_least"])
        )
        if due is None or load is None:
            continue
        full = both.production_kw >= case.settings["production_share"] * load
        mask = both.producing & full & ~both.untreated & (both.treatment_kw < case.settings["share"] * due)
        need = steps(case.settings["minutes"], both.step)
        for span in spans(mask, both.known, up=need, down=steps(case.settings["calm_minutes"], both.step)):
            now, usual = mean(both.treatment_kw[span.first : span.last + 1]), mean(due[span.first : span.last + 1])
            numbers: Numbers = {
                "hours": hours(span, both.step),
                "treatment_kw": round(now, 1),
                "usual_kw": round(usual, 1),
            }
            numbers["percent"] = round(100 * now / usual)
            yield case.finding(
                both.pair.code, both.reference, span, numbers, strength=1 - now / usual, looked_at=both.looked_at
            )


@rule("ratio-break", learns=MONTH)
def ratio_break(case: Case) -> Iterator[Finding]:
    """The ratio of treatment to production leaves the band in which it usually lies (R4)."""
    for both in pairs_of(case):
        running = both.producing & both.treated
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(running, both.treatment_kw / both.production_kw, np.nan)
        seen = ratio[~np.isnan(ratio)]
        if len(seen) < case.settings["learn_least"]:
            continue
        low, high = np.percentile(seen, [case.settings["low_percentile"], case.settings["high_percentile"]])
        wide = case.settings["margin"]
        mask = (ratio < low / wide) | (ratio > high * wide)
        need = steps(case.settings["minutes"], both.step)
        for span in spans(mask, ~np.isnan(ratio), up=need, down=steps(case.settings["calm_minutes"], both.step)):
            now = mean(ratio[span.first : span.last + 1])
            numbers: Numbers = {
                "hours": hours(span, both.step),
                "ratio": round(now, 3),
                "low": round(float(low), 3),
                "high": round(float(high), 3),
            }
            yield case.finding(both.pair.code, both.reference, span, numbers, looked_at=both.looked_at)


@rule("idle-treatment", learns=MONTH)
def idle_treatment(case: Case) -> Iterator[Finding]:
    """Treatment runs for long without production: a test, or a show (R5; information only)."""
    for both in pairs_of(case):
        mask = both.treated & both.resting
        need = steps(60 * case.settings["hours"], both.step)
        for span in spans(mask, both.known, up=need, down=steps(case.settings["calm_minutes"], both.step)):
            yield case.finding(
                both.pair.code,
                both.reference,
                span,
                {"hours": hours(span, both.step)},
                strength=0.2,
                looked_at=both.looked_at,
            )


def _metered(case: Case, *roles: str) -> dict[str, Equipment]:
    return {one.code: one for one in case.plant.equipment if not roles or one.role in roles}


@rule("total-sum", learns=MONTH)
def total_sum(case: Case) -> Iterator[Finding]:
    """The plant draws clearly more than its metered parts together, more than it used to: something is not metered (R8)."""
    totals = _metered(case, TOTAL)
    parts = {code: one for code, one in _metered(case).items() if one.role != TOTAL}
    for code in totals:
        found = case.telemetry.together((code, *parts))
        if code not in found or len(found) != len(parts) + 1:
            continue  # with a part missing, a difference proves nothing
        whole = found[code]
        summed = np.asarray(np.sum([one.values for name, one in found.items() if name != code], axis=0))
        yield from _unmetered(case, code, whole, summed)


def _unmetered(case: Case, code: str, whole: Series, summed: Floats) -> Iterator[Finding]:
    """Judge hours at work only: at rest the little that is not metered (light, offices) is a large share of nothing."""
    missing = whole.values - summed
    full = float(np.nanpercentile(whole.values, 75)) if whole.known.any() else 0.0
    work = np.nan_to_num(summed) >= case.settings["work_share"] * full
    seen = missing[work & ~np.isnan(missing)]
    if len(seen) < case.settings["learn_least"]:
        return
    usual = float(np.median(seen))
    mask = work & (np.nan_to_num(missing) > usual + case.settings["share"] * full)
    for span in spans(mask, ~np.isnan(missing), up=steps(case.settings["minutes"], whole.step), down=2):
        now = mean(missing[span.first : span.last + 1])
        numbers: Numbers = {"hours": hours(span, whole.step), "kw": round(now, 1), "usual_kw": round(usual, 1)}
        yield case.finding(code, whole, span, numbers, strength=(now - usual) / full)


@rule("offline", quick=True)
def offline(case: Case) -> Iterator[Finding]:
    """A meter or stack that used to report is silent (R9)."""
    subjects = [(one.code, case.telemetry.power(one.code)) for one in case.plant.equipment]
    subjects += [(one.code, _any_stack(case, one.code)) for one in case.plant.outlets]
    for code, series in subjects:
        if series is None or not series.known.any():
            continue
        end = min(len(series), int((case.now.timestamp() - series.start) // series.step))
        silent = ~series.known
        silent[: int(np.argmax(series.known))] = False  # before its first value it was not connected
        silent[end:] = False
        need = steps(case.settings["minutes"], series.step)
        for gap in runs(silent):
            if len(gap) >= need:
                span = Span(gap.first, gap.last, open=gap.last + 1 >= end)
                numbers: Numbers = {"hours": hours(span, series.step)}
                yield case.finding(code, series, span, numbers, strength=len(gap) * series.step / 86400)


def _any_stack(case: Case, code: str) -> Series | None:
    for factor in ("a34013", "a21026", "a21002", "a19001"):
        for suffix in ("Avg", "Rtd"):
            found = case.telemetry.series(code, f"{factor}-{suffix}", finest=60)
            if found is not None:
                return found
    return None


@rule("flat-meter", learns=DAY)
def flat_meter(case: Case) -> Iterator[Finding]:
    """A running meter shows the very same number for long: a copied, clipped or frozen value (R10)."""
    machines = _metered(case)
    found = {code: series for code in machines if (series := case.telemetry.power(code)) is not None}
    for code, one in states(machines, found, case.settings).items():
        values = one.series.values
        same = np.zeros(len(values), dtype=bool)
        same[1:] = (values[1:] == values[:-1]) & one.running[1:]
        for span in spans(same, one.known, up=steps(60 * case.settings["hours"], one.series.step), down=1):
            wide = Span(max(0, span.first - 1), span.last, span.open)
            numbers: Numbers = {"hours": hours(wide, one.series.step), "kw": round(float(values[span.first]), 2)}
            yield case.finding(code, one.series, wide, numbers, strength=hours(wide, one.series.step) / 24)


@rule("negative-power", learns=DAY)
def negative_power(case: Case) -> Iterator[Finding]:
    """Power below zero: a current transformer is mounted the wrong way round, or was turned (R10)."""
    for code in _metered(case):
        series = case.telemetry.power(code)
        if series is None:
            continue
        mask = np.nan_to_num(series.values, nan=0.0) < -case.settings["kw"]
        for span in spans(mask, series.known, up=steps(case.settings["minutes"], series.step), down=2):
            numbers: Numbers = {
                "hours": hours(span, series.step),
                "kw": round(mean(series.values[span.first : span.last + 1]), 1),
            }
            yield case.finding(code, series, span, numbers)
