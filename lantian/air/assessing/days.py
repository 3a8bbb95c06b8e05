"""Hours -> days -> figures of a period, for many places at once, exact, with the law's own rules of validity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from lantian.air.assessing.hours import DECIMALS, Hours
from lantian.air.assessing.subjects import Origin
from lantian.observations.model import InputVersion
from lantian.standards import arrays
from lantian.standards.arrays import MISSING, RatioArray
from lantian.standards.means import percent_of
from lantian.standards.regimes import Regime
from lantian.standards.tables import NoSuchEntryError, table

EIGHT_HOURS = "O3"


@dataclass(frozen=True, slots=True)
class Daily:
    """A pollutant's daily values [place, day] (ozone: highest mean of 8 hours), the hours that each has, its validity."""

    value: RatioArray
    hours: NDArray[np.int64]
    valid: NDArray[np.bool_]

    def fraction(self, place: int, day: int) -> Fraction | None:
        """A valid daily value, exact; else None."""
        return self.value.fraction(place, day) if self.valid[place, day] else None


@dataclass(frozen=True, slots=True)
class Days:
    """Daily values of places by pollutant, under one law; `highest_hour` is ozone's, MISSING for none.

    `origins`: what each place's values were taken from; `stations[pollutant][place, day]`: how many stations a value is
    the mean of, 0 for a series of its own; `version`: the snapshot of the store (all only where `ask` made them)."""

    law: Regime
    places: tuple[str, ...]
    days: tuple[dt.date, ...]
    daily: dict[str, Daily]
    highest_hour: NDArray[np.int64]
    origins: tuple[Origin, ...] = ()
    stations: Mapping[str, NDArray[np.int16]] = field(default_factory=dict)
    version: InputVersion | None = None


@dataclass(frozen=True, slots=True)
class PeriodItem:
    """A pollutant's figures of a period [place]: mean and assessed percentile of the valid days, their number."""

    mean: RatioArray
    percentile: RatioArray
    percent: int
    n: NDArray[np.int64]
    hours: NDArray[np.int64]


def daily_values(law: Regime, hours: Hours) -> Days:
    """Return the days of some hours; a day is the natural day, hours 1 to 24."""
    daily = {code: _daily(law, code, hours.values[:, at]) for at, code in enumerate(hours.pollutants)}
    ozone = hours.values[:, hours.pollutants.index(EIGHT_HOURS)]
    return Days(law, hours.places, hours.days, daily, ozone.max(axis=-1))


def _daily(law: Regime, code: str, values: NDArray[np.int64]) -> Daily:
    if code == EIGHT_HOURS:
        found = arrays.mda8(law, values, DECIMALS)
        return Daily(found.value, arrays.count(values), found.valid & found.value.there)
    found = arrays.day_mean(law, code, values, DECIMALS)
    return Daily(found.value, found.n, found.valid & found.value.there)


def period_item(law: Regime, code: str, one: Daily) -> PeriodItem:
    """Return a pollutant's mean and percentile over all days of the arrays."""
    values, common = _common(one)
    percent = percent_of(law, code)
    average = arrays.mean(values, DECIMALS)
    share = arrays.percentile(values, percent, DECIMALS)
    return PeriodItem(
        mean=RatioArray(average.value.numerator, average.value.denominator * common, DECIMALS),
        percentile=RatioArray(share.value.numerator, share.value.denominator * common, DECIMALS),
        percent=percent,
        n=one.valid.sum(axis=-1, dtype=np.int64),
        hours=one.hours.sum(axis=-1, dtype=np.int64),
    )


def _common(one: Daily) -> tuple[NDArray[np.int64], int]:
    """Bring the valid daily values to one denominator, so that they can be added and sorted as whole numbers."""
    bottom = np.broadcast_to(one.value.denominator, one.valid.shape)
    common = lcm(*(int(n) for n in np.unique(bottom[one.valid])))
    factor = common // np.where(one.valid, bottom, 1)
    return np.where(one.valid, np.where(one.valid, one.value.numerator, 0) * factor, MISSING), common


def hours_needed(law: Regime, code: str) -> int:
    """Hours that a day needs for a valid daily value (ozone: hours of a window of 8)."""
    statistic = "8h" if code == EIGHT_HOURS else "day"
    return int(table("validity").at(law.start, statistic=statistic, pollutant=code, count="hours").value)


def has_rule_of_days(law: Regime, code: str) -> bool:
    """Tell whether the law says how many days a month or year of this pollutant needs (not for CO and ozone)."""
    try:
        table("validity").at(law.start, statistic="year", pollutant=code, count="month")
    except NoSuchEntryError:
        return False
    return True
