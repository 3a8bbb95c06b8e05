"""One stretch of a text, cut into measures as if a clause had been found for it: for what the reader passed over."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime

from lantian.city.gazetteer import Gazetteer
from lantian.plan.reading.calendars import Calendar
from lantian.plan.reading.clean import Document, clean_document
from lantian.plan.reading.dates import DateReader, YearContext
from lantian.plan.reading.entities import PlaceFinder
from lantian.plan.reading.front import read_front, year_context
from lantian.plan.reading.measures import MeasureReader, Tools
from lantian.plan.reading.model import Measure
from lantian.plan.reading.outline import read_outline
from lantian.plan.reading.sources.base import SourceText
from lantian.plan.reading.subjects import SubjectFinder, settle

_LONE_NUMBER = re.compile(r"(\d{1,3})[.、](?!\d)")


def read_stretch(
    text: str,
    start: int,
    end: int,
    gazetteer: Gazetteer | None = None,
    *,
    since: int | None = None,
    without: Iterable[tuple[int, int]] = (),
    areas: Iterable[str] = (),
    today: date | None = None,
) -> tuple[Measure, ...]:
    """The measures between two offsets of a plan's whole text, with deadlines, numbers and names, in order.

    `since`: where the task begins, so that 6月底前 takes its year from the dates before it; `without`: spans inside
    the stretch that are no duty (the words that say who answers); `areas`: the names of those who carry it out.
    The whole text is needed because the plan's head gives the years. Offsets count code points of `text`.
    """
    names = gazetteer or Gazetteer.national()
    document = clean_document(SourceText(text))
    root = read_outline(document, ())
    front = read_front(document, root.own_end, "")
    context = year_context(front, document.view, today or datetime.now(UTC).date()).fresh()
    places = frozenset(areas)
    tools = Tools(
        names,
        DateReader(Calendar.for_document(names, document.view)),
        PlaceFinder(names, places),
        SubjectFinder(names, places, f"{names.city_name or ''} {front.title} {front.notice or ''}"),
    )
    reader = MeasureReader(document, tools, [])
    _learn_years(tools.dates, document, start if since is None else since, start, context)
    found: list[Measure] = []
    for low, high in _around(start, end, sorted(without)):
        found += reader.read(_clean_offset(document, low), _clean_offset(document, high), context)
    return tuple(settle(found, tuple(places)))


def _learn_years(dates: DateReader, document: Document, since: int, until: int, context: YearContext) -> None:
    """Read the dates before the stretch: they say which year a bare month means."""
    begin, end = _clean_offset(document, since), _clean_offset(document, until)
    if begin < end:
        dates.read(document.view, begin, end, context)


def _clean_offset(document: Document, offset: int) -> int:
    """The first clean character that stands at or behind an offset of the source."""
    return bisect_left(document.starts, offset)


def _around(start: int, end: int, without: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    for low, high in without:
        if low > start:
            yield start, min(low, end)
        start = max(start, high)
    if start < end:
        yield start, end


def read_heading(words: str) -> tuple[str, str]:
    """Number and title of a heading as printed: "（三）整治散煤。" gives ("三", "整治散煤"); ("", words) without a number."""
    document = clean_document(SourceText(words))
    heads = read_outline(document, ()).children
    # A lone 22. opens no count that the outline would believe; whoever marks it as a heading knows that it does.
    lone = _LONE_NUMBER.match(document.view)
    number, begin = (heads[0].label, heads[0].number_end) if heads else ("", 0)
    if not heads and lone:
        number, begin = lone.group(1), lone.end()
    return number, document.text[begin:].replace("\n", "").strip(" 。：；")
