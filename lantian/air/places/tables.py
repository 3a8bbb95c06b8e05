"""Tables of the pages and of the workbook: figures with limits, months, days, distributions, runs of bad days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lantian.air.assessing.assess import Assessment, ItemFigures
from lantian.air.assessing.compare import Change
from lantian.air.assessing.days import EIGHT_HOURS
from lantian.air.front.words import shown_value
from lantian.air.looks import level_name
from lantian.air.places.asked import item_label, localised
from lantian.air.places.notes import one_decimal
from lantian.air.profiles.calendar import DayMark, Episode
from lantian.air.profiles.cells import HOLIDAY, WEEKEND, WORKING, Cell
from lantian.air.profiles.dayhours import HourOfDay
from lantian.air.profiles.look import Look
from lantian.air.profiles.months import Month, MonthItem
from lantian.air.profiles.rules import per_cent, rules
from lantian.air.profiles.values import INDEX
from lantian.air.profiles.years import MonthPair, TwoYears
from lantian.standards.attainment import Comparison, assessed, rate
from lantian.standards.levels import levels
from lantian.standards.pollutants import pollutant
from lantian.standards.regimes import Regime
from lantian.standards.rounding import round_half_even

DAY_TYPE_LABELS = {
    WORKING: gettext_lazy("working days"),
    WEEKEND: gettext_lazy("weekends"),
    HOLIDAY: gettext_lazy("public holidays"),
}


@dataclass(frozen=True)
class Side:
    """One column of the table of figures: an assessment with a heading (raw, dust left out, another law)."""

    label: str
    found: Assessment


@dataclass(frozen=True)
class Figure:
    """A cell: the figure as text, its limit, and whether it keeps it (None: there is nothing to keep)."""

    text: str
    limit: str = ""
    keeps: bool | None = None
    over: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the table of figures."""

    label: str
    unit: str
    n: str
    cells: tuple[Figure, ...]


def figures(sides: Sequence[Side]) -> list[Line]:
    """Return the rows of the table of figures: two for each pollutant, then the counts of days and the index."""
    items = sides[0].found.items
    rows = [line for code in items for line in _item_lines(code, sides)]
    return [*rows, *_day_lines(sides)]


def _item_lines(code: str, sides: Sequence[Side]) -> list[Line]:
    first = sides[0].found
    item = first.items[code]
    n = f"{item.days}/{first.expected}"
    mean = _("%s: mean of the daily maxima of 8 hours") if code == EIGHT_HOURS else _("%s: mean")
    lines = [Line(mean % code, pollutant(code).unit, n, tuple(_figure(one, code, "mean") for one in sides))]
    label = _("%(code)s: percentile %(percent)d") % {"code": code, "percent": item.percent}
    return [*lines, Line(label, pollutant(code).unit, n, tuple(_figure(one, code, "percentile") for one in sides))]


def _figure(side: Side, code: str, statistic: str) -> Figure:
    found = side.found
    value = getattr(found.items[code], statistic)
    if value is None:
        return Figure("–")
    text = str(assessed(found.law, code, value))
    compared = next((one for one in found.attainment.items[code].comparisons if one.statistic == statistic), None)
    return Figure(text) if compared is None else Figure(text, *_verdict(compared))


def _verdict(one: Comparison) -> tuple[str, bool, str]:
    over = "" if one.multiple is None else _("%s times over") % one.multiple
    return format(Decimal(one.limit.value).normalize(), "f"), one.attains, over


def _day_lines(sides: Sequence[Side]) -> list[Line]:
    looks = [one.found for one in sides]
    n = f"{looks[0].with_index}/{looks[0].expected}"
    days = _("days")
    return [
        Line(_("Good days"), days, n, tuple(Figure(_share_text(one, one.good)) for one in looks)),
        Line(_("Days of heavy pollution"), days, n, tuple(Figure(_share_text(one, one.heavy)) for one in looks)),
        Line(_("Composite index"), "", n, tuple(Figure(_index_text(one)) for one in looks)),
        Line(_("Class of SO2 (annual limits)"), "", n, tuple(Figure(_class_text(one)) for one in looks)),
        Line(_("All six items within the limits"), "", n, tuple(_all(one) for one in looks)),
    ]


def _share_text(one: Assessment, part: int) -> str:
    return f"{part} ({rate(one.law, part, one.with_index)} %)" if one.with_index else "–"


def _index_text(one: Assessment) -> str:
    return str(one.composite.published) if one.composite else "–"


def _class_text(one: Assessment) -> str:
    if one.class_of_so2:
        return one.class_of_so2
    return "–" if one.items["SO2"].mean is None else _("above class II")


def _all(one: Assessment) -> Figure:
    found = one.attainment
    if found.attains is None:
        return Figure(_("cannot be told: values are missing"))
    return Figure(_("yes") if found.attains else _("no: %s") % ", ".join(found.exceeding), "", found.attains)


def number(law: Regime, code: str, value: Fraction | None) -> Decimal | None:
    """A figure as the law rounds it; None for none."""
    return None if value is None else assessed(law, code, value)


# Composite index


def composite_rows(one: Assessment) -> list[dict[str, Any]]:
    """Return the six single indices with their shares in per cent, highest first."""
    index = one.composite
    if index is None:
        return []
    rows = [
        {
            "code": code,
            "name": item_label(code),
            "figure": number(one.law, code, index_figure(one.law, code, one.items[code])),
            "limit": format(Decimal(index.limits[code].value).normalize(), "f"),
            "single": index.single(code),
            "share": one_decimal(100 * share),
            "main": code in index.main,
        }
        for code, share in index.shares.items()
    ]
    return sorted(rows, key=lambda row: -index.singles[str(row["code"])])


def by_mean(law: Regime, code: str) -> bool:
    """Whether the composite index takes a pollutant's mean; else its percentile."""
    return law.ranking_rules.text(f"statistic.{code}") == "mean"


def index_figure(law: Regime, code: str, item: ItemFigures | MonthItem) -> Fraction | None:
    """The figure of a pollutant that the composite index takes: its mean or its percentile."""
    return item.mean if by_mean(law, code) else item.percentile


def primary_rows(one: Assessment) -> list[dict[str, Any]]:
    """Return the pollutants that were primary, most days first; a day with two of them counts for both."""
    counted = sorted(one.primary.items(), key=lambda pair: -pair[1])
    days = sum(index.index is not None and bool(index.index.primary) for index in one.days)
    return [
        {"code": code, "name": item_label(code), "days": n, "share": one_decimal(per_cent(n, days))}
        for code, n in counted
        if n
    ]


def level_rows(law: Regime, counts: Mapping[int, int]) -> list[dict[str, Any]]:
    """Return the levels with their days, best first."""
    return [{"level": one, "name": level_name(one), "days": counts.get(one.number, 0)} for one in levels(law)]


# Months


def month_table(law: Regime, months: Sequence[Month]) -> tuple[list[str], list[list[Any]]]:
    """Return the table of months: columns and rows; figures rounded as the law rounds them."""
    columns = [_("Month"), _("Days with an index"), _("of"), _("Good days"), _("Good days in %"),
               _("Days of heavy pollution"), _("Primary pollutants (days)"), _("Composite index")]  # fmt: skip
    codes = list(months[0].items) if months else []
    for code in codes:
        statistic = "" if by_mean(law, code) else f" P{months[0].items[code].percent}"
        columns.append(f"{code}{statistic} ({pollutant(code).unit})")
    columns += [_("Fewest valid days of an item"), _("Capture in %"), _("Note")]
    return columns, [_month_row(law, one, codes) for one in months]


def _month_row(law: Regime, one: Month, codes: Sequence[str]) -> list[Any]:
    shown = {code: index_figure(law, code, one.items[code]) for code in codes}
    captures = [found for code in codes if (found := one.capture(code)) is not None]
    return [
        f"{one.year}-{one.month:02}",
        one.with_index,
        one.expected,
        one.good,
        one_decimal(one.good_share),
        one.heavy,
        primary_text(one.primary),
        one.composite.published if one.composite else None,
        *(number(law, code, value) for code, value in shown.items()),
        min(item.n for item in one.items.values()),
        one_decimal(sum(captures, Fraction(0)) / len(captures)) if captures else None,
        month_note(one),
    ]


def primary_text(primary: Mapping[str, int]) -> str:
    """Primary pollutants with their days, most days first."""
    counted = sorted(((n, code) for code, n in primary.items() if n), reverse=True)
    return ", ".join(f"{code} ({n})" for n, code in counted)


def month_note(one: Month) -> str:
    """What is to be minded about a month: only part of it, or too few valid days for the law."""
    if not one.whole:
        return _("part of the month")
    short = [code for code, item in one.items.items() if item.enough is False]
    return _("too few valid days: %s") % ", ".join(short) if short else ""


# Days


def day_columns() -> list[str]:
    return [_("Day"), _("AQI"), _("Level of the AQI"), _("Primary pollutant"), _("Not valid")]


def day_row(one: DayMark) -> list[Any]:
    """A day: date, index, level in words, primary pollutants, pollutants without a valid value."""
    return [one.day.isoformat(), one.aqi, day_level(one), ", ".join(one.primary), ", ".join(one.missing)]


def day_level(one: DayMark) -> str:
    """The level in words; where there is none, why."""
    if one.level is not None:
        return level_name(one.level)
    return _("not published: pollutants are missing") if one.missing else _("no valid values")


# Runs of bad days


def episode_columns() -> list[str]:
    """Columns of the runs; the workbook puts the bound before them."""
    return [_("First day"), _("Final day"), _("Days"), _("Highest AQI"), _("on"), _("Mean AQI"),
            _("Primary pollutants (days)"), _("Note")]  # fmt: skip


def episode_row(one: Episode) -> list[Any]:
    """A run of bad days."""
    return [
        one.first.isoformat(),
        one.last.isoformat(),
        one.days,
        one.highest,
        ", ".join(day.isoformat() for day in one.highest_on),
        round_half_even(one.mean, 0),
        primary_text(one.primary),
        episode_note(one),
    ]


def episode_note(one: Episode) -> str:
    """Whether the run may be longer than what was seen."""
    if one.open_before and one.open_after:
        return _("may have begun earlier and lasted longer: no index on the days beside it")
    if one.open_before:
        return _("may have begun earlier: no index on the day before")
    return _("may have lasted longer: no index on the day after") if one.open_after else ""


# Distributions


def cell_columns() -> list[str]:
    quantiles = [_("P%d") % percent for percent in rules().percents]
    return ["n", _("of"), _("Capture in %"), _("Mean"), _("Lowest"), *quantiles, _("Highest"), _("Note")]


def cell_row(cell: Cell, places: int) -> list[Any]:
    """A cell of a distribution, rounded to so many decimals; a note where it has too few values."""
    found = [cell.mean, cell.low, *(cell.quantile(percent) for percent in rules().percents), cell.high]
    rounded = [None if value is None else round_half_even(value, places) for value in found]
    return [cell.n, cell.expected, one_decimal(cell.capture), *rounded, cell_note(cell)]


def cell_note(cell: Cell) -> str:
    """Why a cell shows no statistics."""
    if cell.enough:
        return ""
    if not cell.n:
        return _("no values")
    return ngettext("too few: %d value", "too few: %d values", cell.n) % cell.n


# A day's hours


def hour_table(
    hours: Sequence[HourOfDay], flags: Mapping[tuple[str, int], str], rounded_by: Regime | None = None
) -> tuple[list[str], list[list[Any]]]:
    """Return the hours of a day: values (see `hour_value`), index, flags ({(pollutant, hour): names})."""
    codes = list(hours[0].values)
    columns = [_("Hour (ends at)"), _("AQI"), _("Level of the AQI"), _("Primary pollutant"),
               *(f"{code} ({pollutant(code).unit})" for code in codes), _("Flags")]  # fmt: skip
    return columns, [_hour_row(one, codes, flags, rounded_by) for one in hours]


def _hour_row(
    one: HourOfDay, codes: Sequence[str], flags: Mapping[tuple[str, int], str], rounded_by: Regime | None
) -> list[Any]:
    there = any(value is not None for value in one.values.values())
    missing = _("not published: pollutants are missing") if there else _("no valid values")
    return [
        one.hour,
        one.aqi,
        level_name(one.level) if one.level else missing,
        ", ".join(one.primary),
        *(hour_value(code, one.values[code], rounded_by) for code in codes),
        "; ".join(f"{code}: {names}" for code in codes if (names := flags.get((code, one.hour)))),
    ]


def hour_value(code: str, value: Fraction | None, rounded_by: Regime | None = None) -> Decimal | None:
    """A value of an hour as it was measured: not rounded, without trailing noughts.

    A mean over stations has decimals that nobody measured: it is rounded as the law (`rounded_by`) rounds a concentration
    for the index. Figures are made of the exact one.
    """
    if value is None:
        return None
    if rounded_by is not None:
        return shown_value(rounded_by, code, value)
    return Decimal(value.numerator) / Decimal(value.denominator)


def daily_rows(look: Look) -> list[list[Any]]:
    """Return the daily value of each pollutant of a look's first day with its hours (None in a table of days, which
    does not say) and whether it is valid."""
    law, at = look.law, look.days.places.index(look.place)
    rows: list[list[Any]] = []
    for code, one in look.days.daily.items():
        value, valid = one.value.fraction(at, 0), bool(one.valid[at, 0])
        statistic = _("highest mean of 8 hours") if code == EIGHT_HOURS else _("mean")
        note = "" if valid else _("not valid: too few hours")
        hours = None if look.only_days else int(one.hours[at, 0])
        rows.append([f"{code} ({pollutant(code).unit})", statistic, number(law, code, value), hours, note])
    return rows


# Year on year


def basis_text(two: TwoYears) -> str:
    """What the comparison rests on: one law, one reference state, and what had to be converted or could not be."""
    found = two.comparison
    parts = [_("Both sides under: %s") % localised(found.law)]
    if found.converted:
        parts.append(_("gases converted to the reference state of the later side: %s") % ", ".join(found.converted))
    if found.unconverted:
        parts.append(_("as published, since they cannot be converted: %s") % ", ".join(found.unconverted))
    if not found.converted and not found.unconverted:
        parts.append(_("both sides in the same reference state"))
    if not found.same_origin:
        parts.append(_("the two sides come from different series"))
    return "; ".join(parts)


def year_rows(two: TwoYears) -> list[list[Any]]:
    """Return the figures of both sides: label, now, a year before, change in per cent, n of both sides, note."""
    law, now, before = two.now.law, two.now.assessment, two.before.assessment
    rows: list[list[Any]] = []
    for code, item in now.items.items():
        n = f"{item.days}/{now.expected}", f"{before.items[code].days}/{before.expected}"
        for one in _changes(two, code):
            name = _("mean") if one.statistic == "mean" else _("percentile %d") % item.percent
            rows.append([f"{code}: {name} ({pollutant(code).unit})", number(law, code, one.now),
                         number(law, code, one.before), one_decimal(one.percent), *n, standing_text(one.standing)])  # fmt: skip
    n = f"{now.with_index}/{now.expected}", f"{before.with_index}/{before.expected}"
    index = two.comparison.index
    published = [one.composite.published if one.composite else None for one in (now, before)]
    rows.append([_("Composite index"), *published, one_decimal(index.percent), *n, standing_text(index.standing)])
    for label, one_side, other in (
        (_("Good days"), now.good, before.good),
        (_("Days of heavy pollution"), now.heavy, before.heavy),
    ):
        rows.append([label, one_side, other, one_side - other, *n, ""])
    shares = [per_cent(one.good, one.with_index) for one in (now, before)]
    difference = None if shares[0] is None or shares[1] is None else shares[0] - shares[1]
    rows.append([_("Good days in % (change in points)"), *(one_decimal(one) for one in (*shares, difference)), *n, ""])
    return rows


def _changes(two: TwoYears, code: str) -> list[Change]:
    """The mean of a pollutant and, where the composite index takes another figure, that one."""
    found = two.comparison
    return list(dict.fromkeys((found.means[code], found.items[code])))


def standing_text(standing: str) -> str:
    """What the capture of the two sides says about a change."""
    words = {
        "short": _("a side has too few valid days"),
        "turns": _("counting only days valid on both sides turns the sign"),
        "none": _("a side has no figure"),
    }
    return words.get(standing, "")


def year_columns(labels: tuple[str, str]) -> list[str]:
    now, before = labels
    return [_("Figure"), now, before, _("Change in % (days: difference)"), _("n, %s") % now, _("n, %s") % before,
            _("Note")]  # fmt: skip


def month_pair_note(one: MonthPair, item: str) -> str:
    """What is to be minded about a pair of months: one of them is not whole, or has too few valid days."""
    notes = []
    if not (one.now.whole and one.before.whole):
        notes.append(_("part of the month"))
    codes = one.now.items if item == INDEX else [item]
    if short := [code for code in codes if not one.enough(code)]:
        notes.append(_("too few valid days: %s") % ", ".join(short))
    return "; ".join(notes)
