"""Figures of one place out of the store, kept while the store stays as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lantian.air.assessing.measured import Measured
from lantian.air.assessing.subjects import STATIONS, Origin, Subject
from lantian.air.profiles.look import Look, look_of
from lantian.air.profiles.period import Period
from lantian.air.profiles.rules import per_cent
from lantian.air.profiles.years import TwoYears, basis_of, days_on
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


def look(subject: Subject, first: dt.date, last: dt.date, law: Regime, *, deducted: bool = False) -> Look:
    """Return the look of a place over a period under one law, raw or with the dust hours left out."""

    def make() -> Look:
        found = measured(subject, first, last)
        return look_of(found.days(law, deducted=deducted), found.hours(law, deducted=deducted), subject.name)

    return remembered("place.look", (subject.kind, subject.name, first, last, law.name, deducted), make)


def has_dust(subject: Subject, first: dt.date, last: dt.date) -> bool:
    """Whether the list of dust leaves out anything of a period."""
    return measured(subject, first, last).has_dust


def looks_by_law(subject: Subject, first: dt.date, last: dt.date, regime: str) -> list[Look]:
    """Return the looks of a period, cut where the law changes; under one law where that is named."""
    if regime:
        return [look(subject, first, last, regime_named(regime))]
    return [look(subject, begin, end, law) for law, begin, end in split_by_regime(first, last)]


def two_years(subject: Subject, period: Period, law: Regime) -> TwoYears:
    """Return a period and the same days a year before, under one law, in the reference state of the later side."""

    def make() -> TwoYears:
        now = look(subject, period.first, period.last, law)
        earlier = period.year_before()
        found = measured(subject, earlier.first, earlier.last)
        hours = found.hours(law)
        basis = basis_of(hours.pollutants, hours.days, period.last)
        return TwoYears(now, look_of(days_on(basis, found.days(law)), hours, subject.name), basis)

    return remembered("place.years", (subject.kind, subject.name, period.first, period.last, law.name), make)


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


def recent_capture(subjects: Sequence[Subject], last: dt.date) -> dict[tuple[str, str], Fraction | None]:
    """Return {(kind, name): hours measured in per cent} of the last days up to a day, all six pollutants together."""
    first = last - (RECENT_DAYS - 1) * _DAY

    def make() -> dict[tuple[str, str], Fraction | None]:
        hourly = [one for one in subjects if not one.origin_for(first, last).daily]
        law = split_by_regime(first, last)[-1][0]
        values = shelf().measure(hourly, first, last).hours(law).values
        shares = [per_cent(int((block != MISSING).sum()), block.size) for block in values]
        return {(one.kind, one.name): share for one, share in zip(hourly, shares, strict=True)}

    return remembered("place.capture", (first, last), make) if subjects else {}


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
