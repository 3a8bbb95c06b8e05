"""Arithmetic with whole numbers in Ibis: the same on every engine, in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from lantian.observations.statistics.rules import Decimals


def floor(number: Any, divisor: int) -> ir.IntegerValue:
    """Return the greatest whole number not above number / divisor.

    Engines divide as binary floats. The quotient of a number below 2**52 by a small divisor cannot reach the next
    whole number by rounding: their distance is at least 1 / divisor.
    """
    return (number.cast("float64") / float(divisor)).floor().cast("int64")


def means(table: ir.Table, which: Mapping[str, tuple[str, str]], scale: int, to: Decimals) -> ir.Table:
    """Add columns {name: (total, count)} = total / count in units of 10**-scale, rounded half to even to the decimals
    of `table.quantity`; null where the count is 0. Exact for totals below 2**53.

    In steps, each with short expressions: an engine's nearest whole number of the quotient, and what is then left
    over, tells exactly where the quotient lies.
    """
    step = _step_of(table.quantity, scale, to)
    table = table.mutate(
        **{f"_d{n}": ibis.ifelse(table[c] == 0, 1, table[c]) * step for n, (_, c) in which.items()}, _step=step
    )
    table = table.mutate(
        **{f"_q{n}": (table[t].cast("float64") / table[f"_d{n}"]).round().cast("int64") for n, (t, _) in which.items()}
    )
    table = table.mutate(
        **{f"_r{n}": (table[t] - table[f"_q{n}"] * table[f"_d{n}"]) * 2 for n, (t, _) in which.items()}
    )
    table = table.mutate(**{n: _nearest_even(table, n, c) for n, (_, c) in which.items()})
    return table.drop("_step", *(prefix + name for name in which for prefix in ("_d", "_q", "_r")))


def _nearest_even(table: ir.Table, name: str, count: str) -> Any:
    guess, twice_rest, divisor = table[f"_q{name}"], table[f"_r{name}"], table[f"_d{name}"]
    odd = guess % 2 != 0
    up = (twice_rest > divisor) | ((twice_rest == divisor) & odd)
    down = (twice_rest < -divisor) | ((twice_rest == -divisor) & odd)
    nearest = guess + up.cast("int64") - down.cast("int64")
    return ibis.ifelse(table[count] == 0, ibis.null("int64"), nearest * table["_step"])


def _step_of(quantity: ir.StringValue, scale: int, to: Decimals) -> Any:
    """Return the step of rounding in units of 10**-scale."""
    default = _step(scale, to.default)
    special = {name: _step(scale, decimals) for name, decimals in to.by_quantity.items()}
    if not special:
        return ibis.literal(default, "int64")
    return ibis.cases(
        *((quantity == name, ibis.literal(step, "int64")) for name, step in special.items()),
        else_=ibis.literal(default, "int64"),
    )


def _step(scale: int, decimals: int | None) -> int:
    if decimals is None:
        return 1
    if decimals > scale:
        raise ValueError(f"{decimals} decimals are more than the scale of {scale}")
    return int(10 ** (scale - decimals))


def days_from_civil(year: Any, month: Any) -> Any:
    """Return the number of days from 1970-01-01 to the first of a month (Gregorian), in whole numbers only."""
    # Years begin in March here, so that the leap day is the last one of a year.
    shifted = year - (month <= 2).cast("int64")
    era_month = (month + 9) % 12
    leaps = floor(shifted, 4) - floor(shifted, 100) + floor(shifted, 400)
    return shifted * 365 + leaps + floor(era_month * 153 + 2, 5) - 719_468
