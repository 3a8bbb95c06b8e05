"""The Air Quality Index (HJ 633-2012 and HJ 633-2026), exact: decimals and fractions, never binary floats.

A concentration is rounded once, from the raw value, as the edition says; its individual index (IAQI) lies on the straight
line between two break points and is always rounded up; the AQI is the highest of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import ceil

from lantian.standards.levels import Level, level_of
from lantian.standards.pollutants import Item, item, split_name
from lantian.standards.provenance import Cited, merged
from lantian.standards.regimes import Regime
from lantian.standards.rounding import Number, ratio, round_half_even
from lantian.standards.rules import Rule
from lantian.standards.tables import Entry, table


class UnknownReportError(ValueError):
    """The edition knows no such report."""


class NotInReportError(ValueError):
    """The report has no such item, or it was given twice."""


@dataclass(frozen=True, slots=True)
class ItemIndex:
    """An item's IAQI (None: the edition does not compute one at this concentration) and what it came from."""

    item: Item
    concentration: Decimal
    iaqi: int | None
    instead: str
    used: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class AirIndex:
    """The index of one place and one hour or day.

    `aqi` is None where the standard wants "NA"; `highest` is the highest IAQI all the same (None without any).
    `iaqi` and `concentrations` are by item: a pollutant's first item of the report goes by the bare pollutant (`O3`),
    another one by its code (`O3_1h`). `missing` and `unmonitored` name items, `not_computed` items above their table.
    """

    law: Regime
    report: str
    aqi: int | None
    highest: int | None
    iaqi: dict[str, int]
    concentrations: dict[str, Decimal]
    primary: tuple[str, ...]
    exceeding: tuple[str, ...]
    level: Level | None
    missing: tuple[str, ...]
    unmonitored: tuple[str, ...]
    not_computed: tuple[str, ...]
    used: tuple[Cited, ...]

    @property
    def standard(self) -> str:
        """Name of the standard, e.g. HJ 633-2012."""
        return self.law.index_standard

    @property
    def mark(self) -> str:
        """The AQI as it is published: digits, or the edition's mark for a missing one (NA)."""
        return self.law.index_rules.text("missing.mark") if self.aqi is None else str(self.aqi)


@cache
def ladder(law: Regime, pollutant: str, period: str) -> tuple[tuple[int, Entry], ...]:
    """Return the break points of a column as (IAQI, entry with the concentration), lowest first; empty for no column."""
    rows = [one for one in table("iaqi_breakpoints") if one.key[:2] == (pollutant, period) and one.in_force(law.start)]
    return tuple(sorted(((int(one.key[2]), one) for one in rows), key=lambda step: step[0]))


@cache
def column_of(law: Regime, code: str) -> tuple[tuple[tuple[int, Entry], ...], Rule | None]:
    """Return the break points that an item uses and the rule that sends it to another column, if any."""
    found = item(code)
    rule = law.index_rules.get(f"column.{found.code}")
    period = str(rule.value) if rule else found.period
    steps = ladder(law, found.pollutant, period)
    if not steps:
        raise NotInReportError(f"{law.index_standard} has no break points for {found.code}")
    return steps, rule


@cache
def report_items(law: Regime, report: str) -> dict[str, Item]:
    """Return a report's items by the name that they go by (`O3`, `O3_1h`); raises UnknownReportError."""
    rules = law.index_rules
    if report not in rules.names("reports"):
        raise UnknownReportError(
            f"{law.index_standard} has no report {report!r}; it has: {', '.join(rules.names('reports'))}"
        )
    named: dict[str, Item] = {}
    for code in rules.names(f"{report}.items"):
        one = item(code)
        named[one.code if one.pollutant in named else one.pollutant] = one
    return named


def optional_items(law: Regime, report: str) -> dict[str, Item]:
    """Return the items that only step in for another one (2012: SO2_24h for SO2_1h above 800), by code."""
    rule = law.index_rules.get(f"{report}.optional")
    return {code: item(code) for code in rule.value} if rule and isinstance(rule.value, tuple) else {}


def round_concentration(law: Regime, name: str, value: Number) -> Decimal:
    """Round a concentration for the index: CO in mg/m3 to 1 decimal, the rest in µg/m3 to 0, half to even, once.

    Raises ValueError for a negative value, TypeError for a float, UnknownPollutantError.

    >>> import datetime as dt
    >>> from lantian.standards.regimes import regime_at
    >>> law = regime_at(dt.date(2026, 3, 1))
    >>> round_concentration(law, "PM2.5", "60.5"), round_concentration(law, "CO", "0.25")
    (Decimal('60'), Decimal('0.2'))
    """
    exact_value = ratio(value)
    if exact_value < 0:
        raise ValueError(f"the concentration of {name} is negative: {value}")
    return round_half_even(exact_value, _decimals(law, split_name(name)[0])[0])


def _decimals(law: Regime, pollutant: str) -> tuple[int, Rule]:
    rule = law.index_rules.for_pollutant("decimals", pollutant)
    return int(str(rule.value)), rule


def iaqi(law: Regime, code: str, value: Number) -> int | None:
    """Return the individual index of an item (`PM2.5_24h`, `SO2_1h`); `value` in the pollutant's own unit.

    None where the edition computes none (2012: SO2_1h and O3_8h above 800). Raises ValueError for a negative value,
    TypeError for a float, UnknownPollutantError, NotInReportError for an item without break points.

    >>> import datetime as dt
    >>> from lantian.standards.regimes import regime_at
    >>> [iaqi(regime_at(day), "PM2.5_24h", 60) for day in (dt.date(2026, 2, 28), dt.date(2026, 3, 1))]
    [82, 100]
    """
    return index_of_item(law, code, value).iaqi


def index_of_item(law: Regime, code: str, value: Number) -> ItemIndex:
    """Like `iaqi`, with the rounded concentration, what steps in where there is no index, and the numbers used."""
    one = item(code)
    steps, column_rule = column_of(law, one.code)
    amount = round_concentration(law, one.pollutant, value)
    used: list[Cited] = [_decimals(law, one.pollutant)[1], law.index_rules.rule("index.rounding")]
    if column_rule:
        used.append(column_rule)
    for (low, below), (high, above) in pairwise(steps):
        if amount <= above.value:
            exact_index = low + Fraction(amount - below.value) * (high - low) / Fraction(above.value - below.value)
            return ItemIndex(one, amount, ceil(exact_index), "", (below, above, *used))
    number, instead, rule = _above(law, one, steps[-1][0])
    return ItemIndex(one, amount, number, instead, (steps[-1][1], rule, *used))


def _above(law: Regime, one: Item, top: int) -> tuple[int | None, str, Rule]:
    """What holds above the last break point: a number, or nothing and the item that is reported instead."""
    rules = law.index_rules
    if rule := rules.get(f"above.{one.code}.index"):
        return rules.whole(rule.key[0]), "", rule
    if rule := rules.get(f"above.{one.code}.instead"):
        return None, str(rule.value), rule
    rule = rules.rule("cap")
    if top != rules.whole("cap"):
        raise ValueError(f"{law.index_standard}: no rule for {one.code} above its last break point")
    return top, "", rule


def aqi(
    law: Regime,
    report: str,
    values: Mapping[str, Number | None],
    *,
    unmonitored: Collection[str] = (),
    exempt: Collection[str] = (),
) -> AirIndex:
    """Return the index of one place: `report` is "day" or "hour" (2012 also "hour-as-written").

    `values`: concentration by pollutant (`O3`) or item (`O3_1h`) in the pollutant's own unit; None or absent is missing.
    `unmonitored`: items that the monitoring plan leaves out (shown as "/"). `exempt`: those of them that caused no light
    pollution or worse for three years, so that their absence does not matter (2026, 5.3.2).
    Raises UnknownReportError, NotInReportError, UnknownPollutantError, ValueError (negative), TypeError (float).

    >>> import datetime as dt
    >>> from lantian.standards.regimes import regime_at
    >>> result = aqi(regime_at(dt.date(2020, 1, 1)), "hour", {"PM2.5": 36, "SO2": 20})
    >>> result.aqi, result.iaqi, result.primary, result.level.zh
    (52, {'SO2': 7, 'PM2.5': 52}, ('PM2.5',), '良')
    """
    given = _given(law, report, values)
    left_out = {name_in_report(law, report, name) for name in (*unmonitored, *exempt)}
    if clash := left_out & {name for name, value in given.items() if value is not None}:
        raise NotInReportError(f"{', '.join(sorted(clash))}: given, but said to be unmonitored")
    found, not_computed = _indices(law, report, given)
    missing = tuple(name for name in report_items(law, report) if given.get(name) is None and name not in left_out)
    excused = {name_in_report(law, report, name) for name in exempt}
    lacking = bool(missing or not_computed or left_out - excused)
    return _judged(law, report, found, lacking, missing, tuple(sorted(left_out)), not_computed)


def name_in_report(law: Regime, report: str, name: str) -> str:
    """Return the name that an item goes by in a report; raises NotInReportError, UnknownPollutantError."""
    pollutant, time = split_name(name)
    wanted = f"{pollutant}_{time}" if time else ""
    for label, one in report_items(law, report).items():
        if (label == pollutant and not time) or one.code == wanted:
            return label
    if wanted in optional_items(law, report):
        return wanted
    raise NotInReportError(
        f"the {report} report of {law.index_standard} has no item {name}; it has: "
        + ", ".join(one.code for one in report_items(law, report).values())
    )


def _given(law: Regime, report: str, values: Mapping[str, Number | None]) -> dict[str, Number | None]:
    given: dict[str, Number | None] = {}
    for name, value in values.items():
        label = name_in_report(law, report, name)
        if label in given:
            raise NotInReportError(f"{label} is given twice")
        given[label] = value
    return given


def _indices(
    law: Regime, report: str, given: Mapping[str, Number | None]
) -> tuple[dict[str, ItemIndex], tuple[str, ...]]:
    """Index every given item; where the edition reports another item instead, take that one's index."""
    every = {**report_items(law, report), **optional_items(law, report)}
    raw = {
        name: index_of_item(law, one.code, value)
        for name, one in every.items()
        if (value := given.get(name)) is not None
    }
    by_code = {one.item.code: one for one in raw.values()}
    found, not_computed = {}, []
    for name in report_items(law, report):
        one = raw.get(name)
        if one is not None and one.iaqi is None:
            other = by_code.get(one.instead)
            if other is None or other.iaqi is None:
                not_computed.append(name)
                continue
            one = ItemIndex(one.item, one.concentration, other.iaqi, one.instead, merged(one.used, other.used))
        if one is not None:
            found[name] = one
    return found, tuple(not_computed)


def _judged(
    law: Regime,
    report: str,
    found: Mapping[str, ItemIndex],
    lacking: bool,
    missing: tuple[str, ...],
    unmonitored: tuple[str, ...],
    not_computed: tuple[str, ...],
) -> AirIndex:
    numbers = {name: one.iaqi for name, one in found.items() if one.iaqi is not None}
    highest = max(numbers.values(), default=None)
    used = [law.index_rules.rule(f"{report}.items"), *(cited for one in found.values() for cited in one.used)]
    published = highest
    if highest is not None and lacking:
        used += _missing_rules(law)
        published = highest if _published_though_lacking(law, highest) else None
    level = None if published is None else level_of(law, published)
    return AirIndex(
        law=law,
        report=report,
        aqi=published,
        highest=highest,
        iaqi=numbers,
        concentrations={name: one.concentration for name, one in found.items()},
        primary=_primary(law, found, published),
        exceeding=_exceeding(law, found),
        level=level,
        missing=missing,
        unmonitored=unmonitored,
        not_computed=not_computed,
        used=merged(used, [level] if level else []),
    )


def _missing_rules(law: Regime) -> list[Cited]:
    rules = law.index_rules
    return [one for key in ("missing.rule", "missing.publish_above") if (one := rules.get(key))]


def _published_though_lacking(law: Regime, highest: int) -> bool:
    rules = law.index_rules
    rule = rules.text("missing.rule")
    if rule == "report":
        return True
    if rule == "na-unless-above":
        return highest > rules.whole("missing.publish_above")
    raise ValueError(f"{law.index_standard}: unknown rule for missing items {rule!r}")


def _primary(law: Regime, found: Mapping[str, ItemIndex], published: int | None) -> tuple[str, ...]:
    """Pollutants with the highest index, all of them when they tie, once each; none up to an AQI of 50."""
    if published is None or published <= law.index_rules.whole("primary.above"):
        return ()
    return tuple(dict.fromkeys(one.item.pollutant for one in found.values() if one.iaqi == published))


def _exceeding(law: Regime, found: Mapping[str, ItemIndex]) -> tuple[str, ...]:
    """Pollutants whose index is above 100; the edition of 2026 has dropped the term, so there are none."""
    if "exceeding.above" not in law.index_rules:
        return ()
    above = law.index_rules.whole("exceeding.above")
    return tuple(dict.fromkeys(one.item.pollutant for one in found.values() if (one.iaqi or 0) > above))
