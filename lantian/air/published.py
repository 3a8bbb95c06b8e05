"""The air as a published document prints it: a month of the city and its areas, the year to date against the targets.

Every figure comes with n, capture, rule version, the snapshot of the store and the sources that it rests on, so that the
document can keep them and be compared later with what the same question gives then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lantian.air import known, queries
from lantian.air.assessing.assess import DEDUCTED, RAW, Assessment, ItemFigures
from lantian.air.assessing.both import Both, both_of_days, rules_on_dust
from lantian.air.assessing.figures import figure_not_below_zero
from lantian.air.assessing.hours import HOURS, rules_text
from lantian.air.assessing.measured import Measured
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.shelf import Shelf
from lantian.air.assessing.subjects import Origin, Subject
from lantian.air.goals import targets_in_force
from lantian.air.target_texts import STATUS, aim, distance, name_of
from lantian.air.targets.model import OF_DAYS, Target, statistics_version
from lantian.air.targets.source import days_on
from lantian.air.targets.standing import Standing, stand
from lantian.city.models import Place
from lantian.indicators.context import Context
from lantian.observations.model import InputVersion, Query
from lantian.standards.attainment import assessed
from lantian.standards.pollutants import core_codes, pollutant
from lantian.standards.ranking import rank_by_index
from lantian.standards.regimes import Regime, regime_at

RANK, COMPOSITE, COMPOSITE_RAW, GOOD, HEAVY = "rank", "composite", "composite_raw", "good", "heavy"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Printed:
    """One figure, rounded as the law rounds it; `number` None: there is none. `capture` (0..1) is the share of hours (of
    days for counts of days, of places for a rank). `sources` of the store, `quantities` and days say what it rests on."""

    number: Decimal | None
    unit: str
    n: int
    expected: int
    capture: Decimal | None
    dust: str
    rule_version: str
    sources: tuple[str, ...]
    quantities: tuple[str, ...]
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class PlaceMonth:
    """A place's month: figures by "rank", "composite", "composite_raw", each pollutant, "good" and "heavy" (days).

    `short`: pollutants with fewer valid days than the law wants of a month. `origin` None: nothing is measured here.
    """

    place: Place
    figures: Mapping[str, Printed]
    n: int
    short: tuple[str, ...]
    origin: Origin | None

    @property
    def synthetic(self) -> bool:
        return self.origin is not None and self.origin.synthetic


@dataclass(frozen=True, slots=True)
class TargetToDate:
    """A target of the city with its figure to date; the texts are in the present language."""

    id: str
    name: str
    aim: str
    distance: str
    status: str
    figure: Printed
    synthetic: bool


@dataclass(frozen=True, slots=True)
class MonthlyAir:
    """What a document prints: `areas` by rank (those without one last), the city, its targets until `until` included.

    `version` is the snapshot of the store; `dust` says how means and the index are printed ("raw", "deducted"), days are
    counted as the rule of the day says. `basis`: names of the rules.
    """

    first: dt.date
    last: dt.date
    until: dt.date
    law: Regime
    dust: str
    dust_hours: int
    areas: tuple[PlaceMonth, ...]
    city: PlaceMonth | None
    targets: tuple[TargetToDate, ...]
    version: InputVersion

    @property
    def synthetic(self) -> bool:
        """Whether anything in it was invented."""
        rows = (*self.areas, *((self.city,) if self.city else ()))
        return any(one.synthetic for one in (*rows, *self.targets))

    @property
    def measured(self) -> bool:
        """Whether there is any value of the month at all."""
        rows = (*self.areas, *((self.city,) if self.city else ()))
        return any(figure.n for one in rows for name, figure in one.figures.items() if name != RANK)


def month_before(day: dt.date, newest: dt.date) -> tuple[dt.date, dt.date]:
    """Return the last whole month that was over before a day, not later than the month of `newest`.

    >>> month_before(dt.date(2020, 6, 27), dt.date(2020, 6, 1))
    (datetime.date(2020, 5, 1), datetime.date(2020, 5, 31))
    >>> month_before(dt.date(2020, 9, 2), dt.date(2020, 6, 1))
    (datetime.date(2020, 6, 1), datetime.date(2020, 6, 30))
    """
    last = day.replace(day=1) - _DAY
    after = (newest.replace(day=1) + 31 * _DAY).replace(day=1)
    last = min(last, after - _DAY)
    return last.replace(day=1), last


def monthly_air(first: dt.date, last: dt.date, until: dt.date) -> MonthlyAir | None:
    """Return what the store says now of a month (its first and last day) and of the year's targets until a day.

    None before the first import, and where neither the city nor an area has a value of the month.
    """
    if queries.store_version() is None:
        return None
    shelf, context = queries.shelf(), Context(today=until + _DAY)
    places = [place for place in (*context.areas, context.city) if place is not None]
    found = {place.code: one for place in places if (one := _subject(shelf, place)) is not None}
    if not found:
        return None
    law = regime_at(last)
    stamp = shelf.reader.stamp(Query(start=_begin(shelf, dt.date(last.year, 1, 1)), end=_begin(shelf, until + _DAY)))
    codes = tuple((place.code, place.name) for place in places)
    key = ("printed month", shelf.pack, codes, first, last, _network_of(found.values()), stamp)
    both = known.remember_small(key, lambda: _assessed(shelf, tuple(found.values()), law, first, last))
    rows = [_place_month(place, found.get(place.code), both, law, first, last) for place in places]
    city = next((one for one in rows if one.place == context.city), None)
    areas = _ranked([one for one in rows if one is not city], law)
    shown = next((one.shown for one in both.values()), RAW)
    made = MonthlyAir(
        first, last, until, law, shown, sum(one.dust_hours for one in both.values()), areas, city,
        _targets(shelf, context, law, until, found, stamp), shelf.version,
    )  # fmt: skip
    return made if made.measured else None


def _begin(shelf: Shelf, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.timezone(shelf.offset))


def _network_of(found: Iterable[Subject]) -> tuple[str, ...]:
    """What the values are made of: another list of stations makes other figures of the same hours."""
    return tuple(f"{one.name}:{origin.series.id}:{origin.stations}" for one in found for origin in one.origins)


def _subject(shelf: Shelf, place: Place) -> Subject | None:
    for name in (place.code, place.name):
        try:
            return shelf.find(name)
        except UnknownPlaceError:
            continue
    return None


def _assessed(
    shelf: Shelf, subjects: tuple[Subject, ...], law: Regime, first: dt.date, last: dt.date
) -> dict[str, Both]:
    """Assess all places, raw and without dust, by name; of one reading of the store."""
    chosen = tuple({one.name: one for one in subjects}.values())
    measured: Measured = shelf.measure(chosen, first, last)
    raw = measured.days(law)
    without = measured.days(law, deducted=True) if measured.has_dust else None
    shown = RAW if rules_on_dust(last, needed=False) is None else DEDUCTED
    return {one.name: both_of_days(measured, raw, without, at, shown) for at, one in enumerate(chosen)}


# -- one place's month ---------------------------------------------------------------------------------------------------


def _place_month(
    place: Place, subject: Subject | None, both: Mapping[str, Both], law: Regime, first: dt.date, last: dt.date
) -> PlaceMonth:
    found = both[subject.name] if subject else None
    one = found.one if found else None
    origin = one.origin if one else None
    maker = _Maker(law, first, last, one, tuple(origin.sources.values()) if origin else ())
    figures = {
        COMPOSITE: maker.composite(one, found.shown if found else RAW),
        COMPOSITE_RAW: maker.composite(found.raw if found else None, RAW),
        **{code: maker.item(code, found.shown if found else RAW) for code in core_codes()},
        GOOD: maker.days(one.good if one else None),
        HEAVY: maker.days(one.heavy if one else None),
    }
    short = tuple(code for code, item in one.items.items() if item.short) if one else ()
    return PlaceMonth(place, figures, one.with_index if one else 0, short, origin)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the figures of one place's month."""

    law: Regime
    first: dt.date
    last: dt.date
    one: Assessment | None
    sources: tuple[str, ...]

    @property
    def expected(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def version(self) -> str:
        return f"{rules_text()[0]}/{self.law.name}"

    def item(self, code: str, dust: str) -> Printed:
        """The pollutant's figure as the composite index takes it: a mean, or the percentile of CO and ozone."""
        item = self.one.items.get(code) if self.one else None
        value = None
        if item is not None:
            is_mean = self.law.ranking_rules.text(f"statistic.{code}") == "mean"
            value = figure_not_below_zero(item.mean if is_mean else item.percentile)
        number = None if value is None else assessed(self.law, code, value)
        return self._figure(
            number, pollutant(code).unit, item.days if item else 0, _share(item, self.expected), dust, (code,)
        )

    def composite(self, one: Assessment | None, dust: str) -> Printed:
        """The index rests on all pollutants: its n and capture are those of the scarcest."""
        index = one.composite if one else None
        items = list(one.items.values()) if one else []
        n = min((item.days for item in items), default=0)
        share = min((_share(item, self.expected) for item in items), default=Decimal(0))
        return self._figure(index.published if index else None, "", n, share, dust, core_codes())

    def days(self, count: int | None) -> Printed:
        n = self.one.with_index if self.one else 0
        return self._figure(
            Decimal(count) if count is not None and n else None, "d", n, Decimal(n) / self.expected, RAW, core_codes()
        )

    def _figure(
        self, number: Decimal | None, unit: str, n: int, capture: Decimal, dust: str, quantities: tuple[str, ...]
    ) -> Printed:
        return Printed(
            number, unit, n, self.expected, _rounded(capture), dust, self.version, self.sources, quantities, self.first,
            self.last,
        )  # fmt: skip


def _share(item: ItemFigures | None, days: int) -> Decimal:
    return Decimal(item.hours) / (days * HOURS) if item else Decimal(0)


def _rounded(share: Decimal | Fraction) -> Decimal:
    return round(Decimal(share.numerator) / share.denominator if isinstance(share, Fraction) else share, 4)


def _ranked(rows: list[PlaceMonth], law: Regime) -> tuple[PlaceMonth, ...]:
    """Put the areas in their order by the composite index; equal indices share a rank."""
    values = {one.place.code: one.figures[COMPOSITE].number for one in rows}
    ranks = {one.place: one.rank for one in rank_by_index(law, values)}
    sources = tuple(dict.fromkeys(source for one in rows for source in one.figures[COMPOSITE].sources))
    share = _rounded(Decimal(len(ranks)) / len(rows)) if rows else None

    def placed(one: PlaceMonth) -> PlaceMonth:
        index = one.figures[COMPOSITE]
        rank = ranks.get(one.place.code)
        figure = Printed(
            None if rank is None else Decimal(rank), "", len(ranks), len(rows), share, index.dust, index.rule_version,
            sources, index.quantities, index.first, index.last,
        )  # fmt: skip
        return PlaceMonth(one.place, {RANK: figure, **one.figures}, one.n, one.short, one.origin)

    last = len(rows) + 1
    found = [placed(one) for one in rows]
    return tuple(sorted(found, key=lambda one: ranks.get(one.place.code, last)))


# -- the city's targets --------------------------------------------------------------------------------------------------


def _targets(
    shelf: Shelf, context: Context, law: Regime, until: dt.date, found: Mapping[str, Subject], stamp: str
) -> tuple[TargetToDate, ...]:
    """The city's targets of the year that are computed from its own days (ranks compare with places elsewhere)."""
    city = context.city
    if city is None or city.code not in found:
        return ()
    subject, first = found[city.code], dt.date(until.year, 1, 1)
    targets = [
        one for one, _url in targets_in_force(context)
        if one.place == city.code and one.year == until.year and one.statistic.kind in OF_DAYS
    ]  # fmt: skip
    if not targets:
        return ()
    key = ("printed year", shelf.pack, subject.name, until, _network_of([subject]), stamp)
    days = known.remember_small(key, lambda: days_on(shelf, [subject.name], first, until))
    if subject.name not in days.raw:
        return ()
    pair = days.raw[subject.name], days.deducted[subject.name]
    sources = tuple(subject.origin_for(first, until).sources.values())
    return tuple(_target(one, stand(one, pair, until + _DAY), sources) for one in targets)


def _target(target: Target, one: Standing, sources: tuple[str, ...]) -> TargetToDate:
    now = one.state.to_date
    code = target.statistic.pollutant
    figure = Printed(
        now.shown, target.statistic.unit, now.n, now.expected, _rounded(now.capture), one.judged_by,
        f"{statistics_version()}/{one.law.name}", sources, (code,) if code else core_codes(), one.first, one.as_of,
    )  # fmt: skip
    return TargetToDate(
        target.id, name_of(one), aim(one), distance(one), str(STATUS[one.state.status].label), figure, one.synthetic
    )
