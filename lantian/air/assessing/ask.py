"""The door of figures: what other rooms and the commands ask of this one, out of the store of a data folder.

All take `data` (the folder; None: LANTIAN_DATA, else ./data) and, as keywords, `pack` (name or folder of a city pack),
`regime` (assess under this law instead of the days' own), `basis` ("auto", "release" or "stations"), `series` (only this
one), `dust` ("raw" or "deducted"), `as_known_on`. Every answer names the snapshot of the store that it was made of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from lantian.air.assessing.assess import DEDUCTED, RAW, Assessment
from lantian.air.assessing.both import Both, both_of
from lantian.air.assessing.compare import Comparison, compared
from lantian.air.assessing.days import Days
from lantian.air.assessing.hours import Hours
from lantian.air.assessing.means import PlaceMeans, means_of_places
from lantian.air.assessing.periods import Period, month_end
from lantian.air.assessing.ranks import ANY, CHANGE, INDEX, Options, Ranking, rank_places, scoped
from lantian.air.assessing.scopes import Scope, scope_named
from lantian.air.assessing.series import CITY
from lantian.air.assessing.shelf import Shelf, open_shelf, store_of
from lantian.air.assessing.subjects import AUTO, Subject
from lantian.observations.model import InputVersion
from lantian.observations.reading import Reader
from lantian.standards.regimes import Regime, regime_at, regime_for, regime_named, regimes


def subjects(data: Path | None, pack: str | Path | None = None) -> tuple[Subject, ...]:
    """Return everything that the store holds values of: cities, areas, stations; raises StoreError without a store."""
    return open_shelf(data, pack).subjects


def hours_of(
    data: Path | None,
    names: Sequence[str],
    first: dt.date,
    last: dt.date,
    *,
    pack: str | Path | None = None,
    regime: str | None = None,
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> Hours:
    """Return the hours of places or stations by name or code, in this order, first to last day included.

    Raises UnknownPlaceError, NoOriginError, StoreError, ValueError for a period that ends before it begins.
    """
    check_period(first, last)
    shelf = open_shelf(data, pack)
    law = regime_named(regime) if regime else regime_at(last)
    measured = shelf.measure(
        [shelf.find(name) for name in names], first, last, basis=basis, series=series, as_known_on=as_known_on
    )
    return measured.hours(law, deducted=deducts(dust))


def days_of(
    data: Path | None,
    names: Sequence[str],
    first: dt.date,
    last: dt.date,
    *,
    pack: str | Path | None = None,
    regime: str | None = None,
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> Days:
    """Return the days of places or stations, valid by the law of the period; raises like `hours_of`, SpansChangeError."""
    law = law_of(first, last, regime)
    shelf = open_shelf(data, pack)
    measured = shelf.measure(
        [shelf.find(name) for name in names], first, last, basis=basis, series=series, as_known_on=as_known_on
    )
    return measured.days(law, deducted=deducts(dust))


def assess_place(
    data: Path | None,
    place: str,
    first: dt.date,
    last: dt.date,
    *,
    pack: str | Path | None = None,
    regime: str | None = None,
    grade: str = "II",
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> tuple[Assessment, InputVersion]:
    """Assess a place from the first to the last day, both included.

    Raises UnknownPlaceError, SpansChangeError (say a regime, or cut the period), NoSuchRegimeError, StoreError without a
    store, ValueError for a period that ends before it begins.
    """
    found = assess_both(
        data, place, first, last, pack=pack, regime=regime, grade=grade, basis=basis, series=series, dust=dust,
        as_known_on=as_known_on,
    )  # fmt: skip
    return found.one, found.version


def assess_both(
    data: Path | None,
    place: str,
    first: dt.date,
    last: dt.date,
    *,
    pack: str | Path | None = None,
    regime: str | None = None,
    grade: str = "II",
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> Both:
    """Assess a place raw and with dust deducted; `dust` says which of them is `.one`. Raises like `assess_place`."""
    law = law_of(first, last, regime)
    shelf = open_shelf(data, pack)
    return assess_on(
        shelf,
        shelf.find(place),
        law,
        Period(first, last),
        grade=grade,
        dust=dust,
        options=Options(basis, series, as_known_on),
    )


def assess_on(
    shelf: Shelf, subject: Subject, law: Regime, period: Period, *, grade: str = "II", dust: str = RAW,
    options: Options = ANY,
) -> Both:  # fmt: skip
    """As `assess_both`, on a shelf that is open."""
    deducts(dust)
    measured = shelf.measure(
        [subject], period.first, period.last,
        basis=options.basis, series=options.series, as_known_on=options.as_known_on,
    )  # fmt: skip
    return both_of(measured, law, 0, shown=dust, grade=grade)


def compare_regimes(
    data: Path | None,
    place: str,
    first: dt.date,
    last: dt.date,
    names: Sequence[str] = (),
    *,
    pack: str | Path | None = None,
    grade: str = "II",
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> tuple[Both, ...]:
    """Assess a place under several laws side by side, by default under every one; of the same hours. Raises like
    `assess_place`, but not SpansChangeError: each law is taken for the whole period."""
    check_period(first, last)
    deducts(dust)
    shelf = open_shelf(data, pack)
    options = Options(basis, series, as_known_on)
    return regimes_on(shelf, shelf.find(place), Period(first, last), names, grade=grade, dust=dust, options=options)


def regimes_on(
    shelf: Shelf, subject: Subject, period: Period, names: Sequence[str] = (), *, grade: str = "II", dust: str = RAW,
    options: Options = ANY,
) -> tuple[Both, ...]:  # fmt: skip
    """As `compare_regimes`, on a shelf that is open."""
    deducts(dust)
    laws = [regime_named(name) for name in names] or list(regimes())
    measured = shelf.measure(
        [subject], period.first, period.last,
        basis=options.basis, series=options.series, as_known_on=options.as_known_on,
    )  # fmt: skip
    return tuple(both_of(measured, law, 0, shown=dust, grade=grade) for law in laws)


def compare_years(
    data: Path | None,
    place: str,
    first: dt.date,
    last: dt.date,
    *,
    years: int = 1,
    pack: str | Path | None = None,
    regime: str | None = None,
    grade: str = "II",
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> Comparison:
    """Compare a place with the same period `years` before: one law (that of the later side, or `regime`), one reference
    state (that of its last day), one series wherever one has both. Raises like `assess_place`."""
    law = law_of(first, last, regime)
    shelf = open_shelf(data, pack)
    return compare_on(
        shelf, shelf.find(place), law, Period(first, last), years=years, grade=grade, dust=dust,
        options=Options(basis, series, as_known_on),
    )  # fmt: skip


def compare_on(
    shelf: Shelf, subject: Subject, law: Regime, period: Period, *, years: int = 1, grade: str = "II", dust: str = RAW,
    options: Options = ANY,
) -> Comparison:  # fmt: skip
    """As `compare_years`, on a shelf that is open."""
    deducts(dust)
    if years < 1:
        raise ValueError(f"a comparison goes back by at least one year, not {years}")
    before = period.years_before(years)
    now, then = subject.origins_for(period, before, options.basis, options.series)
    return compared(
        shelf.measure_from([subject], [now], period, options.as_known_on),
        shelf.measure_from([subject], [then], before, options.as_known_on),
        law,
        shown=dust,
        grade=grade,
        origins=(now, then),
    )


def rank_scope(
    data: Path | None,
    scope: str,
    month: dt.date | None = None,
    *,
    first: dt.date | None = None,
    last: dt.date | None = None,
    year: int | None = None,
    change: bool = False,
    by: str = INDEX,
    pack: str | None = None,
    regime: str | None = None,
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> Ranking:
    """Rank the places of a scope by the composite index of a month (by its first day), a year, or any days.

    `change`: with rank and index of the same period a year before; `by` "change": in order of improvement. Places that
    cannot be ranked are in `reasons`. Raises UnknownScopeError, and as `assess_place` does.
    """
    period = period_of(month, first, last, year)
    law = law_of(period.first, period.last, regime)
    shelf = open_shelf(data, pack)
    options = Options(basis, series, as_known_on)
    return rank_on(shelf, scope_named(scope, pack), law, period, change=change, by=by, dust=dust, options=options)


def rank_on(
    shelf: Shelf, scope: Scope, law: Regime, period: Period, *, change: bool = False, by: str = INDEX, dust: str = RAW,
    options: Options = ANY,
) -> Ranking:  # fmt: skip
    """As `rank_scope`, on a shelf that is open."""
    deducts(dust)
    if by not in (INDEX, CHANGE):
        raise ValueError(f"by {by!r}: there are {INDEX} and {CHANGE}")
    return rank_places(shelf, scope, law, period, dust=dust, with_change=change, by=by, options=options)


def scope_means(
    data: Path | None,
    scope: str | None,
    first: dt.date,
    last: dt.date,
    *,
    pack: str | None = None,
    regime: str | None = None,
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> PlaceMeans:
    """Return the means over the places of a scope, or over all cities that there are values of (None).

    Raises UnknownScopeError, LookupError when none of them has data, and as `assess_place` does.
    """
    law = law_of(first, last, regime)
    deducts(dust)
    shelf = open_shelf(data, pack)
    period, options = Period(first, last), Options(basis, series, as_known_on)
    chosen = scoped(shelf, scope_named(scope, pack), options)[0] if scope else cities(shelf, period, options)
    if not chosen:
        raise LookupError("there are no data of any of these places: import some first")
    return means_of_places(shelf, chosen, law, period, dust=dust, options=options)


def cities(shelf: Shelf, period: Period, options: Options = ANY) -> tuple[Subject, ...]:
    """Return the cities that have values of a period; invented ones only where nothing real is there at all."""
    found = []
    for one in shelf.subjects:
        if one.kind == CITY and any(
            origin.days_in(period.first, period.last)
            for origin in one.origins
            if options.basis in (AUTO, origin.basis) and options.series in (None, origin.series.id)
        ):
            found.append(one)
    real = tuple(
        one for one in found if not one.origin_for(period.first, period.last, options.basis, options.series).synthetic
    )
    return real or tuple(found)


def period_of(month: dt.date | None, first: dt.date | None, last: dt.date | None, year: int | None) -> Period:
    """Return the period that is said in one of three ways; raises ValueError unless it is exactly one."""
    said = [month is not None, first is not None or last is not None, year is not None]
    if sum(said) != 1 or (first is None) != (last is None):
        raise ValueError("say a month, a year, or the first and the last day")
    if month is not None:
        return Period(month.replace(day=1), month_end(month))
    if year is not None:
        return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))
    assert first is not None
    assert last is not None
    return Period(first, last)


def law_of(first: dt.date, last: dt.date, regime: str | None) -> Regime:
    """The law of a period, or the one that is asked for by name."""
    check_period(first, last)
    return regime_named(regime) if regime else regime_for(first, last)


def check_period(first: dt.date, last: dt.date) -> None:
    """Raise ValueError for a period that ends before it begins."""
    if last < first:
        raise ValueError(f"the period ends ({last}) before it begins ({first})")


def deducts(dust: str) -> bool:
    """Tell whether dust hours are left out; raises ValueError for a word that is neither."""
    if dust not in (RAW, DEDUCTED):
        raise ValueError(f"dust {dust!r}: there are {RAW} and {DEDUCTED}")
    return dust == DEDUCTED


def _reader(data: Path | None) -> Reader:
    return store_of(data).reader()
