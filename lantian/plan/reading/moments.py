"""A deadline found in a text, the year that a bare month means, and a place where a deadline is tried."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from lantian.plan.reading.numerals import from_chinese

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


class Attempt:
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
        if context.issued and (context.issued - month_end(year, month)).days > _LONG_PAST:
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
            fronted(self.view, self.begin, self.match.start()),
        )


def fronted(view: str, begin: int, position: int) -> bool:
    """Does it stand at the very beginning of its sentence, so that it governs all of it?"""
    start = max(begin, view.rfind("。", begin, position) + 1, view.rfind("\n", begin, position) + 1)
    lead_in = view[start:position]
    return len(lead_in) <= 4 and "，" not in lead_in and "；" not in lead_in


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def number(text: str) -> int:
    return int(text) if text.isdigit() else from_chinese(text) or 0
