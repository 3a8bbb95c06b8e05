"""Figures of one place out of the store, kept while the store stays as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from lantian.air.assessing.ask import compare_on
from lantian.air.assessing.assess import RAW
from lantian.air.assessing.both import Both, both_of_days
from lantian.air.assessing.measured import Measured
from lantian.air.assessing.periods import Period
from lantian.air.assessing.states import restated
from lantian.air.assessing.subjects import STATIONS, Origin, Subject
from lantian.air.profiles.look import Look, look_of
from lantian.air.profiles.years import TwoYears
from lantian.air.queries import all_subjects, remembered, shelf
from lantian.observations.model import Query
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes
from lantian.standards.regimes import Regime, regime_named, split_by_regime

_DAY = dt.timedelta(days=1)
_HOUR = dt.timedelta(hours=1)
# The list of places shows how much of these last days was measured.
RECENT_DAYS = 30


def measured(subject: Subject, first: dt.date, last: dt.date) -> Measured:
    """Return what was measured at a place from the first to the last day, both included."""
    return remembered(
        "place.measured", (subject.kind, subject.name, first, last), lambda: shelf().measure([subject], first, last)
    )


def look(subject: Subject, first: dt.date, last: dt.date, law: Regime) -> Look:
    """Return the look of a place over a period under one law."""

    def make() -> Look:
        found = measured(subject, first, last)
        days = found.days(law)
        without = found.days(law, deducted=True) if found.has_dust else None
        return look_of(days, found.hours(law), both_of_days(found, days, without, 0, RAW))

    return remembered("place.look", (subject.kind, subject.name, first, last, law.name), make)


def looks_by_law(subject: Subject, first: dt.date, last: dt.date, regime: str) -> list[Look]:
    """Return the looks of a period, cut where the law changes; under one law where that is named."""
    if regime:
        return [look(subject, first, last, regime_named(regime))]
    return [look(subject, begin, end, law) for law, begin, end in split_by_regime(first, last)]


def two_years(subject: Subject, period: Period, law: Regime) -> TwoYears:
    """Return a period and the same days a year before, under one law, in the reference state of the later side."""

    def make() -> TwoYears:
        comparison = compare_on(shelf(), subject, law, period)
        sides = zip((period, comparison.earlier), (comparison.now, comparison.before), strict=True)
        now, before = (_side(subject, law, each, both, period.last) for each, both in sides)
        return TwoYears(comparison, now, before)

    return remembered("place.years", (subject.kind, subject.name, period.first, period.last, law.name), make)


def _side(subject: Subject, law: Regime, period: Period, both: Both, like: dt.date) -> Look:
    origin = both.raw.origin
    assert origin is not None
    found = shelf().measure_from([subject], [origin], period)
    return look_of(restated(found.days(law), like).days, found.hours(law), both)


def flags_of_day(subject: Subject, day: dt.date, origin: Origin) -> dict[tuple[str, int], str]:
    """Return {(pollutant, hour 1..24): names of the flags in force}; of several stations each names its own."""
    open_shelf = shelf()
    start = dt.datetime.combine(day, dt.time(), dt.timezone(open_shelf.offset))
    query = Query(tuple(origin.sources.values()), core_codes(), (), start, start + _DAY)
    rows = open_shelf.reader.observations(query).expression
    found = rows.filter(rows.flags != "").select("source", "quantity", "valid_from", "flags").to_polars()
    names = {source: name for name, source in origin.sources.items()}
    said: dict[tuple[str, int], list[str]] = {}
    for source, code, at, flags in found.sort("source").iter_rows():
        text = f"{names[source]} {flags}" if origin.basis == STATIONS else flags
        said.setdefault((code, (at - start) // _HOUR + 1), []).append(text)
    return {key: ", ".join(texts) for key, texts in said.items()}


def recent_capture(subjects: Sequence[Subject]) -> dict[tuple[str, str], Fraction]:
    """Return {(kind, name): hours measured in per cent} of the last days of each place, six pollutants together.

    Places whose data ended long before those of the others are left out: one question answers for all.
    """

    def make() -> dict[tuple[str, str], Fraction]:
        newest = max(one.last.date() for one in subjects)
        first = newest - (2 * RECENT_DAYS - 1) * _DAY
        lately = [one for one in subjects if one.last.date() >= first + (RECENT_DAYS - 1) * _DAY]
        hourly = [one for one in lately if not one.origin_for(first, newest).daily]
        law = split_by_regime(first, newest)[-1][0]
        blocks = shelf().measure(hourly, first, newest).hours(law).values
        return {(one.kind, one.name): _recent(one, block, first) for one, block in zip(hourly, blocks, strict=True)}

    return remembered("place.capture", (), make) if subjects else {}


def _recent(subject: Subject, block: NDArray[np.int64], first: dt.date) -> Fraction:
    end = (subject.last.date() - first).days + 1
    days = block[:, end - RECENT_DAYS : end]
    return Fraction(100 * int((days != MISSING).sum()), days.size)


def language() -> str:
    """The present language as names of places and series want it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def origin_label(origin: Origin) -> str:
    """Where values come from, in words: the series, and that they are means of stations."""
    name = origin.series.name(language())
    return _("%s (mean of stations)") % name if origin.basis == STATIONS and len(origin.stations) > 1 else name


def subjects() -> tuple[Subject, ...]:
    """Everything that there are values of; none before the first import."""
    return all_subjects()
