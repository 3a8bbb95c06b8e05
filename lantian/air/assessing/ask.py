"""The door of figures: what other rooms and the commands ask of this one, out of the store of a data folder.

All take `data` (the folder; None: LANTIAN_DATA, else ./data) and, as keywords, `pack` (name or folder of a city pack),
`regime` (assess under this law instead of the days' own), `basis` ("auto", "release" or "stations"), `series` (only this
one), `dust` ("raw" or "deducted"), `as_known_on`. Every answer names the snapshot of the store that it was made of.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lantian.air.assessing.assess import Assessment, assess
from lantian.air.assessing.days import Days
from lantian.air.assessing.figures import Place, ranking
from lantian.air.assessing.hours import Hours
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.scopes import Scope, scope_named
from lantian.air.assessing.shelf import Shelf, open_shelf, store_of
from lantian.air.assessing.subjects import AUTO, Subject
from lantian.observations.model import InputVersion
from lantian.observations.reading import Reader
from lantian.standards.regimes import Regime, regime_at, regime_for, regime_named

RAW, DEDUCTED = "raw", "deducted"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The places of a scope, best first; `lacking` are those without a composite index; `expected` days."""

    law: Regime
    scope: Scope
    first: dt.date
    places: tuple[Place, ...]
    lacking: tuple[str, ...]
    expected: int
    version: InputVersion


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
    law = law_of(first, last, regime)
    shelf = open_shelf(data, pack)
    subject = shelf.find(place)
    measured = shelf.measure([subject], first, last, basis=basis, series=series, as_known_on=as_known_on)
    days = measured.days(law, deducted=deducts(dust))
    return assess(days, subject.name, grade=grade), measured.version


def rank_scope(
    data: Path | None,
    scope: str,
    month: dt.date,
    *,
    pack: str | None = None,
    regime: str | None = None,
    basis: str = AUTO,
    series: str | None = None,
    dust: str = RAW,
    as_known_on: dt.datetime | None = None,
) -> Ranking:
    """Rank the places of a scope by the composite index of the month that begins on `month`.

    Raises UnknownScopeError, and as `assess_place` does; places without data are named in `lacking`.
    """
    chosen = scope_named(scope, pack)
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    law = law_of(month, last, regime)
    shelf = open_shelf(data, pack)
    found, lacking = in_scope(shelf, chosen)
    measured = shelf.measure(found, month, last, basis=basis, series=series, as_known_on=as_known_on)
    places = tuple(ranking(measured.days(law, deducted=deducts(dust))))
    ranked = tuple(one for one in places if one.index is not None)
    lacking = (*lacking, *(one.name for one in places if one.index is None))
    return Ranking(law, chosen, month, ranked, lacking, len(measured.day_list), measured.version)


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


def in_scope(shelf: Shelf, scope: Scope) -> tuple[tuple[Subject, ...], tuple[str, ...]]:
    """Return the scope's places that have data, and the names of the others; raises LookupError when none has."""
    found: dict[str, Subject] = {}
    lacking = []
    for place in scope.places:
        try:
            one = shelf.find(place)
            found[one.name] = one
        except UnknownPlaceError:
            lacking.append(place)
    if not found:
        raise LookupError(f"there are no data of any place of {scope.id}: import some first")
    return tuple(found.values()), tuple(lacking)


def _reader(data: Path | None) -> Reader:
    return store_of(data).reader()
