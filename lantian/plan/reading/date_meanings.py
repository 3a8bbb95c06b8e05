"""What each form of a time means: one function per form, from the match to the day, or None when it is no deadline."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from lantian.plan.reading import date_forms as forms
from lantian.plan.reading.calendars import (
    Calendar,
    customary,
    feast,
    feast_month,
    five_year_plan_end,
    season,
    spring_festival,
)
from lantian.plan.reading.moments import Attempt, Moment, fronted, month_end, number

Handler = Callable[[Attempt, Calendar], Moment | None]


def _day(attempt: Attempt, calendar: Calendar) -> Moment | None:
    match = attempt.match
    if not (match.group("before") or attempt.cell or attempt.follows("于至到截至前在")):
        return None
    month, day = number(match.group("month")), number(match.group("day"))
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year, sure, note = attempt.year(month)
    return attempt.moment(date(year, month, min(day, monthrange(year, month)[1])), sure, note)


def _month(attempt: Attempt, calendar: Calendar) -> Moment | None:
    match = attempt.match
    month, part, before = number(match.group("month")), match.group("part"), match.group("before")
    if not 1 <= month <= 12 or match.end() == match.start():
        return None
    if not (part or before or attempt.cell or match.group("verb") is not None):
        return None
    year, sure, note = attempt.year(month)
    if part in ("上旬", "中旬"):
        return attempt.moment(date(year, month, 10 if part == "上旬" else 20), sure - 0.05, note)
    if before and before != "内" and not part:
        # 10月前 is, read strictly, the end of September.
        first = date(year, month, 1)
        return attempt.moment(first - timedelta(days=1), sure - 0.3, note or "“N月前” read as before the month begins")
    bare = 0.25 if not (part or before) and not attempt.cell else 0.0
    return attempt.moment(month_end(year, month), sure - bare, note)


def _year_end(attempt: Attempt, calendar: Calendar) -> Moment | None:
    match = attempt.match
    if match.group("bare") and not match.group("before") and not attempt.cell and match.group("bare") == "年末":
        return None
    year, sure, note = attempt.year(12)
    return attempt.moment(date(year, 12, 31), sure, note)


def _same_year(attempt: Attempt, calendar: Calendar) -> Moment | None:
    year, _, _ = attempt.year(12)
    match = attempt.match
    return Moment(match.start(), match.end("same"), date(year, 12, 31), 0.6, "当年 read as the end of the year")


def _whole_year(attempt: Attempt, calendar: Calendar) -> Moment | None:
    year, _, _ = attempt.year(12)
    return attempt.moment(date(year, 12, 31), 0.6, "全年 with a quantity read as by the end of the year")


def _year_only(attempt: Attempt, calendar: Calendar) -> Moment | None:
    match, view = attempt.match, attempt.view
    if forms.OTHER_YEAR.match(view, match.end()) or forms.UNTIL.match(view, match.end()):
        return None
    year = int(match.group("year"))
    if match.group("to") in ("截至", "截止") or year < attempt.context.base:
        return None
    if attempt.cell or match.group("to"):
        sure = 0.85
    elif forms.SEGMENT_START.search(view[max(attempt.begin, match.start() - 4) : match.start()] or "") and (
        forms.YEAR_FOLLOWED.match(view, match.end())
    ):
        sure = 0.6
    else:
        return None
    attempt.context.current = year
    return attempt.moment(date(year, 12, 31), sure, "" if sure > 0.8 else "“N年” read as by the end of the year")


def _year_before(attempt: Attempt, calendar: Calendar) -> Moment | None:
    year = int(attempt.match.group("year"))
    if year <= attempt.context.base:
        return None
    return attempt.moment(date(year - 1, 12, 31), 0.5, "“N年前” read as before the year begins")


def _quarter(attempt: Attempt, calendar: Calendar) -> Moment | None:
    match = attempt.match
    if attempt.follows("每各逐"):
        return None
    if match.group("half"):
        month = 6 if match.group("half") == "上半年" else 12
    else:
        month = 9 if match.group("three") else 3 * number(match.group("quarter"))
    bounded = match.group("part") or match.group("before") or attempt.cell
    opens = fronted(attempt.view, attempt.begin, match.start()) and attempt.view[match.end() : match.end() + 1] in "，"
    if not (bounded or opens or match.group("year") or forms.COMPLETED.match(attempt.view, match.end(), attempt.end)):
        return None
    year, sure, note = attempt.year(month)
    return attempt.moment(month_end(year, month), sure - (0 if bounded else 0.15), note)


def _heating(attempt: Attempt, calendar: Calendar) -> Moment | None:
    match = attempt.match
    if not match.group("unit") and "冬季" not in match.group():
        return None
    heating = calendar.heating
    if match.group("end"):
        year, _, _ = attempt.year(heating.end[0])
        return attempt.moment(calendar.last_day_of_heating(year), heating.confidence - 0.1, heating.note)
    year, sure, note = attempt.year(heating.start[0])
    day = calendar.day_before_heating(year)
    return attempt.moment(day, min(sure, heating.confidence), "; ".join(filter(None, (note, heating.note))))


def _autumn(attempt: Attempt, calendar: Calendar) -> Moment | None:
    bounds = season("autumn_winter")
    year, sure, _ = attempt.year(bounds.start[0])
    return attempt.moment(date(year, *bounds.start) - timedelta(days=1), min(sure, 0.6), bounds.note)


def _flood(attempt: Attempt, calendar: Calendar) -> Moment | None:
    bounds = season("flood")
    year, sure, _ = attempt.year(bounds.start[0])
    return attempt.moment(date(year, *bounds.start) - timedelta(days=1), min(sure, bounds.confidence), bounds.note)


def _feast(attempt: Attempt, calendar: Calendar) -> Moment | None:
    name = attempt.match.group("feast")
    year, sure, note = attempt.year(feast_month(name))
    day = feast(name, year)
    return attempt.moment(day - timedelta(days=1), min(sure, 0.8), note) if day else None


def _spring(attempt: Attempt, calendar: Calendar) -> Moment | None:
    year, sure, note = attempt.year(2)
    day = spring_festival(year)
    return attempt.moment(day - timedelta(days=1), min(sure, 0.75), note) if day else None


def _custom(attempt: Attempt, calendar: Calendar) -> Moment | None:
    """夏收前完成: only where something is to be done by then; 突出春耕前、清明节等时段 names a time and no deadline."""
    match, view = attempt.match, attempt.view
    bound = match.group("year") or attempt.cell or view[match.end() : match.end() + 1] == "，"
    if not bound and not forms.CUSTOM_DUTY.match(view, match.end(), attempt.end):
        return None
    name = match.group("custom")
    year, sure, _ = attempt.year(customary(name, 2000).month)
    begins = customary(name, year)
    note = f"{name} assumed to begin on {begins:%m-%d}: customary, each place has its own"
    return attempt.moment(begins - timedelta(days=1), min(sure, 0.4), note)


def _this_month(attempt: Attempt, calendar: Calendar) -> Moment | None:
    issued, match = attempt.context.issued, attempt.match
    if issued is None:
        return None
    later = match.group("which") != "本月"
    year, month = (issued.year + issued.month // 12, issued.month % 12 + 1) if later else (issued.year, issued.month)
    tenths = {"上旬": 10, "中旬": 20}
    day = tenths.get(match.group("part") or "", monthrange(year, month)[1])
    return attempt.moment(date(year, month, day), 0.6, "counted from the document's date")


def _five(attempt: Attempt, calendar: Calendar) -> Moment | None:
    year = five_year_plan_end(attempt.match.group("plan"))
    return attempt.moment(date(year, 12, 31), 0.85) if year else None


def _after_issue(attempt: Attempt, calendar: Calendar) -> Moment | None:
    issued, match = attempt.context.issued, attempt.match
    count, unit = number(match.group("count")), match.group("unit")
    if issued is None:
        return None
    if unit == "月":
        month = issued.month - 1 + count
        year, month = issued.year + month // 12, month % 12 + 1
        day = date(year, month, min(issued.day, monthrange(year, month)[1]))
    elif unit == "工作日":
        day = issued + timedelta(days=count + 2 * ((issued.weekday() + count) // 5))
    else:
        day = issued + timedelta(days=count * (7 if unit == "周" else 1))
    return attempt.moment(day, 0.6, "counted from the document's date")


def _digits(attempt: Attempt, calendar: Calendar) -> Moment | None:
    match = attempt.match
    year, month = int(match.group("year")), int(match.group("month"))
    if not 1 <= month <= 12:
        return None
    if not attempt.cell and not (match.group("before") or match.group("part")):
        return None
    if match.group("before") and not match.group("day") and not match.group("part") and not attempt.cell:
        first = date(year, month, 1)
        return attempt.moment(first - timedelta(days=1), 0.55, "“N月前” read as before the month begins")
    last = monthrange(year, month)[1]
    day = int(match.group("day")) if match.group("day") else last
    return attempt.moment(date(year, month, min(max(day, 1), last)), 0.9)


# The first pattern that matches at a place and is accepted wins; the order matters.
FORMS: tuple[tuple[re.Pattern[str], Handler], ...] = (
    (forms.DIGITS, _digits),
    (forms.DAY, _day),
    (forms.QUARTER, _quarter),
    (forms.HEATING, _heating),
    (forms.AUTUMN, _autumn),
    (forms.FLOOD, _flood),
    (forms.FEAST, _feast),
    (forms.CUSTOM, _custom),
    (forms.THIS_MONTH, _this_month),
    (forms.SPRING, _spring),
    (forms.MONTH, _month),
    (forms.YEAR_END, _year_end),
    (forms.SAME_YEAR, _same_year),
    (forms.WHOLE_YEAR, _whole_year),
    (forms.FIVE, _five),
    (forms.AFTER_ISSUE, _after_issue),
    (forms.YEAR_ONLY, _year_only),
    (forms.YEAR_BEFORE, _year_before),
)
