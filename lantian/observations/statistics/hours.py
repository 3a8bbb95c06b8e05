"""Observations -> hours: one whole number for each subject, quantity and hour of the local clock."""

from __future__ import annotations

import ibis.expr.types as ir

from lantian.observations.statistics import exact
from lantian.observations.statistics.rules import Combine, HourRules
from lantian.observations.views import micros, without

_HOUR = 3_600_000_000


def hours(rows: ir.Table, rules: HourRules, *, combine: Combine | None = None) -> ir.Table:
    """Return subject, quantity, unit, hour, scaled: `hour` counts local hours from 1970, by their beginning.

    `rows` are those of `Reader.observations(...).expression`. The subject is the source; with `combine` the place,
    whose sources are averaged. Rows that are not about exactly one hour, or that have an excluded flag, do not count.
    """
    counted = without(rows, rules.excluded)
    counted = counted.filter(micros(counted.valid_to) - micros(counted.valid_from) == _HOUR)
    local = micros(counted.valid_from) + int(rules.offset.total_seconds()) * 1_000_000
    by_source = counted.select(
        subject="source",
        place="place",
        quantity="quantity",
        unit="unit",
        hour=exact.floor(local, _HOUR),
        scaled=(counted.value * float(10**rules.scale)).round().cast("int64"),
    )
    return by_source.drop("place") if combine is None else _combined(by_source, rules, combine)


def _combined(by_source: ir.Table, rules: HourRules, combine: Combine) -> ir.Table:
    grouped = by_source.group_by("place", "quantity", "unit", "hour").agg(
        total=by_source.scaled.sum().cast("int64"), n=by_source.count()
    )
    enough = grouped.filter(grouped.n >= combine.minimum)
    found = exact.means(enough, {"scaled": ("total", "n")}, rules.scale, combine.decimals)
    return found.select(subject="place", quantity="quantity", unit="unit", hour="hour", scaled="scaled")
