"""The city's month and year so far: figures beside the limits of a year, and how its targets stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lantian.air import known
from lantian.air.assessing.assess import Assessment, assess
from lantian.air.assessing.subjects import NoOriginError, Subject
from lantian.air.goals import board
from lantian.air.queries import remembered, shelf
from lantian.air.targets.standing import Standing
from lantian.indicators.context import Context
from lantian.indicators.memory import remember
from lantian.observations.model import InputVersion
from lantian.standards.attainment import assessed, rate
from lantian.standards.composite import composite_limits
from lantian.standards.regimes import Regime, regime_at

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days up to yesterday under one law, assessed. `synthetic`: made of invented values."""

    first: dt.date
    last: dt.date
    found: Assessment
    synthetic: bool
    version: InputVersion

    @property
    def law(self) -> Regime:
        return self.found.law

    @property
    def composite(self) -> Decimal | None:
        return self.found.composite.published if self.found.composite else None

    @property
    def good_share(self) -> Decimal | None:
        return rate(self.law, self.found.good, self.found.with_index) if self.found.with_index else None

    def figures(self) -> Mapping[str, Decimal | None]:
        """The six figures of the composite index, rounded as they are assessed."""
        rules = self.law.ranking_rules
        chosen: dict[str, Fraction | None] = {
            code: one.mean if rules.text(f"statistic.{code}") == "mean" else one.percentile
            for code, one in self.found.items.items()
        }
        return {code: None if value is None else assessed(self.law, code, value) for code, value in chosen.items()}

    def limits(self) -> Mapping[str, Decimal]:
        """What the index measures each figure by: grade II of the year, or of the percentile."""
        return {code: entry.value for code, entry in composite_limits(self.law).items()}


def spans(city: Subject, today: dt.date) -> tuple[Span, ...]:
    """Return the month and the year up to yesterday (each from the last change of the law on); nothing without a day."""
    return remembered("spans", (city.code, today), lambda: tuple(_spans(city, today)))


def _spans(city: Subject, today: dt.date) -> list[Span]:
    last = today - _DAY
    law = regime_at(last)
    begins = [max(day, law.start) for day in (last.replace(day=1), last.replace(month=1, day=1))]
    found = []
    for first in dict.fromkeys(begins):
        try:
            measured = shelf().measure([city], first, last)
        except NoOriginError:
            continue
        days = measured.days(law)
        one = Span(first, last, assess(days, city.name), measured.origins[0].synthetic, measured.version)
        if one.found.with_index:
            found.append(one)
    return found


def standings(place: str, today: dt.date) -> tuple[Standing, ...]:
    """Return how the year's targets of a place (its code) stand, the most endangered first."""
    context = Context(today=today)
    key = ("air standings", place, today, known.version_of(context))
    return remember(context.version, key, lambda: _standings(place, context))


def _standings(place: str, context: Context) -> tuple[Standing, ...]:
    found = board(context, context.today.year)
    return tuple(one.standing for one in found.goals if one.place.code == place)
