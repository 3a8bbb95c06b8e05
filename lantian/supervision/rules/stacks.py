"""Rules over stack monitors: limits, ammonia, and whether a monitor agrees with itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from lantian.sources.facts import Limit, Outlet
from lantian.supervision.rules.case import Case, Finding, Numbers
from lantian.supervision.rules.registry import rule
from lantian.supervision.rules.series import Floats, Mask, Series
from lantian.supervision.rules.spans import Span, spans

HOUR = 3600
OXYGEN, AMMONIA = "a19001", "a21001"
MAIN = ("a34013", "a21026", "a21002")


def hourly(case: Case, outlet: str, quantity: str) -> Series | None:
    """Return hour values as the monitor sent them."""
    return case.telemetry.series(outlet, quantity, HOUR)


def minutes(case: Case, outlet: str, quantity: str) -> Series | None:
    """Return the finest values of at most ten minutes."""
    found = case.telemetry.series(outlet, quantity)
    return found if found is not None and found.step <= 600 else None


def converted(case: Case, outlet: Outlet, factor: str) -> tuple[Series, Mask] | None:
    """Return hour values that a limit applies to, with the mask of those that may be judged.

    With a reference oxygen these are the converted values; where the monitor sends none, they are computed from value and
    oxygen. Not judged: marked hours, and hours with oxygen at the guard (the division would make anything of them)."""
    oxygen = hourly(case, outlet.code, f"{OXYGEN}-Avg")
    plain = hourly(case, outlet.code, f"{factor}-Avg")
    sent = hourly(case, outlet.code, f"{factor}-ZsAvg")
    if outlet.oxygen is None:
        return (plain, ~np.isnan(plain.valid)) if plain is not None else None
    guard = np.zeros(0, dtype=bool)
    if oxygen is not None:
        guard = np.nan_to_num(oxygen.values, nan=0.0) >= case.settings["oxygen_guard"]
    if sent is not None:
        fine = ~np.isnan(sent.valid)
        return sent, fine & ~guard if len(guard) == len(fine) else fine
    if plain is None or oxygen is None:
        return None
    made = convert(plain.values, oxygen.values, outlet.oxygen)
    marks = np.maximum(plain.marks, oxygen.marks)
    series = Series(outlet.code, f"{factor}-Avg", plain.start, HOUR, np.where(guard, np.nan, made), marks)
    return series, ~np.isnan(series.valid)


def convert(values: Floats, oxygen: Floats, reference: float) -> Floats:
    """Convert to the reference oxygen: C × (21 − O2 reference) / (21 − O2 measured); NaN from 21 % on."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(oxygen < 21, values * (21 - reference) / (21 - oxygen), np.nan)


def in_force(limit: Limit, series: Series, offset: dt.timedelta) -> Mask:
    """Return which steps lie on days on which a limit is in force."""
    begins = series.start + series.step * np.arange(len(series))

    def moment(day: dt.date) -> float:
        return dt.datetime.combine(day, dt.time(), dt.timezone(offset)).timestamp()

    mask = np.ones(len(series), dtype=bool)
    if limit.valid_from is not None:
        mask &= begins >= moment(limit.valid_from)
    if limit.valid_until is not None:
        mask &= begins < moment(limit.valid_until + dt.timedelta(days=1))
    return mask


def _numbers(limit: Limit, values: Floats, span: Span) -> dict[str, float | str]:
    worst = float(np.nanmax(values[span.first : span.last + 1]))
    return {
        "factor": limit.quantity,
        "worst": round(worst, 2),
        "limit": limit.value,
        "unit": limit.unit,
        "clause": " ".join(part for part in (limit.source, limit.clause) if part),
    }


@rule("over-limit", quick=True)
def over_limit(case: Case) -> Iterator[Finding]:
    """Valid hour values above the limit of the outlet, converted to its reference oxygen."""
    for outlet in case.plant.outlets:
        for limit in outlet.limits:
            found = converted(case, outlet, limit.quantity) if limit.period == "hour" else None
            if found is None:
                continue
            series, fine = found
            fine &= in_force(limit, series, case.offset)
            mask = fine & (np.nan_to_num(series.values, nan=0.0) > limit.value)
            for span in spans(mask, fine, up=int(case.settings["hours"]), down=1):
                numbers: Numbers = {"hours": float(len(span)), **_numbers(limit, series.values, span)}
                strength = 0.5 + (float(numbers["worst"]) / limit.value - 1) / 2
                yield case.finding(outlet.code, series, span, numbers, strength=strength)


@rule("over-limit-day", settles=dt.timedelta(days=1))
def over_limit_day(case: Case) -> Iterator[Finding]:
    """Day means of at least the hours that the law asks for above a limit that is set for days."""
    for outlet in case.plant.outlets:
        for limit in outlet.limits:
            found = converted(case, outlet, limit.quantity) if limit.period == "day" else None
            if found is None:
                continue
            series, fine = found
            values = np.where(fine & in_force(limit, series, case.offset), series.values, np.nan)
            for span in _days(series, case.offset):
                day = values[span.first : span.last + 1]
                n = int((~np.isnan(day)).sum())
                if n >= case.settings["hours_a_day"] and float(np.nanmean(day)) > limit.value:
                    numbers: Numbers = {
                        **_numbers(limit, values, span),
                        "worst": round(float(np.nanmean(day)), 2),
                        "hours": float(n),
                    }
                    yield case.finding(outlet.code, series, span, numbers)


def _days(series: Series, offset: dt.timedelta) -> Iterator[Span]:
    """Yield the whole local days of an hourly series."""
    first = int(-(series.start + offset.total_seconds()) % 86400 // series.step)
    a_day = 86400 // series.step
    for begin in range(first, len(series) - a_day + 1, a_day):
        yield Span(begin, begin + a_day - 1)


@rule("ammonia-slip", quick=True)
def ammonia_slip(case: Case) -> Iterator[Finding]:
    """More ammonia leaves a denitration than its kind may let slip."""
    kinds = {"scr": "scr", "sncr": "sncr", "scr+sncr": "both"}
    for outlet in case.plant.outlets:
        series = hourly(case, outlet.code, f"{AMMONIA}-Avg")
        if series is None or outlet.denitration not in kinds:
            continue
        allowed = case.settings[kinds[outlet.denitration]]
        fine = ~np.isnan(series.valid)
        mask = fine & (np.nan_to_num(series.values, nan=0.0) > allowed)
        for span in spans(mask, fine, up=int(case.settings["hours"]), down=1):
            worst = float(series.values[span.first : span.last + 1].max())
            numbers: Numbers = {
                "hours": float(len(span)),
                "worst": round(worst, 2),
                "limit": allowed,
                "kind": outlet.denitration,
            }
            yield case.finding(outlet.code, series, span, numbers, strength=0.4 + (worst / allowed - 1) / 2)


@rule("ultra-low-share", settles=dt.timedelta(days=1))
def ultra_low_share(case: Case) -> Iterator[Finding]:
    """Fewer of the month's valid hours meet the ultra-low limits than are asked for (95 %)."""
    for outlet in case.plant.outlets:
        limits = [one for one in outlet.limits if one.ultra_low and one.period == "hour"]
        found = [(limit, got) for limit in limits if (got := converted(case, outlet, limit.quantity)) is not None]
        if not found:
            continue
        series = found[0][1][0]
        judged = np.any([fine for _, (_, fine) in found], axis=0)
        over = np.any([fine & (np.nan_to_num(s.values, nan=0.0) > one.value) for one, (s, fine) in found], axis=0)
        for span in _months(series, case.offset):
            part = slice(span.first, span.last + 1)
            n, bad = int(judged[part].sum()), int(over[part].sum())
            share = 100 * (1 - bad / n) if n else 100.0
            if n >= case.settings["least_hours"] and share < case.settings["percent"]:
                numbers: Numbers = {
                    "percent": round(share, 1),
                    "hours": float(bad),
                    "n_hours": float(n),
                    "least": case.settings["percent"],
                }
                yield case.finding(
                    outlet.code, series, span, numbers, strength=(case.settings["percent"] - share) / 20 + 0.3
                )


def _months(series: Series, offset: dt.timedelta) -> Iterator[Span]:
    """Yield the local months that a series touches, cut to it."""
    zone = dt.timezone(offset)
    begins = [series.at(i).astimezone(zone) for i in range(len(series))]
    keys = np.array([one.year * 12 + one.month for one in begins])
    for key in np.unique(keys):
        where = np.flatnonzero(keys == key)
        yield Span(int(where[0]), int(where[-1]))


@rule("hour-minute")
def hour_minute(case: Case) -> Iterator[Finding]:
    """An hour value is not the mean of its minutes: one of the two was changed."""
    for outlet in case.plant.outlets:
        for factor in MAIN:
            sent, fine = hourly(case, outlet.code, f"{factor}-Avg"), minutes(case, outlet.code, f"{factor}-Avg")
            if sent is None or fine is None:
                continue
            made = fine.coarser(HOUR, coverage=case.settings["coverage"], valid=True)
            size = min(len(made), len(sent))
            a, b = sent.valid[:size], made.values[:size]
            away = np.abs(a - b)
            mask = np.nan_to_num(away, nan=0.0) > np.maximum(
                case.settings["least"], case.settings["share"] * np.nan_to_num(np.abs(b))
            )
            for span in spans(mask, ~np.isnan(away), up=int(case.settings["hours"]), down=2):
                part = slice(span.first, span.last + 1)
                numbers: Numbers = {
                    "factor": factor,
                    "hours": float(len(span)),
                    "hour_value": round(float(np.nanmean(a[part])), 2),
                    "minute_value": round(float(np.nanmean(b[part])), 2),
                }
                looked = ((outlet.code, f"{factor}-Avg"),)
                yield case.finding(outlet.code, sent, span, numbers, strength=0.6, looked_at=looked)


@rule("conversion")
def conversion(case: Case) -> Iterator[Finding]:
    """Converted values do not follow from value and oxygen: the conversion was changed."""
    for outlet in case.plant.outlets:
        oxygen = minutes(case, outlet.code, f"{OXYGEN}-Avg") or hourly(case, outlet.code, f"{OXYGEN}-Avg")
        if outlet.oxygen is None or oxygen is None:
            continue
        for factor in MAIN:
            plain = case.telemetry.series(outlet.code, f"{factor}-Avg", oxygen.step)
            sent = case.telemetry.series(outlet.code, f"{factor}-ZsAvg", oxygen.step)
            if plain is None or sent is None:
                continue
            right = np.where(
                oxygen.values < case.settings["oxygen_guard"],
                convert(plain.valid, oxygen.values, outlet.oxygen),
                np.nan,
            )
            away = np.abs(sent.valid - right)
            bound = np.maximum(case.settings["least"], case.settings["share"] * np.nan_to_num(np.abs(right)))
            mask = np.nan_to_num(away, nan=0.0) > bound
            need = max(1, int(case.settings["minutes"] * 60 // oxygen.step))
            for span in spans(mask, ~np.isnan(away), up=need, down=need):
                part = slice(span.first, span.last + 1)
                apart = abs(float(np.nanmean(sent.valid[part])) - float(np.nanmean(right[part])))
                if apart <= case.settings["least"]:
                    continue  # rounding of small values, to both sides
                numbers: Numbers = {
                    "factor": factor,
                    "hours": round(len(span) * oxygen.step / 3600, 2),
                    "sent": round(float(np.nanmean(sent.valid[part])), 2),
                    "right": round(float(np.nanmean(right[part])), 2),
                }
                yield case.finding(outlet.code, sent, span, numbers, strength=0.6)


def _settled(oxygen: Series) -> Mask:
    """Return the steps at which oxygen may be divided by. A mean of converted values is not the converted mean: hours
    count only while oxygen hardly moves from hour to hour."""
    if oxygen.step < HOUR:
        return np.ones(len(oxygen), dtype=bool)
    move = np.abs(np.diff(oxygen.valid, prepend=np.nan, append=np.nan))
    return np.asarray((np.nan_to_num(move[:-1], nan=9.0) < 1.0) & (np.nan_to_num(move[1:], nan=9.0) < 1.0))
