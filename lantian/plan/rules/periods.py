"""Which stretch of time a plan is for, from its title, else from the year of its issue. Pure."""

from __future__ import annotations

import datetime as dt
import re

_RANGE = re.compile(r"(20\d\d)\s*年?\s*[-—–~～至]{1,2}\s*(20\d\d)\s*年?")
_YEAR = re.compile(r"(20\d\d)\s*年")
_WINTER = re.compile(r"秋冬季")


def plan_period(title: str, issued_on: dt.date | None) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day that a plan is for (both None when neither title nor issue says a year).

    >>> plan_period("某市打赢蓝天保卫战 2020 年决战计划", None)
    (datetime.date(2020, 1, 1), datetime.date(2020, 12, 31))
    >>> plan_period("某市2020—2021年秋冬季大气污染综合治理攻坚行动方案", None)
    (datetime.date(2020, 10, 1), datetime.date(2021, 3, 31))
    >>> plan_period("某市大气污染防治行动方案", dt.date(2019, 5, 8))
    (datetime.date(2019, 1, 1), datetime.date(2019, 12, 31))
    """
    span = _RANGE.search(title)
    if span:
        first, last = int(span[1]), int(span[2])
    else:
        single = _YEAR.search(title)
        if not single and issued_on is None:
            return None, None
        first = last = int(single[1]) if single else issued_on.year  # type: ignore[union-attr]
    if _WINTER.search(title):
        return dt.date(first, 10, 1), dt.date(max(last, first + 1), 3, 31)
    return dt.date(first, 1, 1), dt.date(max(first, last), 12, 31)
