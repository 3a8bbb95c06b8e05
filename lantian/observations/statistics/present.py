"""From whole numbers to what people read: dates, values, shares."""

from __future__ import annotations

import ibis.expr.types as ir

from lantian.observations.statistics.rules import HourRules

_DAYS = {"day": "date", "first": "period_from", "until": "period_to"}


def present(table: ir.Table, rules: HourRules) -> ir.Table:
    """Return the statistic with `value` (in its unit) for `scaled`, dates for day numbers, and `capture` (0..1).

    `scaled` stays: it is exact, `value` is the nearest binary number.
    """
    columns = {
        new: (table[old] * 86_400).as_timestamp("s").date() for old, new in _DAYS.items() if old in table.columns
    }
    more = {"value": table.scaled / float(10**rules.scale)}
    if "expected" in table.columns:
        more["capture"] = table.n / table.expected
    return table.mutate(**columns, **more).drop(*(old for old in _DAYS if old in table.columns))
