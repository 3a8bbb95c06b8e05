"""What other rooms and the commands ask of this room: assess a place, rank a scope, out of the store of a data folder."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from lantian.air.assessing.assess import Assessment, assess
from lantian.air.assessing.days import daily_values
from lantian.air.assessing.figures import Place, ranking
from lantian.air.assessing.hours import known_places, read_hours
from lantian.air.assessing.places import UnknownPlaceError, resolve
from lantian.air.assessing.scopes import Scope, scope_named
from lantian.air.reading.formats import format_named
from lantian.air.reading.importing import store_in
from lantian.observations.errors import StoreError
from lantian.observations.model import InputVersion
from lantian.observations.reading import Reader
from lantian.standards.regimes import Regime, regime_for, regime_named


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


def assess_place(
    data: Path | None,
    place: str,
    first: dt.date,
    last: dt.date,
    *,
    regime: str | None = None,
    grade: str = "II",
    form: str = "cnemc-city-hourly",
    as_known_on: dt.datetime | None = None,
) -> tuple[Assessment, InputVersion]:
    """Assess a place from the first to the last day, both included.

    Raises UnknownPlaceError, SpansChangeError (say a regime, or cut the period), NoSuchRegimeError, StoreError without a
    store, ValueError for a period that ends before it begins.
    """
    law = law_of(first, last, regime)
    declared = format_named(form)
    reader = _reader(data)
    known = known_places(reader, declared.series)
    name = resolve(place, known)
    hours = read_hours(reader, {name: known[name]}, first, last, declared.offset, as_known_on)
    return assess(daily_values(law, hours), name, grade=grade), hours.version


def rank_scope(
    data: Path | None,
    scope: str,
    month: dt.date,
    *,
    pack: str | None = None,
    regime: str | None = None,
    form: str = "cnemc-city-hourly",
    as_known_on: dt.datetime | None = None,
) -> Ranking:
    """Rank the places of a scope by the composite index of the month that begins on `month`.

    Raises UnknownScopeError, and as `assess_place` does; places without data are named in `lacking`.
    """
    chosen = scope_named(scope, pack)
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    law = law_of(month, last, regime)
    declared = format_named(form)
    reader = _reader(data)
    sources, lacking = _sources(chosen, known_places(reader, declared.series))
    hours = read_hours(reader, sources, month, last, declared.offset, as_known_on)
    found = tuple(ranking(daily_values(law, hours)))
    ranked = tuple(one for one in found if one.index is not None)
    lacking = (*lacking, *(one.name for one in found if one.index is None))
    return Ranking(law, chosen, month, ranked, lacking, len(hours.days), hours.version)


def law_of(first: dt.date, last: dt.date, regime: str | None) -> Regime:
    """The law of a period, or the one that is asked for by name."""
    if last < first:
        raise ValueError(f"the period ends ({last}) before it begins ({first})")
    return regime_named(regime) if regime else regime_for(first, last)


def _sources(scope: Scope, known: dict[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return {place: source} of the scope's places that have data, and the others."""
    found: dict[str, str] = {}
    lacking = []
    for place in scope.places:
        try:
            name = resolve(place, known)
            found[name] = known[name]
        except UnknownPlaceError:
            lacking.append(place)
    if not found:
        raise LookupError(f"there are no data of any place of {scope.id}: import some first")
    return found, tuple(lacking)


def _reader(data: Path | None) -> Reader:
    store = store_in(data)
    if not store.exists:
        raise StoreError(f"there is no observation store in {store.root}: the first import makes it")
    return store.reader()
