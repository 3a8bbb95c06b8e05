"""Hours -> days: means, and the greatest mean of successive hours."""

from __future__ import annotations

from functools import reduce
from math import lcm

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
    windows = _windows(hours, rule.hours)
    # Means of different counts are compared as multiples of 1 / whole, which all of them are: exactly, and in
    # short expressions (engines plan long ones slowly). Only the greatest is rounded.
    whole = lcm(*range(1, rule.hours + 1))
    windows = windows.mutate(multiple=windows.total * (ibis.literal(float(whole)) / windows.n).cast("int64"))
    good = (windows.n >= rule.minimum) & windows.end.between(rule.first_label, rule.last_label)
    found = windows.group_by(*_KEY, "day").agg(
        n=windows.count(where=good).cast("int64"), best=windows.multiple.max(where=good)
    )
    expected = rule.last_label - rule.first_label + 1
    found = found.mutate(whole=ibis.literal(whole, "int64"), expected=ibis.literal(expected, "int64"))
    found = exact.means(found, {"scaled": ("best", "whole")}, rules.scale, rule.decimals).drop("best", "whole")
    valid = found.n >= rule.least_windows
    if rule.keep_above is not None:
        valid = valid | (found.scaled > int(rule.keep_above * 10**rules.scale)).fill_null(False)
    return found.mutate(valid=valid & found.scaled.notnull())


def _windows(hours: ir.Table, length: int) -> ir.Table:
    """Sum and count the hours of every window within a day, named by the label of its last hour."""
    day = exact.floor(hours.hour, _HOURS)
    keyed = hours.mutate(day=day, slot=hours.hour - day * _HOURS)
    spread = keyed.mutate(step=ibis.range(1, length + 1).unnest())
    spread = spread.mutate(end=spread.slot + spread.step)
    spread = spread.filter(spread.end <= _HOURS)
    return spread.group_by(*_KEY, "day", "end").agg(n=spread.count(), total=spread.scaled.sum().cast("int64"))


def sliding(hours: ir.Table, rules: HourRules, *, length: int, minimum: int, decimals: Decimals) -> ir.Table:
    """Return the mean of the `length` hours that end with each hour: subject, quantity, unit, hour, n, scaled.

    Also for hours without a value of their own, as long as `minimum` of the hours before have one.
    """
    shifted = [hours.mutate(hour=hours.hour + step) for step in range(length)]
    spread = reduce(lambda a, b: a.union(b), shifted)
    sums = spread.group_by(*_KEY, "hour").agg(n=spread.count(), total=spread.scaled.sum().cast("int64"))
    enough = sums.filter(sums.n >= minimum)
    return exact.means(enough, {"scaled": ("total", "n")}, rules.scale, decimals).drop("total")
