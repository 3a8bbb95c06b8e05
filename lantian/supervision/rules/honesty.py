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
from lantian.supervision.rules.series import MARKS, Floats, Mask, Series
from lantian.supervision.rules.shapes import blocks, echoes, fit, movement, rolling_median, sudden
from lantian.supervision.rules.spans import Span, runs, spans, steps
from lantian.supervision.rules.stacks import HOUR, MAIN, OXYGEN, converted, hourly, minutes

MONTH = dt.timedelta(days=30)
# Marks that a person or a fault sets; that a source stands is no excuse.
_BY_HAND = tuple(MARKS.index(word) for word in ("maintenance", "manual", "fault", "calibrating"))
_STOPPED = MARKS.index("stopped")
FLOW, TEMPERATURE, MOISTURE = "a00000", "a01012", "a01014"


@rule("constant-values", learns=dt.timedelta(days=7))
def constant_values(case: Case) -> Iterator[Finding]:
    """Values that do not move for hours while production runs: frozen, or typed in."""
    for outlet in case.plant.outlets:
        for factor in MAIN:
            fine = minutes(case, outlet.code, f"{factor}-Avg")
            if fine is not None and HOUR % fine.step == 0:
                yield from _still(case, outlet, factor, fine)
            elif (coarse := hourly(case, outlet.code, f"{factor}-Avg")) is not None:
                yield from _same_hours(case, outlet, factor, coarse)


def _still(case: Case, outlet: Outlet, factor: str, series: Series) -> Iterator[Finding]:
    """Judge the spread of the minutes within each block (a part of an hour, so that short ones are seen as well)."""
    block = max(int(case.settings["block_minutes"] * 60) // series.step, 1) * series.step
    means, spread, known = blocks(series.valid, block // series.step)
    like = Series(series.source, series.quantity, series.start, block, means, np.zeros(len(means), dtype=np.int8))
    seen, running = producing(case, outlet, like)
    judged = (
        known & (running | ~seen) & (np.nan_to_num(means) >= case.settings["least_steps"] * _resolution(series.values))
    )
    usual = float(np.median(spread[judged])) if judged.any() else 0.0
    bound = np.maximum(
        case.settings["share_of_usual"] * usual, case.settings["relative"] * np.abs(np.nan_to_num(means))
    )
    mask = judged & (spread <= bound)
    for span in spans(mask, judged, up=steps(60 * case.settings["hours"], block), down=1):
        part = slice(span.first, span.last + 1)
        lasted = len(span) * block / HOUR
        numbers: Numbers = {
            "factor": factor,
            "hours": lasted,
            "value": round(float(np.nanmean(means[part])), 2),
            "spread": round(float(np.nanmean(spread[part])), 4),
            "usual_spread": round(usual, 4),
        }
        yield case.finding(outlet.code, like, span, numbers, strength=0.5 + lasted / 24)


def _same_hours(case: Case, outlet: Outlet, factor: str, series: Series) -> Iterator[Finding]:
    """Judge hour values against the hour before, where a logger sends no minutes."""
    seen, running = producing(case, outlet, series)
    move = np.abs(np.diff(series.valid, prepend=np.nan))
    enough = np.nan_to_num(series.values) >= case.settings["least_steps"] * _resolution(series.values)
    judged = ~np.isnan(move) & (running | ~seen) & enough
    usual = float(np.median(move[judged])) if judged.any() else 0.0
    mask = judged & (move <= case.settings["relative"] * np.abs(np.nan_to_num(series.values)))
    for run in spans(mask, judged, up=max(1, int(case.settings["hours"]) - 1), down=1):
        span = Span(max(0, run.first - 1), run.last, run.open)
        part = slice(span.first, span.last + 1)
        numbers: Numbers = {
            "factor": factor,
            "hours": float(len(span)),
            "value": round(float(np.nanmean(series.values[part])), 2),
            "spread": round(float(np.nanmean(move[run.first : run.last + 1])), 4),
            "usual_spread": round(usual, 4),
        }
        yield case.finding(outlet.code, series, span, numbers, strength=0.5 + len(span) / 24)


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
            if (
                residual is None
                or float(np.nanmedian(series.valid[~np.isnan(residual)])) < case.settings["least_value"]
            ):
                continue
            width = int(case.settings["window_hours"])
            level = rolling_median(residual, width)
            known = ~np.isnan(level)
            upper = float(np.nanpercentile(level[known], case.settings["honest_percentile"])) if known.any() else 0.0
            usual = max(movement(level, lag) for lag in (12, 24, 48))
            bound = max(case.settings["drop"], case.settings["sigmas"] * usual)
            mask = known & (level < upper - bound)
            for span in spans(mask, known, up=int(case.settings["hours"]), down=int(case.settings["calm_hours"])):
                if not sudden(residual, span, case.settings["edge_share"] * bound):
                    continue
                now = float(np.nanmedian(residual[span.first : span.last + 1]))
                numbers: Numbers = {
                    "factor": factor,
                    "hours": float(len(span)),
                    "percent": round(100 * math.exp(now - upper)),
                }
                yield case.finding(outlet.code, series, span, numbers, strength=(upper - now))


def explained(case: Case, outlet: Outlet, series: Series, *, logs: bool = True, oxygen: bool = True) -> Floats | None:
    """Return what is left of log(value) (or of the value) after load, treatment and oxygen, in hours of production only (NaN
    elsewhere); None without meters of production or with too few hours."""
    seen, running = producing(case, outlet, series)
    good = ~np.isnan(series.valid) & running & seen
    if logs:
        good &= np.nan_to_num(series.valid) > 0
    columns: list[Floats] = []
    air = hourly(case, outlet.code, f"{OXYGEN}-Avg") if oxygen else None
    if air is not None and len(air) == len(series):
        good &= np.nan_to_num(air.valid, nan=99.0) < case.settings["oxygen_guard"]
        columns.append(np.log(np.maximum(21.0 - np.nan_to_num(air.values, nan=20.0), 0.1)))
    for role in (PRODUCTION, TREATMENT):
        drawn = power(case, outlet, series, role)
        if drawn is not None:
            good &= ~np.isnan(drawn)
            load = np.log(np.maximum(np.nan_to_num(drawn), 0.1))
            columns += [load, load**2] if role == PRODUCTION else [load]
    if good.sum() < case.settings["learn_least"] or not columns:
        return None
    left = np.full(len(series), np.nan)
    target = np.log(np.where(good, series.values, 1.0))[good] if logs else series.values[good]
    left[good] = target - fit(np.column_stack([one[good] for one in columns]), target)
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
            seen, running = producing(case, outlet, series)
            working = np.where(running | ~seen, series.valid, np.nan)  # at rest every curve is like the other
            likeness, source = echoes(
                working, width, smooth=max(3, int(case.settings["smooth_minutes"] * 60) // series.step)
            )
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
        up = explained(case, outlet, oxygen, logs=False, oxygen=False)
        if up is None:
            continue
        good = ~np.isnan(up)
        mask = np.nan_to_num(up) >= case.settings["oxygen_up"]
        signs = 0
        for factor, drop in (
            (MOISTURE, "moisture_share"),
            (TEMPERATURE, "temperature_share"),
            ("a21002", "value_share"),
        ):
            other = hourly(case, outlet.code, f"{factor}-Avg")
            left = (
                explained(case, outlet, other, oxygen=False)
                if other is not None and len(other) == len(oxygen)
                else None
            )
            if left is not None:
                mask &= np.nan_to_num(left, nan=0.0) <= math.log(case.settings[drop])
                signs += 1
        if signs < 2:
            continue
        for span in spans(mask, good, up=int(case.settings["hours"]), down=1):
            part = slice(span.first, span.last + 1)
            now, over = float(np.nanmean(oxygen.values[part])), float(np.nanmean(up[part]))
            numbers: Numbers = {
                "hours": float(len(span)),
                "oxygen": round(now, 1),
                "usual_oxygen": round(now - over, 1),
            }
            yield case.finding(outlet.code, oxygen, span, numbers, strength=0.7)


@rule("marks-at-exceedance", learns=MONTH, settles=dt.timedelta(days=1))
def marks_at_exceedance(case: Case) -> Iterator[Finding]:
    """Marks (calibration, maintenance, fault) begin or end beside hours over the limit far more often than chance would have it.

    The values of marked hours are those of test gas or of nothing; so what stands beside them is judged. Checks that come at
    the same hour every day are left out."""
    for outlet in case.plant.outlets:
        for limit in outlet.limits:
            found = converted(case, outlet, limit.quantity) if limit.period == "hour" else None
            if found is None:
                continue
            series, fine = found
            over = fine & (np.nan_to_num(series.values) > limit.value)
            marked = [one for one in runs(np.isin(series.marks, _BY_HAND)) if not _daily(series, one)]
            beside = [one for one in marked if over[max(0, one.first - 1) : one.last + 2].any()]
            near = over.copy()
            near[1:] |= over[:-1]
            near[:-1] |= over[1:]
            rate = float(near[fine].mean()) if fine.any() else 0.0
            if len(beside) < case.settings["least_marks"] or int(fine.sum()) < case.settings["learn_least"]:
                continue
            if at_least(len(beside), len(marked), rate) <= 10 ** -case.settings["digits"]:
                span = Span(beside[0].first, beside[-1].last)
                numbers: Numbers = {
                    "factor": limit.quantity,
                    "both": float(len(beside)),
                    "marked": float(len(marked)),
                    "expected": round(rate * len(marked), 1),
                }
                yield case.finding(outlet.code, series, span, numbers, strength=0.6)


def _daily(series: Series, run: Span) -> bool:
    """Tell whether marks come at this hour on most days (a check by the clock)."""
    same = series.marks[run.first % 24 :: 24]
    return len(run) <= 2 and float(np.isin(same, _BY_HAND).mean()) >= 0.3


def at_least(k: int, n: int, rate: float) -> float:
    """Return the chance of at least `k` of `n` by chance, each with probability `rate` (binomial)."""
    if rate <= 0:
        return 0.0 if k > 0 else 1.0
    return min(1.0, sum(math.comb(n, one) * rate**one * (1 - rate) ** (n - one) for one in range(k, n + 1)))


@rule("stack-says-stopped", learns=MONTH)
def stack_says_stopped(case: Case) -> Iterator[Finding]:
    """The meters say that production runs, the stack says that it stands (marked stopped, air in the duct, hardly any flow)."""
    for outlet in case.plant.outlets:
        oxygen = hourly(case, outlet.code, f"{OXYGEN}-Avg")
        if oxygen is None:
            continue
        seen, running = producing(case, outlet, oxygen)
        known = _believable(oxygen) & seen
        stands = _stands(case, outlet, oxygen, running & known)
        running &= _at_work(case, outlet, oxygen, running & known)
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
        known = _believable(oxygen) & seen
        below = _burning_below(case, oxygen, running & known)
        if below is None:
            continue
        burns = np.nan_to_num(oxygen.valid, nan=21.0) < below
        mask = ~running & burns & known & ~_stands(case, outlet, oxygen, running & known)
        for span in spans(mask, known, up=int(case.settings["hours"]), down=1):
            yield case.finding(outlet.code, oxygen, span, {"hours": float(len(span))}, strength=len(span) / 24)


def _believable(oxygen: Series) -> Mask:
    """Return the hours in which oxygen says something of the stack: not those of test gas or of a fault."""
    return np.asarray(oxygen.known & np.isin(oxygen.marks, (0, _STOPPED)))


def _at_work(case: Case, outlet: Outlet, like: Series, produced: Mask) -> Mask:
    """Return the hours at which production draws a good part of what it usually draws (a mill that runs alone is no kiln)."""
    drawn = power(case, outlet, like, PRODUCTION)
    if drawn is None or not produced.any():
        return produced
    return np.asarray(np.nan_to_num(drawn) >= case.settings["work_share"] * float(np.nanmedian(drawn[produced])))


def _burning_below(case: Case, oxygen: Series, produced: Mask) -> float | None:
    """Return the oxygen below which something burns: halfway between what is usual in production and air; None where
    production does not lower it (electric furnaces, dust extraction)."""
    usual = oxygen.valid[produced & ~np.isnan(oxygen.valid)]
    if len(usual) < case.settings["learn_least"]:
        return case.settings["oxygen_running"]
    middle = float(np.median(usual))
    return (middle + case.settings["oxygen_standing"]) / 2 if middle < case.settings["oxygen_standing"] - 1.5 else None


def _stands(case: Case, outlet: Outlet, oxygen: Series, produced: Mask) -> Mask:
    """Return the hours at which the stack says that it stands. Oxygen says so only where something burns in production."""
    stands = oxygen.marks == _STOPPED
    usual = oxygen.valid[produced & ~np.isnan(oxygen.valid)]
    if len(usual) and float(np.median(usual)) < case.settings["oxygen_standing"] - 1.5:
        stands = stands | (np.nan_to_num(oxygen.values) >= case.settings["oxygen_standing"])
    flow = hourly(case, outlet.code, f"{FLOW}-Avg")
    if flow is not None and len(flow) == len(oxygen) and flow.known.any():
        most = float(np.nanpercentile(flow.values, 75))
        stands = stands | (flow.known & (np.nan_to_num(flow.values) < case.settings["flow_share"] * most))
    return np.asarray(stands)
