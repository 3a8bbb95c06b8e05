"""Batch statistics, written once as Ibis expressions: hours -> days -> months, seasons, years.

Every number on the way is a whole number (of 10 to the minus `scale`), so that sums do not depend on the order in which
an engine adds, halves are rounded to even exactly, and DuckDB and Spark give equal results. No number of any law is
here: the caller brings rules.
"""

from __future__ import annotations

from lantian.observations.statistics.days import day_means, day_windows, sliding
from lantian.observations.statistics.hours import hours
from lantian.observations.statistics.periods import percentiles, periods
from lantian.observations.statistics.present import present
from lantian.observations.statistics.rules import (
    Combine,
    DayRule,
    Decimals,
    HourRules,
    Percentile,
    PeriodRule,
    Span,
    WindowRule,
)

__all__ = [
    "Combine",
    "DayRule",
    "Decimals",
    "HourRules",
    "Percentile",
    "PeriodRule",
    "Span",
    "WindowRule",
    "day_means",
    "day_windows",
    "hours",
    "percentiles",
    "periods",
    "present",
    "sliding",
]
