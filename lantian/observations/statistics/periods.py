"""Days -> months, quarters, seasons, years or one interval: means with counts, and percentiles."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir

from lantian.observations.statistics import exact
from lantian.observations.statistics.rules import HourRules, Percentile, PeriodRule, Span

_KEY = ("subject", "quantity", "unit")
_EPOCH = dt.date(1970, 1, 1)
_WHOLE = 10_000


def periods(days: ir.Table, rules: HourRules, rule: PeriodRule) -> ir.Table:
    """Return subject, quantity, unit, first, until (local days from 1970), n, expected, scaled, valid.

    `n` counts the valid days, `expected` the period's days. Periods without any day do not appear.
    """
    months = _months(_placed(days, rule.span), rule)
    found = months.group_by(*_KEY, "first", "until").agg(
        n=months.n.sum().cast("int64"),
        total=months.total.sum().cast("int64"),
        good_months=months.good.cast("int64").sum().cast("int64"),
    )
    found = exact.means(found, {"scaled": ("total", "n")}, rules.scale, rule.decimals)
    valid = (found.n >= rule.minimum) & found.n.cast("bool")
    if rule.month_minimum is not None:
        valid = valid & (found.good_months >= _months_between(found, rule.span))
    return found.mutate(expected=found.until - found["first"], valid=valid).drop("total", "good_months")


def percentiles(days: ir.Table, rules: HourRules, span: Span, percentile: Percentile) -> ir.Table:
    """Return subject, quantity, unit, first, until, n, scaled: the percentile of the period's valid days."""
    placed = _placed(days.filter(days.valid), span)
    group = [*_KEY, "first", "until"]
    ranked = placed.mutate(
        rank=ibis.row_number().over(ibis.window(group_by=group, order_by=placed.scaled)).cast("int64"),
        n=placed.count().over(ibis.window(group_by=group)).cast("int64"),
    )
    low, part = _position(ranked.n, percentile)
    ranked = ranked.mutate(low=low, part=part)
    high = ibis.ifelse(ranked.low + 1 < ranked.n, ranked.low + 1, ranked.low)
    found = ranked.group_by(*group).agg(
        n=ranked.n.max(),
        part=ranked["part"].max(),
        at_low=ranked.scaled.max(where=ranked["rank"] == ranked.low),
        at_high=ranked.scaled.max(where=ranked["rank"] == high),
    )
    total = found.at_low * (_WHOLE - found["part"]) + found.at_high * found["part"]
    found = found.mutate(total=total, whole=ibis.literal(_WHOLE, "int64"))
    found = exact.means(found, {"scaled": ("total", "whole")}, rules.scale, percentile.decimals)
    return found.drop("part", "at_low", "at_high", "total", "whole")


def _position(n: Any, percentile: Percentile) -> tuple[Any, Any]:
    """Return the rank (from 0) and the ten-thousandths of the way to the next one."""
    parts = percentile.parts
    if percentile.method == "linear":
        low = exact.floor((n - 1) * parts, _WHOLE)
        return low, (n - 1) * parts - low * _WHOLE
    rank = exact.floor(n * parts + _WHOLE - 1, _WHOLE) - 1
    return ibis.ifelse(rank < 0, 0, rank), ibis.literal(0, "int64")


def _placed(days: ir.Table, span: Span) -> ir.Table:
    """Add the period of each day: its first day and the day after its last, as day numbers, and its month's index."""
    date = (days.day * 86_400).as_timestamp("s").date()
    index = date.year().cast("int64") * 12 + date.month().cast("int64") - 1
    if span.between is not None:
        first, until = ((one - _EPOCH).days for one in span.between)
        inside = days.mutate(month=index).filter((days.day >= first) & (days.day < until))
        return inside.mutate(first=ibis.literal(first, "int64"), until=ibis.literal(until, "int64"))
    # Everything by name: a table with a column "first" has a method of that name too.
    begin = exact.floor(index - (span.first - 1), span.months) * span.months + (span.first - 1)
    placed = days.mutate(month=index, begin=begin)
    ends = {"first": _first_day(placed.begin), "until": _first_day(placed.begin + span.months)}
    return placed.mutate(**ends).drop("begin")


def _first_day(index: Any) -> Any:
    year = exact.floor(index, 12)
    return exact.days_from_civil(year, index - year * 12 + 1)


def _months(placed: ir.Table, rule: PeriodRule) -> ir.Table:
    """Sum the valid days by calendar month within the period and tell the months that have enough."""
    months = placed.group_by(*_KEY, "first", "until", "month").agg(
        n=placed.count(where=placed.valid).cast("int64"),
        total=placed.scaled.sum(where=placed.valid).cast("int64").fill_null(0),
    )
    return months.mutate(good=months.n >= _least(months, rule))


def _least(months: ir.Table, rule: PeriodRule) -> Any:
    number = months.month % 12 + 1
    default = ibis.literal(rule.month_minimum or 0, "int64")
    exceptions = [(number == one, ibis.literal(least, "int64")) for one, least in rule.month_exceptions.items()]
    return ibis.cases(*exceptions, else_=default) if exceptions else default


def _months_between(found: ir.Table, span: Span) -> Any:
    if span.between is None:
        return ibis.literal(span.months, "int64")
    first, last = span.between[0], span.between[1] - dt.timedelta(days=1)
    return ibis.literal((last.year - first.year) * 12 + last.month - first.month + 1, "int64")
