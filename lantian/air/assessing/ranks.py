"""Rankings of the places of a scope: by the composite index and by its change against the same period a year before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from lantian.air.assessing.assess import DEDUCTED
from lantian.air.assessing.both import dust_of, rules_on_dust
from lantian.air.assessing.figures import Place, ranking
from lantian.air.assessing.measured import Measured
from lantian.air.assessing.periods import Period
from lantian.air.assessing.places import UnknownPlaceError
from lantian.air.assessing.scopes import Scope
from lantian.air.assessing.shelf import Shelf
from lantian.air.assessing.states import restated
from lantian.air.assessing.subjects import NoOriginError, Origin, Subject
from lantian.observations.model import InputVersion
from lantian.standards.composite import CompositeIndex
from lantian.standards.dust import deducts_for
from lantian.standards.ranking import change, rank_by_change
from lantian.standards.regimes import Regime

INDEX, CHANGE = "index", "change"
# Why a place is not ranked.
NO_DATA, NO_ORIGIN, NO_DAYS, MISSING_ITEMS, NO_BEFORE = "no-data", "no-origin", "no-days", "missing", "no-before"


@dataclass(frozen=True, slots=True)
class Lacking:
    """A place of the scope that is not ranked. `reason`: no-data (the store has nothing of it), no-origin (nothing of the
    basis that was asked for), no-days (no valid day in the period), missing (`items` have no figure), no-before (no index
    a year before, in a ranking by change)."""

    name: str
    reason: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A place in the ranking. `now`: as asked for (dust raw or deducted); `other`: its index the other way.

    `before`: a year before, under the same law and in the same reference state; `change`: of the index, in per cent (above
    0 is worse), exact; `change_rank`: best improvement first. `same_origin`: both sides come from the same series.
    """

    subject: Subject
    origin: Origin
    now: Place
    other: CompositeIndex | None
    other_rank: int | None
    dust_hours: int
    before: Place | None = None
    change: Fraction | None = None
    change_rank: int | None = None
    same_origin: bool = True


@dataclass(frozen=True, slots=True)
class Ranking:
    """The places of a scope in their order; `reasons` names those that are not in it and why; `expected` days.

    `converted` and `unconverted`: pollutants of the year before that were, and could not be, brought to the reference state
    of now.
    """

    law: Regime
    scope: Scope
    period: Period
    before: Period | None
    by: str
    dust: str
    rows: tuple[Row, ...]
    reasons: tuple[Lacking, ...]
    converted: tuple[str, ...]
    unconverted: tuple[str, ...]
    version: InputVersion

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(row.now for row in self.rows)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Names of the places that are not ranked."""
        return tuple(one.name for one in self.reasons)

    @property
    def expected(self) -> int:
        return self.period.days

    @property
    def synthetic(self) -> bool:
        """Whether anything in it was invented."""
        return any(row.origin.synthetic for row in self.rows)


def rank_places(
    shelf: Shelf, scope: Scope, law: Regime, period: Period, *, dust: str, with_change: bool, by: str, options: Options
) -> Ranking:
    """Rank the places of a scope; a scope without any data gives a ranking of nobody, with the reasons."""
    subjects, reasons = scoped(shelf, scope, options)
    before = period.years_before() if with_change or by == CHANGE else None
    if not subjects:
        return Ranking(law, scope, period, before, by, dust, (), reasons, (), (), shelf.version)
    origins = [one.origins_for(period, before or period, options.basis, options.series) for one in subjects]
    measured = shelf.measure_from(subjects, [now for now, _ in origins], period, options.as_known_on)
    rows, empty = _now(measured, law, dust)
    converted: tuple[str, ...] = ()
    unconverted: tuple[str, ...] = ()
    if before is not None:
        earlier = shelf.measure_from(subjects, [then for _, then in origins], before, options.as_known_on)
        places, converted, unconverted = _before(earlier, law, period, dust)
        same = {one.name: now is then for one, (now, then) in zip(subjects, origins, strict=True)}
        rows = _with_change(rows, places, same, law)
    reasons = (*reasons, *empty)
    if by == CHANGE:
        reasons = (*reasons, *(Lacking(row.now.name, NO_BEFORE) for row in rows if row.change_rank is None))
        ranked = [row for row in rows if row.change_rank is not None]
        rows = sorted(ranked, key=lambda row: (row.change_rank or 0, row.now.rank or 0))
    return Ranking(law, scope, period, before, by, dust, tuple(rows), reasons, converted, unconverted, measured.version)


@dataclass(frozen=True, slots=True)
class Options:
    """What values are taken: see `ask`."""

    basis: str = "auto"
    series: str | None = None
    as_known_on: dt.datetime | None = None


ANY = Options()


def scoped(shelf: Shelf, scope: Scope, options: Options) -> tuple[tuple[Subject, ...], tuple[Lacking, ...]]:
    """Return the places of a scope that have data of the kind asked for, and why the others are left out."""
    found: dict[str, Subject] = {}
    reasons = []
    for place in scope.places:
        try:
            one = shelf.find(place)
            one.fitting(options.basis, options.series)
            found[one.name] = one
        except UnknownPlaceError:
            reasons.append(Lacking(place, NO_DATA))
        except NoOriginError:
            reasons.append(Lacking(place, NO_ORIGIN))
    return tuple(found.values()), tuple(reasons)


def _treated(measured: Measured, law: Regime, dust: str) -> list[Place]:
    """The places, with the dust hours left out of the index where that is asked for and the rule says so."""
    rules = rules_on_dust(measured.last, needed=dust == DEDUCTED)
    leave = dust == DEDUCTED and measured.has_dust and rules is not None and deducts_for(rules, "composite")
    return ranking(measured.days(law, deducted=leave))


def _now(measured: Measured, law: Regime, dust: str) -> tuple[list[Row], tuple[Lacking, ...]]:
    shown = _treated(measured, law, dust)
    other = shown
    if measured.has_dust:
        other = _treated(measured, law, "raw" if dust == DEDUCTED else _deducted_if_ruled(measured))
    others = {one.name: one for one in other}
    at = {name: n for n, name in enumerate(measured.names)}
    rows, empty = [], []
    for place in shown:
        n = at[place.name]
        if place.index is None:
            reason = MISSING_ITEMS if any(place.days.values()) else NO_DAYS
            empty.append(Lacking(place.name, reason, place.missing if reason == MISSING_ITEMS else ()))
            continue
        also = others[place.name]
        hours, _ = dust_of(measured, n)
        rows.append(Row(measured.subjects[n], measured.origins[n], place, also.index, also.rank, hours))
    return rows, tuple(empty)


def _deducted_if_ruled(measured: Measured) -> str:
    return DEDUCTED if rules_on_dust(measured.last, needed=False) is not None else "raw"


def _before(
    earlier: Measured, law: Regime, period: Period, dust: str
) -> tuple[dict[str, Place], tuple[str, ...], tuple[str, ...]]:
    rules = rules_on_dust(earlier.last, needed=False)
    leave = dust == DEDUCTED and earlier.has_dust and rules is not None and deducts_for(rules, "composite")
    one = restated(earlier.days(law, deducted=leave), period.last)
    return {place.name: place for place in ranking(one.days)}, one.converted, one.unconverted


def _with_change(rows: Sequence[Row], before: Mapping[str, Place], same: Mapping[str, bool], law: Regime) -> list[Row]:
    now = {row.now.name: row.now.index.value if row.now.index else None for row in rows}
    then = {name: place.index.value if place.index else None for name, place in before.items()}
    ranks = {one.place: one.rank for one in rank_by_change(law, now, then)}
    found = []
    for row in rows:
        name = row.now.name
        a, b = now[name], then.get(name)
        changed = None if a is None or not b else change(a, b)
        found.append(
            replace(row, before=before.get(name), change=changed, change_rank=ranks.get(name), same_origin=same[name])
        )
    return found
