"""The six figures of the composite index for many places, and rankings by it. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from lantian.air.assessing.days import Days, PeriodItem, has_rule_of_days, period_item
from lantian.standards.attainment import assessed
from lantian.standards.composite import CompositeIndex, IncompleteError, composite_index
from lantian.standards.means import month_valid
from lantian.standards.ranking import rank_by_index
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a ranking: figures by pollutant as the index wants them, exact; `index` None where one is missing.

    `days`, `hours`: how many are valid, by pollutant. `short`: pollutants with a month that has too few valid days.
    """

    name: str
    rank: int | None
    index: CompositeIndex | None
    figures: Mapping[str, Fraction | None]
    days: Mapping[str, int]
    hours: Mapping[str, int] = field(default_factory=dict)
    short: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The pollutants without a figure."""
        return tuple(code for code, value in self.figures.items() if value is None)


def period_items(days: Days) -> dict[str, PeriodItem]:
    """Return the figures of the period by pollutant."""
    return {code: period_item(days.law, code, one) for code, one in days.daily.items()}


def index_figures(law: Regime, items: Mapping[str, PeriodItem], place: int) -> dict[str, Fraction | None]:
    """Return a place's six figures of the composite index: mean or percentile, as the law says."""
    rules = law.ranking_rules
    return {
        code: figure_not_below_zero(
            (one.mean if rules.text(f"statistic.{code}") == "mean" else one.percentile).fraction(place)
        )
        for code, one in items.items()
    }


def figure_not_below_zero(value: Fraction | None) -> Fraction | None:
    """Return a figure as it is judged: hours may lie below zero (drift of the zero is valid), an index or a
    comparison with a limit may not."""
    return None if value is None else max(value, Fraction(0))


def index_of(law: Regime, figures: Mapping[str, Fraction | None]) -> CompositeIndex | None:
    """Return the composite index, None when a figure is missing."""
    try:
        return composite_index(law, figures)
    except IncompleteError:
        return None


def ranking(days: Days) -> list[Place]:
    """Return all places, best first, those without an index last with rank None. Equal indices share a rank."""
    items = period_items(days)
    figures = {name: index_figures(days.law, items, at) for at, name in enumerate(days.places)}
    indices = {name: index_of(days.law, one) for name, one in figures.items()}
    ranks = {
        one.place: one.rank
        for one in rank_by_index(
            days.law, {name: None if index is None else index.value for name, index in indices.items()}
        )
    }
    counts = {name: {code: int(one.n[at]) for code, one in items.items()} for at, name in enumerate(days.places)}
    hours = {name: {code: int(one.hours[at]) for code, one in items.items()} for at, name in enumerate(days.places)}
    short = short_pollutants(days)
    order = [*ranks, *(name for name in days.places if name not in ranks)]
    return [
        Place(name, ranks.get(name), indices[name], figures[name], counts[name], hours[name], short[name])
        for name in order
    ]


def short_pollutants(days: Days) -> dict[str, tuple[str, ...]]:
    """Return, by place, the pollutants with a whole month in the period that has fewer valid days than the law wants."""
    months = np.array([day.year * 12 + day.month - 1 for day in days.days])
    found: dict[str, list[str]] = {name: [] for name in days.places}
    for code, one in days.daily.items():
        if not has_rule_of_days(days.law, code):
            continue
        short = np.zeros(len(days.places), dtype=np.bool_)
        for month in np.unique(months):
            year, number = divmod(int(month), 12)
            inside = months == month
            if int(inside.sum()) == calendar.monthrange(year, number + 1)[1]:
                n = one.valid[:, inside].sum(axis=-1)
                enough = {int(k): month_valid(days.law, code, year, number + 1, int(k)) for k in np.unique(n)}
                short |= np.array([not enough[int(k)] for k in n])
        for name, is_short in zip(days.places, short, strict=True):
            if is_short:
                found[name].append(code)
    return {name: tuple(codes) for name, codes in found.items()}


def number(law: Regime, code: str, value: Fraction | None) -> int | float | None:
    """Return a figure rounded as it is assessed, as a number for JSON."""
    if value is None:
        return None
    rounded = assessed(law, code, value)
    return (
        int(rounded) if rounded == rounded.to_integral_value() and rounded.as_tuple().exponent == 0 else float(rounded)
    )
