"""Attainment: does an item, and does a place, keep the limits of a day or of a year? Exact; rounded before comparing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lantian.standards.pollutants import pollutant
from lantian.standards.provenance import Cited, merged
from lantian.standards.regimes import Regime
from lantian.standards.rounding import Number, ratio, round_half_even
from lantian.standards.tables import Entry, NoSuchEntryError

GRADES = ("I", "II")
# The daily limit of ozone is that of the day's highest mean of eight hours.
_DAILY = {"O3": "8h"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One statistic against one limit: `multiple` is (value - limit) / limit, rounded, where the limit is exceeded."""

    statistic: str
    value: Decimal
    limit: Entry
    attains: bool
    multiple: Decimal | None


@dataclass(frozen=True, slots=True)
class ItemAttainment:
    """One pollutant: `attains` is None when a statistic is missing and none that is there exceeds its limit."""

    pollutant: str
    attains: bool | None
    comparisons: tuple[Comparison, ...]
    missing: tuple[str, ...]
    used: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Attainment:
    """A place: it attains when all its items do; None when that cannot be told."""

    attains: bool | None
    items: Mapping[str, ItemAttainment]
    used: tuple[Cited, ...]

    @property
    def exceeding(self) -> tuple[str, ...]:
        """The pollutants that exceed a limit."""
        return tuple(name for name, one in self.items.items() if one.attains is False)


def daily_limit(law: Regime, name: str, grade: str) -> Entry:
    """Return the limit that a daily value is compared with (O3: the 8-hour limit); raises NoSuchEntryError."""
    code = pollutant(name).code
    return law.limit(code, _DAILY.get(code, "day"), grade)


def assessed(law: Regime, name: str, value: Number) -> Decimal:
    """Round a statistic as it is assessed (2012: whole µg/m3, CO 1 decimal); raises TypeError for a float."""
    return round_half_even(value, _decimals(law, pollutant(name).code)[0])


def assessed_decimals(law: Regime, name: str) -> int:
    """Decimals to which a pollutant's statistics are rounded before they are compared with a limit."""
    return _decimals(law, pollutant(name).code)[0]


def _decimals(law: Regime, key: str) -> tuple[int, Cited]:
    rule = law.assessment_rules.for_pollutant("decimals", key)
    return int(str(rule.value)), rule


def compare(law: Regime, name: str, statistic: str, value: Number, limit: Entry) -> Comparison:
    """Compare a rounded statistic with a limit; equal to the limit attains. Raises ValueError for a negative value."""
    if ratio(value) < 0:
        raise ValueError(f"the {statistic} of {name} is negative: {value}")
    number = assessed(law, name, value)
    if number <= limit.value:
        return Comparison(statistic, number, limit, True, None)
    over = Fraction(number - limit.value) / Fraction(limit.value)
    return Comparison(statistic, number, limit, False, round_half_even(over, _decimals(law, "exceedance")[0]))


def day_attainment(law: Regime, values: Mapping[str, Number | None], *, grade: str) -> Attainment:
    """Assess a day: each daily mean (O3: daily maximum of 8 hours) against its limit.

    `values` by pollutant; those of the six that are absent or None are missing. Raises UnknownPollutantError, ValueError.
    """
    known = {pollutant(name).code: value for name, value in values.items()}
    names = dict.fromkeys((*law.assessment_rules.names("year.items"), *known))
    items = {name: _item(law, name, {"day": (known.get(name), daily_limit(law, name, grade))}) for name in names}
    return _place(items)


def year_attainment(
    law: Regime,
    means: Mapping[str, Number | None],
    percentiles: Mapping[str, Number | None],
    *,
    grade: str,
) -> Attainment:
    """Assess a year: SO2, NO2, PM10, PM2.5 by annual mean and percentile of the daily values, CO and O3 by percentile.

    Both mappings are by pollutant, None or absent is missing. Raises UnknownPollutantError, ValueError for negatives.
    """
    by_mean = {pollutant(name).code: value for name, value in means.items()}
    by_percentile = {pollutant(name).code: value for name, value in percentiles.items()}
    rules = law.assessment_rules
    items = {}
    for name in rules.names("year.items"):
        asked: dict[str, tuple[Number | None, Entry]] = {}
        if name in rules.names("year.mean"):
            asked["mean"] = (by_mean.get(name), law.limit(name, "year", grade))
        if name in rules.names("year.percentile"):
            asked["percentile"] = (by_percentile.get(name), daily_limit(law, name, grade))
        items[name] = _item(law, name, asked)
    return _place(items, rules.rule("year.mean"), rules.rule("year.percentile"), rules.rule("year.items"))


def _item(law: Regime, name: str, asked: Mapping[str, tuple[Number | None, Entry]]) -> ItemAttainment:
    found = tuple(
        compare(law, name, statistic, value, limit) for statistic, (value, limit) in asked.items() if value is not None
    )
    missing = tuple(statistic for statistic, (value, _) in asked.items() if value is None)
    attains = _all([one.attains for one in found], complete=not missing)
    used = merged([one.limit for one in found], [_decimals(law, name)[1]] if found else [])
    return ItemAttainment(name, attains, found, missing, used)


def _place(items: Mapping[str, ItemAttainment], *rules: Cited) -> Attainment:
    known = [one.attains for one in items.values() if one.attains is not None]
    attains = _all(known, complete=len(known) == len(items))
    return Attainment(attains, items, merged(rules, *(one.used for one in items.values())))


def _all(known: list[bool], *, complete: bool) -> bool | None:
    if not all(known):
        return False
    return True if complete and known else None


def grade_of(law: Regime, name: str, period: str, value: Number) -> str | None:
    """Return the best grade whose limit a value keeps ("I", "II"), None when it keeps neither.

    `period`: year, day, 8h or hour. Raises NoSuchEntryError where the regime has no such limit.

    >>> import datetime as dt
    >>> from lantian.standards.regimes import regime_at
    >>> [grade_of(regime_at(dt.date(2020, 1, 1)), "SO2", "year", value) for value in (20, 21, 61)]
    ['I', 'II', None]
    """
    code = pollutant(name).code
    for grade in GRADES:
        if compare(law, code, period, value, law.limit(code, period, grade)).attains:
            return grade
    return None


def has_limit(law: Regime, name: str, period: str) -> bool:
    """Tell whether the regime limits a pollutant over a period."""
    try:
        law.limit(pollutant(name).code, period, "II")
    except NoSuchEntryError:
        return False
    return True


def good_day(law: Regime, aqi: int) -> bool:
    """Tell whether a day of this AQI is a good day (优良天)."""
    return aqi <= law.assessment_rules.whole("good_day.at_most")


def heavy_day(law: Regime, aqi: int) -> bool:
    """Tell whether a day of this AQI is one of heavy pollution or worse."""
    return aqi > law.assessment_rules.whole("heavy_day.above")


def rate(law: Regime, part: int, whole: int) -> Decimal:
    """Return part / whole in per cent, rounded as rates are (1 decimal); raises ValueError for an impossible pair."""
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError(f"no rate of {part} in {whole}")
    return round_half_even(Fraction(100 * part, whole), _decimals(law, "rate")[0])
