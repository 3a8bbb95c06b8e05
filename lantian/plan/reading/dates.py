"""Deadlines, periods and recurrences in a stretch of text, resolved to days.

A month without a year takes the year of the last deadline that named one, else the plan's own year. What
only looks like a deadline is left out: years of past facts (较2017年, 2019年逾期), dates inside titles 《》,
dates that describe things (2010年底前建成的锅炉), and days of a recurrence (每月5日前).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from lantian.plan.reading import date_forms as forms
from lantian.plan.reading.calendars import Calendar, season
from lantian.plan.reading.date_meanings import FORMS
from lantian.plan.reading.moments import Attempt, Moment, YearContext, fronted, month_end, number
from lantian.plan.reading.numerals import from_chinese
from lantian.plan.reading.recurrences import Recurrence, find_recurrences

__all__ = ["DateReader", "Moment", "Span", "Times", "YearContext"]


@dataclass(frozen=True, slots=True)
class Span:
    """A period found in a view."""

    begin: int
    end: int
    first: date
    last: date


@dataclass(slots=True)
class Times:
    """Everything about time in one stretch of text. `unknown`: (begin, end) of 移交前 and the like, whose day nobody says."""

    moments: list[Moment] = field(default_factory=list)
    periods: list[Span] = field(default_factory=list)
    recurrences: list[Recurrence] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)


class DateReader:
    """Reads times out of views of one document."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

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
        times.unknown = [
            match.span() for match in forms.UNKNOWN.finditer(view, begin, end) if not _overlaps(closed, *match.span())
        ]
        times.moments.sort(key=lambda moment: moment.begin)
        return times

    def _find_moments(
        self, view: str, begin: int, end: int, context: YearContext, closed: list[tuple[int, int]], cell: bool
    ) -> Iterator[Moment]:
        for start, finish in _candidates(view, begin, end):
            if _overlaps(closed, start, finish):
                continue
            attempt = Attempt(view, begin, end, context, cell)
            for pattern, handle in FORMS:
                match = pattern.match(view, start, end)
                if not match:
                    continue
                attempt.match = match
                moment = handle(attempt, self._calendar)
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
                if match.group("before"):
                    yield self._season_bound(match, season_span, fronted(view, begin, match.start()))
                elif context.issued is None or season_span.last >= context.issued:
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
                    span.begin, span.end, span.last, 0.8, "end of the stretch", fronted(view, begin, span.begin)
                )
            else:
                yield span

    def _season_bound(self, match: re.Match[str], season_span: Span, fronts: bool) -> Moment:
        """2021—2022年采暖季结束前 is the season's last day, …采暖季前 the day before its first."""
        day = season_span.last if match.group("end") else season_span.first - timedelta(days=1)
        heating = self._calendar.heating
        sure, note = (heating.confidence, heating.note) if "暖" in match.group("kind") else (0.6, "")
        return Moment(match.start(), match.end(), day, min(sure, 0.85), note, fronts)

    def _season_period(self, match: re.Match[str]) -> Span:
        first, last = int(match.group("y1")), int(match.group("y2"))
        kind = match.group("kind")
        bounds = self._calendar.heating if "暖" in kind else season("autumn_winter")
        return Span(match.start(), match.end(), date(first, *bounds.start), date(last, *bounds.end))


def _candidates(view: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Places where a time may start: cheap to find, judged later."""
    for match in forms.ANCHOR.finditer(view, begin, end):
        yield match.start(), match.end()


def _overlaps(spans: list[tuple[int, int]], begin: int, end: int) -> bool:
    return any(low < end and begin < high for low, high in spans)


def _titles(view: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    for match in re.compile(r"《[^《》\n]{1,120}》(?:（[^（）]{0,30}号）)?|（\d{4}）\d*号?").finditer(view, begin, end):
        yield match.span()


def _is_past(attempt: Attempt, moment: Moment) -> bool:
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


def _listed(attempt: Attempt, moment: Moment) -> Iterator[Moment]:
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
                yield Moment(start, start + len(item.group()), month_end(year, month), 0.75, "in a list of dates")
        return
    years = re.search(r"(?:20\d{2}年(?:底)?[、和及])+$", before)
    if years and (moment.day.month, moment.day.day) == (12, 31):
        for item in re.finditer(r"20\d{2}", years.group()):
            start = moment.begin - len(years.group()) + item.start()
            yield Moment(start, start + 5, date(int(item.group()), 12, 31), 0.75, "in a list of dates")


def _period(match: re.Match[str], context: YearContext) -> Span | None:
    months = number(match.group("m1")), number(match.group("m2"))
    if not all(1 <= month <= 12 for month in months):
        return None
    written = match.group("year")
    year = (int(written) if written.isdigit() else from_chinese(written) or context.base) if written else context.year()
    later = (
        int(match.group("year2"))
        if match.group("year2")
        else year + (1 if match.group("next") or months[1] < months[0] else 0)
    )
    first_day = min(number(match.group("d1")) if match.group("d1") else 1, monthrange(year, months[0])[1])
    last_of = monthrange(later, months[1])[1]
    last_day = min(number(match.group("d2")), last_of) if match.group("d2") else last_of
    return Span(
        match.start(), match.end(), date(year, months[0], max(first_day, 1)), date(later, months[1], max(last_day, 1))
    )
