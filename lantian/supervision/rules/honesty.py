"""Rules that look for changed values: constant, capped, scaled, replayed, clean air, marks put where they help."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

import numpy as np

from lantian.sources.facts import PRODUCTION, TREATMENT, Outlet
from lantian.supervision.rules.case import Case, Finding, Numbers
from lantian.supervision.rules.context import power, producing
from lantian.supervision.rules.registry import rule
from lantian.supervision.rules.series import Floats, Mask, Series
from lantian.supervision.rules.shapes import blocks, echoes, fit, rolling_median
from lantian.supervision.rules.spans import Span, spans
from lantian.supervision.rules.stacks import HOUR, MAIN, OXYGEN, hourly, minutes

MONTH = dt.timedelta(days=30)
FLOW, TEMPERATURE, MOISTURE = "a00000", "a01012", "a01014"


@rule("constant-values", learns=dt.timedelta(days=7))
def constant_values(case: Case) -> Iterator[Finding]:
    """Values that do not move for hours while production runs: frozen, or typed in."""
    for outlet in case.plant.outlets:
        for factor in (*MAIN, OXYGEN):
            series = minutes(case, outlet.code, f"{factor}-Avg")
            if series is None or HOUR % series.step:
                continue
            means, spread, known = blocks(series.valid, HOUR // series.step)
            like = Series(
                series.source, series.quantity, series.start, HOUR, means, np.zeros(len(means), dtype=np.int8)
            )
            seen, running = producing(case, outlet, like)
            resolution = _resolution(series.values)
            judged = known & (running | ~seen) & (np.nan_to_num(means) >= case.settings["least_steps"] * resolution)
            usual = float(np.median(spread[judged])) if judged.any() else 0.0
            bound = np.maximum(
                case.settings["share_of_usual"] * usual, case.settings["relative"] * np.abs(np.nan_to_num(means))
            )
            mask = judged & (spread <= bound)
            for span in spans(mask, judged, up=int(case.settings["hours"]), down=1):
                part = slice(span.first, span.last + 1)
                numbers: Numbers = {
                    "factor": factor,
                    "hours": float(len(span)),
                    "value": round(float(np.nanmean(means[part])), 2),
                    "spread": round(float(np.nanmean(spread[part])), 4),
                    "usual_spread": round(usual, 4),
                }
                yield case.finding(outlet.code, like, span, numbers, strength=0.5 + len(span) / 24)


def _resolution(values: Floats) -> float:
    """Return the smallest step between the values that are there."""
    seen = np.unique(np.round(values[~np.isnan(values)], 6))
    return float(np.diff(seen).min()) if len(seen) > 1 else 0.0


@rule("capped-values", learns=dt.timedelta(days=7), settles=dt.timedelta(days=1))
def capped_values(case: Case) -> Iterator[Finding]:
    """Values pile up just under the limit and never pass it: the top was cut off."""
    for outlet in case.plant.outlets:
        for limit in outlet.limits:
            series = minutes(case, outlet.code, f"{limit.quantity}-ZsAvg") or minutes(
                case, outlet.code, f"{limit.quantity}-Avg"
            )
            if limit.period != "hour" or series is None:
                continue
            width = int(case.settings["window_hours"] * 3600 // series.step)
            many = len(series) // width
            mask, known = np.zeros(many, dtype=bool), np.zeros(many, dtype=bool)
            found: dict[int, dict[str, float | str]] = {}
            for block in range(many):
                part = series.valid[block * width : (block + 1) * width]
                part = part[~np.isnan(part) & (part > 0)]
                known[block] = len(part) >= width / 2
                if not known[block]:
                    continue
                top = float(np.percentile(part, 99.5))
                close = float(((part >= (1 - case.settings["band"]) * top) & (part <= top * 1.002)).mean())
                below = float(
                    (
                        (part >= (1 - 2 * case.settings["band"]) * top) & (part < (1 - case.settings["band"]) * top)
                    ).mean()
                )
                near_limit = case.settings["near"] * limit.value <= top <= 1.01 * limit.value
                mask[block] = near_limit and close >= case.settings["pile"] and close >= case.settings["cliff"] * below
                found[block] = {
                    "top": round(top, 2),
                    "percent": round(100 * close),
                    "below_percent": round(100 * below),
                }
            grid = Series(
                series.source,
                series.quantity,
                series.start,
                width * series.step,
                np.where(known, 1.0, np.nan),
                np.zeros(many, dtype=np.int8),
            )
            for span in spans(mask, known, up=1, down=2):
                numbers: Numbers = {
                    "factor": limit.quantity,
                    "limit": limit.value,
                    "hours": len(span) * case.settings["window_hours"],
                    **found[span.first],
                }
                yield case.finding(outlet.code, grid, span, numbers, strength=float(numbers["percent"]) / 60)


@rule("scaled-values", learns=MONTH, settles=dt.timedelta(hours=12))
def scaled_values(case: Case) -> Iterator[Finding]:
    """Values drop to a fraction of what load, treatment and oxygen explain, at once and for hours: a slope was changed."""
    for outlet in case.plant.outlets:
        for factor in MAIN:
            series = hourly(case, outlet.code, f"{factor}-Avg")
            if series is None:
                continue
            residual = explained(case, outlet, series)
            if residual is None:
                continue
            width = int(case.settings["window_hours"])
            level = rolling_median(residual, width)
            known = ~np.isnan(level)
            spread = (
                1.4826 * float(np.nanmedian(np.abs(level[known] - np.nanmedian(level[known])))) if known.any() else 0.0
            )
            upper = float(np.nanpercentile(level[known], case.settings["honest_percentile"])) if known.any() else 0.0
            bound = max(case.settings["drop"], case.settings["sigmas"] * min(spread, case.settings["drop"] / 2))
            mask = known & (level < upper - bound)
            for span in spans(mask, known, up=int(case.settings["hours"]), down=int(case.settings["calm_hours"])):
                now = float(np.nanmedian(residual[span.first : span.last + 1]))
                numbers: Numbers = {
                    "factor": factor,
                    "hours": float(len(span)),
                    "percent": round(100 * math.exp(now - upper)),
                }
                yield case.finding(outlet.code, series, span, numbers, strength=(upper - now))


def explained(case: Case, outlet: Outlet, series: Series) -> Floats | None:
    """Return what is left of log(value) after load, treatment and oxygen (hours in production only; NaN elsewhere)."""
    seen, running = producing(case, outlet, series)
    oxygen = hourly(case, outlet.code, f"{OXYGEN}-Avg")
    good = ~np.isnan(series.valid) & (np.nan_to_num(series.valid) > 0) & (running | ~seen)
    columns: list[Floats] = []
    if oxygen is not None and len(oxygen) == len(series):
        good &= np.nan_to_num(oxygen.valid, nan=99.0) < case.settings["oxygen_guard"]
        columns.append(np.log(np.maximum(21.0 - np.nan_to_num(oxygen.values, nan=20.0), 0.1)))
    for role in (PRODUCTION, TREATMENT):
        drawn = power(case, outlet, series, role)
        if drawn is not None:
            good &= ~np.isnan(drawn)
            columns.append(np.log(np.maximum(np.nan_to_num(drawn), 0.1)))
    if good.sum() < case.settings["learn_least"]:
        return None
    left = np.full(len(series), np.nan)
    logs = np.log(np.where(good, series.values, 1.0))[good]
    left[good] = logs - fit(
        np.column_stack([one[good] for one in columns]) if columns else np.empty((len(logs), 0)), logs
    )
    return left


@rule("replayed-values", learns=MONTH, settles=dt.timedelta(hours=6))
def replayed_values(case: Case) -> Iterator[Finding]:
    """Hours of values repeat those of an earlier time, noise and all: a recording is played."""
    for outlet in case.plant.outlets:
        for factor in ("a21002", "a21026", "a34013"):
            series = minutes(case, outlet.code, f"{factor}-Avg")
            if series is None:
                continue
            width = max(int(case.settings["window_hours"] * 3600 // series.step), int(case.settings["least_values"]))
            likeness, source = echoes(series.valid, width, smooth=max(3, 3600 // series.step))
            known = ~np.isnan(likeness)
            mask = np.nan_to_num(likeness) >= case.settings["likeness"]
            grid = Series(
                series.source,
                series.quantity,
                series.start,
                width * series.step,
                likeness,
                np.zeros(len(likeness), dtype=np.int8),
            )
            for span in spans(mask, known, up=1, down=2):
                earlier = series.at(int(source[span.first]))
                numbers: Numbers = {
                    "factor": factor,
                    "hours": round(len(span) * grid.step / 3600, 1),
                    "likeness": round(float(np.nanmax(likeness[span.first : span.last + 1])), 2),
                    "earlier": earlier.astimezone(dt.timezone(case.offset)).strftime("%Y-%m-%d %H:%M"),
                }
                yield case.finding(outlet.code, grid, span, numbers, strength=float(numbers["likeness"]))
            break  # one factor is enough: a recording holds all of them


@rule("clean-air", learns=MONTH, settles=dt.timedelta(hours=3))
def clean_air(case: Case) -> Iterator[Finding]:
    """Oxygen up, moisture and temperature down together while production runs: the probe breathes other air than the stack's."""
    for outlet in case.plant.outlets:
        oxygen = hourly(case, outlet.code, f"{OXYGEN}-Avg")
        if oxygen is None:
            continue
        seen, running = producing(case, outlet, oxygen)
        good = ~np.isnan(oxygen.valid) & running & seen
        if good.sum() < case.settings["learn_least"]:
            continue
        up = np.nan_to_num(oxygen.values) - float(np.median(oxygen.values[good]))
        mask = good & (up >= case.settings["oxygen_up"])
        signs = 0
        for factor, drop in (
            (MOISTURE, "moisture_share"),
            (TEMPERATURE, "temperature_share"),
            ("a21002", "value_share"),
        ):
            other = hourly(case, outlet.code, f"{factor}-Avg")
            if other is None or len(other) != len(oxygen):
                continue
            usual = float(np.nanmedian(other.values[good])) if good.any() else math.nan
            mask &= np.nan_to_num(other.values, nan=np.inf) <= case.settings[drop] * usual
            signs += 1
        if signs < 2:
            continue
        for span in spans(mask, good, up=int(case.settings["hours"]), down=1):
            part = slice(span.first, span.last + 1)
            numbers: Numbers = {
                "hours": float(len(span)),
                "oxygen": round(float(np.nanmean(oxygen.values[part])), 1),
                "usual_oxygen": round(float(np.median(oxygen.values[good])), 1),
            }
            yield case.finding(outlet.code, oxygen, span, numbers, strength=0.7)


@rule("marks-at-exceedance", learns=MONTH, settles=dt.timedelta(days=1))
def marks_at_exceedance(case: Case) -> Iterator[Finding]:
    """Hours are marked (calibration, maintenance, fault) far more often when values are over the limit than otherwise."""
    for outlet in case.plant.outlets:
        for limit in outlet.limits:
            sent = hourly(case, outlet.code, f"{limit.quantity}-ZsAvg") or hourly(
                case, outlet.code, f"{limit.quantity}-Avg"
            )
            if sent is None or limit.period != "hour":
                continue
            known = ~np.isnan(sent.values)
            over, marked = known & (np.nan_to_num(sent.values) > limit.value), known & (sent.marks > 0)
            both, n = int((over & marked).sum()), int(known.sum())
            if both < case.settings["least_hours"] or n < case.settings["learn_least"]:
                continue
            chance = tail(both, int(over.sum()), int(marked.sum()), n)
            if chance <= 10 ** -case.settings["digits"]:
                where = np.flatnonzero(over & marked)
                span = Span(int(where[0]), int(where[-1]))
                numbers: Numbers = {
                    "factor": limit.quantity,
                    "both": float(both),
                    "over": float(over.sum()),
                    "marked": float(marked.sum()),
                    "expected": round(float(over.sum()) * float(marked.sum()) / n, 1),
                }
                yield case.finding(outlet.code, sent, span, numbers, strength=0.6)


def tail(both: int, over: int, marked: int, n: int) -> float:
    """Return the chance of at least `both` common hours if marks fell anywhere (hypergeometric, one-sided Fisher test)."""

    def log_choose(a: int, b: int) -> float:
        return math.lgamma(a + 1) - math.lgamma(b + 1) - math.lgamma(a - b + 1)

    all_ways = log_choose(n, marked)
    terms = [
        math.exp(log_choose(over, k) + log_choose(n - over, marked - k) - all_ways)
        for k in range(both, min(over, marked) + 1)
        if marked - k <= n - over
    ]
    return min(1.0, sum(terms))


@rule("stack-says-stopped", learns=MONTH)
def stack_says_stopped(case: Case) -> Iterator[Finding]:
    """The meters say that production runs, the stack says that it stands (marked stopped, air in the duct, hardly any flow)."""
    for outlet in case.plant.outlets:
        oxygen = hourly(case, outlet.code, f"{OXYGEN}-Avg")
        if oxygen is None:
            continue
        seen, running = producing(case, outlet, oxygen)
        known = oxygen.known & seen
        stands = _stands(case, outlet, oxygen)
        for span in spans(running & stands & known, known, up=int(case.settings["hours"]), down=1):
            yield case.finding(outlet.code, oxygen, span, {"hours": float(len(span))}, strength=len(span) / 12)


@rule("stack-says-running", learns=MONTH)
def stack_says_running(case: Case) -> Iterator[Finding]:
    """The stack shows production, the meters say that all stands: a meter is bypassed, or the values are made up."""
    for outlet in case.plant.outlets:
        oxygen = hourly(case, outlet.code, f"{OXYGEN}-Avg")
        if oxygen is None:
            continue
        seen, running = producing(case, outlet, oxygen)
        known = oxygen.known & seen
        burns = np.nan_to_num(oxygen.valid, nan=21.0) < _burning_below(case, oxygen, running & known)
        mask = ~running & burns & known & ~_stands(case, outlet, oxygen)
        for span in spans(mask, known, up=int(case.settings["hours"]), down=1):
            yield case.finding(outlet.code, oxygen, span, {"hours": float(len(span))}, strength=len(span) / 24)


def _burning_below(case: Case, oxygen: Series, produced: Mask) -> float:
    """Return the oxygen below which something burns: halfway between what is usual in production and air."""
    usual = oxygen.valid[produced & ~np.isnan(oxygen.valid)]
    if len(usual) < case.settings["learn_least"]:
        return case.settings["oxygen_running"]
    return (float(np.median(usual)) + case.settings["oxygen_standing"]) / 2


def _stands(case: Case, outlet: Outlet, oxygen: Series) -> Mask:
    stands = (oxygen.marks == 1) | (np.nan_to_num(oxygen.values) >= case.settings["oxygen_standing"])
    flow = hourly(case, outlet.code, f"{FLOW}-Avg")
    if flow is not None and len(flow) == len(oxygen) and flow.known.any():
        usual = float(np.nanpercentile(flow.values, 75))
        stands |= flow.known & (np.nan_to_num(flow.values) < case.settings["flow_share"] * usual)
    return np.asarray(stands)
