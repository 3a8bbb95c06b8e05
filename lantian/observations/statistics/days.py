"""Hours -> days: means, and the greatest mean of successive hours."""

from __future__ import annotations

from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from lantian.observations.statistics import exact
from lantian.observations.statistics.rules import DayRule, Decimals, HourRules, WindowRule

_KEY = ("subject", "quantity", "unit")
_HOURS = 24


def day_means(hours: ir.Table, rules: HourRules, rule: DayRule) -> ir.Table:
    """Return subject, quantity, unit, day (local, from 1970), n, expected, scaled, valid."""
    keyed = hours.mutate(day=exact.floor(hours.hour, _HOURS))
    days = keyed.group_by(*_KEY, "day").agg(n=keyed.count(), total=keyed.scaled.sum().cast("int64"))
    days = exact.means(days, {"scaled": ("total", "n")}, rules.scale, rule.decimals)
    return days.mutate(expected=ibis.literal(_HOURS, "int64"), valid=days.n >= rule.minimum).drop("total")


def day_windows(hours: ir.Table, rules: HourRules, rule: WindowRule) -> ir.Table:
    """Return each day's greatest mean of successive hours (the columns of `day_means`; n counts valid windows)."""
    wide = _wide(hours)
    labels = range(rule.first_label, rule.last_label + 1)
    counts = {f"n{end}": _sum(wide, "c", end, rule.hours) for end in labels}
    totals = {f"t{end}": _sum(wide, "s", end, rule.hours) for end in labels}
    windows = wide.select(*_KEY, "day", **counts, **totals)
    which = {f"m{end}": (f"t{end}", f"n{end}") for end in labels}
    windows = exact.means(windows, which, rules.scale, rule.decimals)
    n = reduce(lambda a, b: a + b, ((windows[f"n{end}"] >= rule.minimum).cast("int64") for end in labels))
    enough = [ibis.ifelse(windows[f"n{e}"] >= rule.minimum, windows[f"m{e}"], ibis.null("int64")) for e in labels]
    best = ibis.greatest(*enough) if len(enough) > 1 else enough[0]
    found = windows.select(*_KEY, "day", n=n, expected=ibis.literal(len(labels), "int64"), scaled=best)
    valid = found.n >= rule.least_windows
    if rule.keep_above is not None:
        valid = valid | (found.scaled > int(rule.keep_above * 10**rules.scale)).fill_null(False)
    return found.mutate(valid=valid & found.scaled.notnull())


def _wide(hours: ir.Table) -> ir.Table:
    """One row for each day with the sum and the count of each of its hours: windows are then plain additions."""
    day = exact.floor(hours.hour, _HOURS)
    keyed = hours.mutate(day=day, slot=hours.hour - day * _HOURS)
    sums = {f"s{i}": keyed.scaled.sum(where=keyed.slot == i).cast("int64").fill_null(0) for i in range(_HOURS)}
    counts = {f"c{i}": keyed.count(where=keyed.slot == i).cast("int64") for i in range(_HOURS)}
    return keyed.group_by(*_KEY, "day").agg(**sums, **counts)


def _sum(wide: ir.Table, kind: str, end: int, length: int) -> Any:
    return reduce(lambda a, b: a + b, (wide[f"{kind}{slot}"] for slot in range(end - length, end)))


def sliding(hours: ir.Table, rules: HourRules, *, length: int, minimum: int, decimals: Decimals) -> ir.Table:
    """Return the mean of the `length` hours that end with each hour: subject, quantity, unit, hour, n, scaled.

    Also for hours without a value of their own, as long as `minimum` of the hours before have one.
    """
    shifted = [hours.mutate(hour=hours.hour + step) for step in range(length)]
    spread = reduce(lambda a, b: a.union(b), shifted)
    sums = spread.group_by(*_KEY, "hour").agg(n=spread.count(), total=spread.scaled.sum().cast("int64"))
    enough = sums.filter(sums.n >= minimum)
    return exact.means(enough, {"scaled": ("total", "n")}, rules.scale, decimals).drop("total")
