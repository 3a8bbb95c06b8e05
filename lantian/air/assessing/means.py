"""Means over many places, as national and provincial bulletins print them: the mean of the places' own figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lantian.air.assessing.assess import DEDUCTED, day_indices
from lantian.air.assessing.both import rules_on_dust
from lantian.air.assessing.figures import index_figures, period_items
from lantian.air.assessing.periods import Period
from lantian.air.assessing.ranks import ANY, Options
from lantian.air.assessing.shelf import Shelf
from lantian.air.assessing.subjects import Subject
from lantian.observations.model import InputVersion
from lantian.standards.attainment import good_day, heavy_day
from lantian.standards.dust import deducts_for
from lantian.standards.regimes import Regime


@dataclass(frozen=True, slots=True)
class PlaceMeans:
    """The mean over places of each item's figure (mean, or percentile for CO and ozone), exact; of `places[code]` places.

    `good`, `heavy` of `days` place-days with an index. `asked`: how many places were asked for.
    """

    law: Regime
    period: Period
    dust: str
    figures: Mapping[str, Fraction | None]
    places: Mapping[str, int]
    good: int
    heavy: int
    days: int
    asked: int
    synthetic: bool
    version: InputVersion


def means_of_places(
    shelf: Shelf, subjects: Sequence[Subject], law: Regime, period: Period, *, dust: str, options: Options = ANY
) -> PlaceMeans:
    """Return the means over some places; dust is left out of concentrations where asked for, never of days (the rule)."""
    measured = shelf.measure(
        subjects, period.first, period.last,
        basis=options.basis, series=options.series, as_known_on=options.as_known_on,
    )  # fmt: skip
    raw = measured.days(law)
    rules = rules_on_dust(period.last, needed=dust == DEDUCTED)
    leave = dust == DEDUCTED and measured.has_dust and rules is not None and deducts_for(rules, "means")
    items = period_items(measured.days(law, deducted=True) if leave else raw)
    each = [index_figures(law, items, at) for at in range(len(measured.names))]
    there = {code: [one[code] for one in each if one[code] is not None] for code in items}
    numbers = [
        one.index.aqi
        for at in range(len(measured.names))
        for one in day_indices(raw, at)
        if one.index is not None and one.index.aqi is not None
    ]
    return PlaceMeans(
        law=law,
        period=period,
        dust=dust,
        figures={code: _mean(values) for code, values in there.items()},
        places={code: len(values) for code, values in there.items()},
        good=sum(good_day(law, one) for one in numbers),
        heavy=sum(heavy_day(law, one) for one in numbers),
        days=len(numbers),
        asked=len(subjects),
        synthetic=any(one.synthetic for one in measured.origins),
        version=measured.version,
    )


def _mean(values: Sequence[Fraction | None]) -> Fraction | None:
    present = [one for one in values if one is not None]
    return sum(present, Fraction(0)) / len(present) if present else None
