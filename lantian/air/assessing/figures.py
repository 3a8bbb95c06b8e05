"""The six figures of the composite index for many places, and rankings by it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from lantian.air.assessing.days import Days, PeriodItem, period_item
from lantian.standards.attainment import assessed
from lantian.standards.composite import CompositeIndex, IncompleteError, composite_index
from lantian.standards.ranking import rank_by_index
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a ranking: figures by pollutant as the index wants them, exact; `index` None where one is missing."""

    name: str
    rank: int | None
    index: CompositeIndex | None
    figures: Mapping[str, Fraction | None]
    days: Mapping[str, int]


def period_items(days: Days) -> dict[str, PeriodItem]:
    """Return the figures of the period by pollutant."""
    return {code: period_item(days.law, code, one) for code, one in days.daily.items()}


def index_figures(law: Regime, items: Mapping[str, PeriodItem], place: int) -> dict[str, Fraction | None]:
    """Return a place's six figures of the composite index: mean or percentile, as the law says."""
    rules = law.ranking_rules
    return {
        code: (one.mean if rules.text(f"statistic.{code}") == "mean" else one.percentile).fraction(place)
        for code, one in items.items()
    }


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
    order = [*ranks, *(name for name in days.places if name not in ranks)]
    return [Place(name, ranks.get(name), indices[name], figures[name], counts[name]) for name in order]


def number(law: Regime, code: str, value: Fraction | None) -> int | float | None:
    """Return a figure rounded as it is assessed, as a number for JSON."""
    if value is None:
        return None
    rounded = assessed(law, code, value)
    return (
        int(rounded) if rounded == rounded.to_integral_value() and rounded.as_tuple().exponent == 0 else float(rounded)
    )
