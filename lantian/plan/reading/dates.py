"""Deadlines, periods and recurrences in a stretch of text, resolved to days.

A month without a year takes the year of the last deadline that named one, else the plan's own year. What
only looks like a deadline is left out: years of past facts (较2017年, 2019年逾期), dates inside titles 《》,
dates that describe things (2010年底前建成的锅炉), and days of a recurrence (每月5日前).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from lantian.plan.reading import date_forms as forms
from lantian.plan.reading.calendars import (
    Calendar,
    feast,
    five_year_plan_end,
    season,
    spring_festival,
)
from lantian.plan.reading.numerals import from_chinese
from lantian.plan.reading.recurrences import Recurrence, find_recurrences

_LONG_PAST = 120


@dataclass(frozen=True, slots=True)
class Moment:
    """A deadline found in a view: its span, the day, how sure, and what was assumed."""

    begin: int
    end: int
    day: date
    confidence: float
    note: str = ""
    fronted: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A period found in a view."""

    begin: int
    end: int
    first: date
    last: date


@dataclass(slots=True)
class Times:
    """Everything about time in one stretch of text."""

    moments: list[Moment] = field(default_factory=list)
    periods: list[Span] = field(default_factory=list)
    recurrences: list[Recurrence] = field(default_factory=list)


@dataclass(slots=True)
class YearContext:
    """Which year a bare month means. `current` moves on with every deadline that names its year."""

    base: int
    last: int
    issued: date | None = None
    current: int | None = None

    def year(self) -> int:
        return self.current or self.base

    def fresh(self) -> YearContext:
        """The same plan, at the beginning of another task."""
        return YearContext(self.base, self.last, self.issued)


class DateReader:
    """Reads times out of views of one document."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        # The first pattern that matches at a place and is accepted wins; the order matters.
        self._patterns: tuple[tuple[re.Pattern[str], Callable[[_Try], Moment | None]], ...] = (
            (forms.DAY, self._day),
            (forms.QUARTER, self._quarter),
            (forms.HEATING, self._heating),
            (forms.AUTUMN, self._autumn),
            (forms.FLOOD, self._flood),
            (forms.FEAST, self._feast),
            (forms.SPRING, self._spring),
            (forms.MONTH, self._month),
            (forms.YEAR_END, self._year_end),
            (forms.SAME_YEAR, self._same_year),
            (forms.WHOLE_YEAR, self._whole_year),
            (forms.FIVE, self._five),
            (forms.AFTER_ISSUE, self._after_issue),
            (forms.YEAR_ONLY, self._year_only),
            (forms.YEAR_BEFORE, self._year_before),
        )

    def read(self, view: str, begin: int, end: int, context: YearContext, *, cell: bool = False) -> Times:
        """All times between two positions, in order. `cell`: a table's deadline column, read leniently."""
        times = Times(recurrences=find_recurrences(view, begin, end, cell=cell))
        closed = [*(item.span for item in times.recurrences), *_titles(view, begin, end)]
        for period in self._find_periods(view, begin, end, context, closed):
            if isinstance(period, Moment):
                times.moments.append(period)
            else:
                times.periods.append(period)
            closed.append((period.begin, period.end))
        times.moments.extend(self._find_moments(view, begin, end, context, closed, cell))
        times.moments.sort(key=lambda moment: moment.begin)
        return times

    def _find_moments(
        self, view: str, begin: int, end: int, context: YearContext, closed: list[tuple[int, int]], cell: bool
    ) -> Iterator[Moment]:
        for start, finish in _candidates(view, begin, end):
            if _overlaps(closed, start, finish):
                continue
            attempt = _Try(view, begin, end, context, cell)
            for pattern, handle in self._patterns if not cell else ((forms.DIGITS, self._digits), *self._patterns):
                match = pattern.match(view, start, end)
                if not match:
                    continue
                attempt.match = match
                moment = handle(attempt)
                if moment is None:
                    continue
                if not _is_past(attempt, moment):
                    yield from (
                        item for item in _listed(attempt, moment) if not _overlaps(closed, item.begin, item.end)
                    )
                    yield moment
                closed.append((moment.begin, moment.end))
                break

    def _find_periods(
        self, view: str, begin: int, end: int, context: YearContext, closed: list[tuple[int, int]]
    ) -> Iterator[Span | Moment]:
        for match in forms.SEASON_PERIOD.finditer(view, begin, end):
            if not _overlaps(closed, *match.span()):
                season_span = self._season_period(match)
                if context.issued is None or season_span.last >= context.issued:
                    yield season_span
                else:
                    closed.append(match.span())
        for match in forms.PERIOD.finditer(view, begin, end):
            if _overlaps(closed, *match.span()):
                continue
            span = _period(match, context)
            if span is None or (context.issued and span.last < context.issued and not match.group("before")):
                continue
            if match.group("before"):
                yield Moment(
                    span.begin, span.end, span.last, 0.8, "end of the stretch", _fronted(view, begin, span.begin)
                )
            else:
                yield span

    def _season_period(self, match: re.Match[str]) -> Span:
        first, last = int(match.group("y1")), int(match.group("y2"))
        kind = match.group("kind")
        bounds = self._calendar.heating if "暖" in kind else season("autumn_winter")
        return Span(match.start(), match.end(), date(first, *bounds.start), date(last, *bounds.end))

    # One method per form. Each returns the moment, or None when the form is not a deadline after all.

    def _day(self, attempt: _Try) -> Moment | None:
        match = attempt.match
        if not (match.group("before") or attempt.cell or attempt.follows("于至到截至前在")):
            return None
        month, day = _number(match.group("month")), _number(match.group("day"))
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        year, sure, note = attempt.year(month)
        return attempt.moment(date(year, month, min(day, monthrange(year, month)[1])), sure, note)

    def _month(self, attempt: _Try) -> Moment | None:
        match = attempt.match
        month, part, before = _number(match.group("month")), match.group("part"), match.group("before")
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
            return attempt.moment(
                first - timedelta(days=1), sure - 0.3, note or "“N月前” read as before the month begins"
            )
        bare = 0.25 if not (part or before) and not attempt.cell else 0.0
        return attempt.moment(_month_end(year, month), sure - bare, note)

    def _year_end(self, attempt: _Try) -> Moment | None:
        match = attempt.match
        if match.group("bare") and not match.group("before") and not attempt.cell and match.group("bare") == "年末":
            return None
        year, sure, note = attempt.year(12)
        return attempt.moment(date(year, 12, 31), sure, note)

    def _same_year(self, attempt: _Try) -> Moment | None:
        year, _, _ = attempt.year(12)
        match = attempt.match
        return Moment(match.start(), match.end("same"), date(year, 12, 31), 0.6, "当年 read as the end of the year")

    def _whole_year(self, attempt: _Try) -> Moment | None:
        year, _, _ = attempt.year(12)
        return attempt.moment(date(year, 12, 31), 0.6, "全年 with a quantity read as by the end of the year")

    def _year_only(self, attempt: _Try) -> Moment | None:
        match, view = attempt.match, attempt.view
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

    def _year_before(self, attempt: _Try) -> Moment | None:
        year = int(attempt.match.group("year"))
        if year <= attempt.context.base:
            return None
        return attempt.moment(date(year - 1, 12, 31), 0.5, "“N年前” read as before the year begins")

    def _quarter(self, attempt: _Try) -> Moment | None:
        match = attempt.match
        if attempt.follows("每各逐"):
            return None
        if match.group("half"):
            month = 6 if match.group("half") == "上半年" else 12
        else:
            month = 9 if match.group("three") else 3 * _number(match.group("quarter"))
        bounded = match.group("part") or match.group("before") or attempt.cell
        opens = (
            _fronted(attempt.view, attempt.begin, match.start()) and attempt.view[match.end() : match.end() + 1] in "，"
        )
        if not (
            bounded or opens or match.group("year") or forms.COMPLETED.match(attempt.view, match.end(), attempt.end)
        ):
            return None
        year, sure, note = attempt.year(month)
        return attempt.moment(_month_end(year, month), sure - (0 if bounded else 0.15), note)

    def _heating(self, attempt: _Try) -> Moment | None:
        match = attempt.match
        if not match.group("unit") and "冬季" not in match.group():
            return None
        heating = self._calendar.heating
        if match.group("end"):
            year, _, _ = attempt.year(heating.end[0])
            return attempt.moment(self._calendar.last_day_of_heating(year), heating.confidence - 0.1, heating.note)
        year, sure, note = attempt.year(heating.start[0])
        day = self._calendar.day_before_heating(year)
        return attempt.moment(day, min(sure, heating.confidence), "; ".join(filter(None, (note, heating.note))))

    def _autumn(self, attempt: _Try) -> Moment | None:
        bounds = season("autumn_winter")
        year, sure, _ = attempt.year(bounds.start[0])
        return attempt.moment(date(year, *bounds.start) - timedelta(days=1), min(sure, 0.6), bounds.note)

    def _flood(self, attempt: _Try) -> Moment | None:
        bounds = season("flood")
        year, sure, _ = attempt.year(bounds.start[0])
        return attempt.moment(date(year, *bounds.start) - timedelta(days=1), min(sure, bounds.confidence), bounds.note)

    def _feast(self, attempt: _Try) -> Moment | None:
        name = attempt.match.group("feast")
        month = feast(name, 2000).month
        year, sure, note = attempt.year(month)
        return attempt.moment(feast(name, year) - timedelta(days=1), min(sure, 0.8), note)

    def _spring(self, attempt: _Try) -> Moment | None:
        year, sure, note = attempt.year(2)
        day = spring_festival(year)
        return attempt.moment(day - timedelta(days=1), min(sure, 0.75), note) if day else None

    def _five(self, attempt: _Try) -> Moment | None:
        year = five_year_plan_end(attempt.match.group("plan"))
        return attempt.moment(date(year, 12, 31), 0.85) if year else None

    def _after_issue(self, attempt: _Try) -> Moment | None:
        issued, match = attempt.context.issued, attempt.match
        count, unit = _number(match.group("count")), match.group("unit")
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

    def _digits(self, attempt: _Try) -> Moment | None:
        match = attempt.match
        year, month = int(match.group("year")), int(match.group("month"))
        if not 1 <= month <= 12:
            return None
        last = monthrange(year, month)[1]
        day = int(match.group("day")) if match.group("day") else last
        return attempt.moment(date(year, month, min(max(day, 1), last)), 0.9)


class _Try:
    """A candidate place with what the handlers need to judge it."""

    match: re.Match[str]

    def __init__(self, view: str, begin: int, end: int, context: YearContext, cell: bool) -> None:
        self.view, self.begin, self.end, self.context, self.cell = view, begin, end, context, cell

    def follows(self, characters: str) -> bool:
        start = self.match.start()
        return start > self.begin and self.view[start - 1] in characters

    def year(self, month: int) -> tuple[int, float, str]:
        """The year meant, how sure, and a note. An explicit year becomes the context's current one."""
        groups, context = self.match.groupdict(), self.context
        written, same = groups.get("year"), groups.get("same")
        if written:
            year = int(written) if written.isdigit() else from_chinese(written) or context.base
            if year >= context.base:
                context.current = year
            return year, 0.95, ""
        if same in ("明年", "次年", "翌年"):
            return context.year() + 1, 0.7, "year counted from the plan's year"
        if same:
            return context.year(), 0.85, ""
        year = context.year()
        if context.issued and (context.issued - _month_end(year, month)).days > _LONG_PAST:
            # Issued in October and due in March: the March that comes.
            return year + 1, 0.7, "the year after the document's date"
        if context.current:
            return year, 0.85, "year of the deadline before"
        return year, 0.8, "year of the plan"

    def moment(self, day: date, confidence: float, note: str = "") -> Moment:
        issued = self.context.issued
        if issued and day < issued:
            confidence, note = min(confidence, 0.35), "lies before the document's own date"
        return Moment(
            self.match.start(),
            self.match.end(),
            day,
            confidence,
            note,
            _fronted(self.view, self.begin, self.match.start()),
        )


def _candidates(view: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Places where a time may start: cheap to find, judged later."""
    for match in forms.ANCHOR.finditer(view, begin, end):
        yield match.start(), match.end()


def _overlaps(spans: list[tuple[int, int]], begin: int, end: int) -> bool:
    return any(low < end and begin < high for low, high in spans)


def _titles(view: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    for match in re.compile(r"《[^《》\n]{1,120}》(?:（[^（）]{0,30}号）)?|（\d{4}）\d*号?").finditer(view, begin, end):
        yield match.span()


def _is_past(attempt: _Try, moment: Moment) -> bool:
    """A year of comparison, of a fact, or before the plan's own year."""
    if attempt.cell:
        return False
    view = attempt.view
    before = view[max(attempt.begin, moment.begin - 4) : moment.begin]
    if moment.day.year < attempt.context.base or forms.PAST_AFTER.match(view, moment.end):
        return True
    if view.startswith(("印发", "发布", "下发", "公布", "施行"), moment.begin):
        return False
    return bool(forms.PAST_BEFORE.search(before)) and not (before.endswith("在") and view[moment.end - 1] in "前内")


def _listed(attempt: _Try, moment: Moment) -> Iterator[Moment]:
    """6月、9月、12月底前 and 2018年、2019年、2020年底前: the items before share the last one's ending."""
    view = attempt.view
    before = view[max(attempt.begin, moment.begin - 40) : moment.begin]
    months = re.search(r"(?:(?:20\d{2}年)?\d{1,2}月(?:份|底|末)?[、和及])+$", before)
    if months:
        for item in re.finditer(r"(?:(20\d{2})年)?(\d{1,2})月", months.group()):
            month = int(item.group(2))
            year = int(item.group(1) or moment.day.year)
            if 1 <= month <= 12:
                start = moment.begin - len(months.group()) + item.start()
                yield Moment(start, start + len(item.group()), _month_end(year, month), 0.75, "in a list of dates")
        return
    years = re.search(r"(?:20\d{2}年(?:底)?[、和及])+$", before)
    if years and (moment.day.month, moment.day.day) == (12, 31):
        for item in re.finditer(r"20\d{2}", years.group()):
            start = moment.begin - len(years.group()) + item.start()
            yield Moment(start, start + 5, date(int(item.group()), 12, 31), 0.75, "in a list of dates")


def _period(match: re.Match[str], context: YearContext) -> Span | None:
    months = _number(match.group("m1")), _number(match.group("m2"))
    if not all(1 <= month <= 12 for month in months):
        return None
    written = match.group("year")
    year = (int(written) if written.isdigit() else from_chinese(written) or context.base) if written else context.year()
    later = (
        int(match.group("year2"))
        if match.group("year2")
        else year + (1 if match.group("next") or months[1] < months[0] else 0)
    )
    first_day = min(_number(match.group("d1")) if match.group("d1") else 1, monthrange(year, months[0])[1])
    last_of = monthrange(later, months[1])[1]
    last_day = min(_number(match.group("d2")), last_of) if match.group("d2") else last_of
    return Span(
        match.start(), match.end(), date(year, months[0], max(first_day, 1)), date(later, months[1], max(last_day, 1))
    )


def _fronted(view: str, begin: int, position: int) -> bool:
    """Does it stand at the very beginning of its sentence, so that it governs all of it?"""
    start = max(begin, view.rfind("。", begin, position) + 1, view.rfind("\n", begin, position) + 1)
    lead_in = view[start:position]
    return len(lead_in) <= 4 and "，" not in lead_in and "；" not in lead_in


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _number(text: str) -> int:
    return int(text) if text.isdigit() else from_chinese(text) or 0
