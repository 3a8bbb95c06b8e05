"""Charts of the pages of a place, out of looks. Numbers are rounded as the law rounds them before they come here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from lantian.air.looks import level_name, level_steps
from lantian.air.places.asked import Asked, item_label
from lantian.air.places.notes import note, one_decimal
from lantian.air.places.tables import (
    DAY_TYPE_LABELS,
    basis_text,
    by_mean,
    cell_columns,
    cell_row,
    composite_rows,
    day_columns,
    day_level,
    day_row,
    hour_value,
    month_pair_note,
    month_table,
    number,
)
from lantian.air.profiles.calendar import DayMark
from lantian.air.profiles.cells import DAY_TYPES, HOURS, WEEKDAYS, Cell
from lantian.air.profiles.dayhours import HourOfDay
from lantian.air.profiles.diurnal import HourPair, compare_hours
from lantian.air.profiles.look import Look
from lantian.air.profiles.months import Month
from lantian.air.profiles.rules import rules
from lantian.air.profiles.values import INDEX, hourly
from lantian.air.profiles.years import MonthPair, TwoYears, restated_values
from lantian.kit.charts import Chart, Series
from lantian.standards.attainment import assessed_decimals
from lantian.standards.levels import levels
from lantian.standards.pollutants import pollutant
from lantian.standards.regimes import Regime
from lantian.standards.rounding import round_half_even

# Up to so many days are drawn one by one; more of them as months.
DAYS_DRAWN = 124
# The box is drawn from these percentiles; the ends are not the extremes, which one hour alone decides.
BOX = (5, 25, 50, 75, 95)


def weekdays() -> list[str]:
    return [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]


def places_of(law: Regime, item: str) -> int:
    """Decimals of an item's figures: as assessed, and one more for pollutants in whole numbers (means of many hours)."""
    return 1 if item == INDEX else assessed_decimals(law, item) + 1


def unit_of(item: str) -> str:
    return "" if item == INDEX else pollutant(item).unit


def overview(asked: Asked, look: Look) -> list[Chart]:
    """Charts of the overview: days or months by level, single indices."""
    days = _days(asked, look) if len(look.calendar) <= DAYS_DRAWN else _months(asked, look)
    found = [days]
    if look.assessment.composite:
        found.append(_singles(asked, look))
    return found


def _days(asked: Asked, look: Look) -> Chart:
    return Chart(
        id="days",
        title=_("AQI of the days"),
        kind="bars",
        x=[one.day.isoformat() for one in look.calendar],
        x_name=_("Day"),
        series=(_index_series(look.calendar),),
        steps=level_steps(look.law),
        columns=day_columns(),
        rows=[day_row(one) for one in look.calendar],
        note=note([look]),
        synthetic=look.synthetic,
        links=[day_url(asked, one) for one in look.calendar],
    )


def _index_series(calendar: Sequence[DayMark]) -> Series:
    texts = [", ".join(part for part in (day_level(one), *one.primary) if part) for one in calendar]
    return Series(_("AQI"), [one.aqi for one in calendar], texts=texts, decimals=0)


def day_url(asked: Asked, one: DayMark) -> str:
    return asked.url("place_day", date=one.day.isoformat(), item=None, beside=None)


def _months(asked: Asked, look: Look) -> Chart:
    months = look.months
    columns, rows = month_table(look.law, months)
    return Chart(
        id="months",
        title=_("Days of each month by level"),
        kind="bars",
        x=[f"{one.year}-{one.month:02}" for one in months],
        x_name=_("Month"),
        series=tuple(
            Series(level_name(level), [one.levels.get(level.number, 0) for one in months], unit=_("days"),
                   colour=level.hex, stack="levels", decimals=0)
            for level in levels(look.law)
        ),
        columns=columns,
        rows=rows,
        note=note([look]),
        synthetic=look.synthetic,
    )  # fmt: skip


def _singles(asked: Asked, look: Look) -> Chart:
    rows = composite_rows(look.assessment)
    formula = look.assessment.composite.formula if look.assessment.composite else ""
    return Chart(
        id="composite",
        title=_("Single indices of the composite index"),
        kind="bars",
        horizontal=True,
        x=[str(row["code"]) for row in rows],
        x_name=_("Pollutant"),
        series=(Series(_("Single index"), [row["single"] for row in rows], decimals=3),),
        columns=[_("Pollutant"), _("Figure"), _("Limit"), _("Single index"), _("Share in %")],
        rows=[[row["code"], row["figure"], row["limit"], row["single"], row["share"]] for row in rows],
        note=note([look], formula),
        synthetic=look.synthetic,
        size="low",
    )


def calendar(asked: Asked, looks: Sequence[Look]) -> Chart:
    """The calendar of a year: every day in its level's colour, a click leads to its hours."""
    days = [one for look in looks for one in look.calendar]
    return Chart(
        id="calendar",
        title=_("AQI of every day, %s") % asked.period.text,
        kind="calendar",
        x=[one.day.isoformat() for one in days],
        series=(_index_series(days),),
        steps=level_steps(looks[-1].law),
        columns=day_columns(),
        rows=[day_row(one) for one in days],
        note=note(looks),
        synthetic=any(one.synthetic for one in looks),
        links=[day_url(asked, one) for one in days],
    )


# Distributions


def hour_heat(asked: Asked, looks: Sequence[Look], cells: Mapping[tuple[int, int], Cell]) -> Chart:
    """Weekday by hour: the median of each cell."""
    places, names = places_of(looks[0].law, asked.item), weekdays()

    def row(day: int) -> Series:
        found = [cells[day, hour] for hour in HOURS]
        values = [_rounded(one.quantile(50), places) for one in found]
        return Series(names[day - 1], values, n=[one.n for one in found], decimals=places)

    return Chart(
        id="hours",
        title=_("%s: median by hour and weekday") % _titled(asked.item),
        kind="heat",
        x=[str(hour) for hour in HOURS],
        x_name=_("Hour (ends at)"),
        series=tuple(row(day) for day in WEEKDAYS),
        columns=[_("Weekday"), _("Hour (ends at)"), *cell_columns()],
        rows=[[names[day - 1], hour, *cell_row(one, places)] for (day, hour), one in cells.items()],
        note=note(looks, _few()),
        synthetic=any(one.synthetic for one in looks),
    )


def day_types(asked: Asked, looks: Sequence[Look], cells: Mapping[tuple[str, int], Cell]) -> Chart:
    """The mean course of the day on working days, weekends and public holidays."""
    places = places_of(looks[0].law, asked.item)

    def line(kind: str) -> Series:
        found = [cells[kind, hour] for hour in HOURS]
        values = [_rounded(one.mean, places) for one in found]
        name = str(DAY_TYPE_LABELS[kind])
        return Series(name, values, unit_of(asked.item), n=[one.n for one in found], decimals=places)

    return Chart(
        id="day-types",
        title=_("%s: mean by hour and kind of day") % _titled(asked.item),
        kind="lines",
        x=[str(hour) for hour in HOURS],
        x_name=_("Hour (ends at)"),
        series=tuple(line(kind) for kind in DAY_TYPES),
        columns=[_("Kind of day"), _("Hour (ends at)"), *cell_columns()],
        rows=[[str(DAY_TYPE_LABELS[kind]), hour, *cell_row(one, places)] for (kind, hour), one in cells.items()],
        note=note(looks, _few()),
        synthetic=any(one.synthetic for one in looks),
    )


def month_boxes(asked: Asked, looks: Sequence[Look], cells: Mapping[tuple[int, int], Cell]) -> Chart:
    """A box for each month: the spread of its daily values."""
    places = places_of(looks[0].law, asked.item)
    boxes = [
        None if one.quantiles is None else tuple(_rounded(one.quantiles[percent], places) for percent in BOX)
        for one in cells.values()
    ]
    months = [f"{year}-{month:02}" for year, month in cells]
    what = _("AQI") if asked.item == INDEX else asked.item
    return Chart(
        id="boxes",
        title=_("%s: daily values of each month") % what,
        kind="box",
        x=months,
        x_name=_("Month"),
        series=(Series(what, boxes, unit_of(asked.item), n=[one.n for one in cells.values()], decimals=places),),
        columns=[_("Month"), *cell_columns()],
        rows=[[month, *cell_row(one, places)] for month, one in zip(months, cells.values(), strict=True)],
        note=note(looks, _("Box: percentiles 25 to 75 with the median, lines to 5 and 95"), _few()),
        synthetic=any(one.synthetic for one in looks),
    )


def diurnal(
    asked: Asked, looks: Sequence[Look], labels: tuple[str, str], pairs: Sequence[HourPair], *parts: str
) -> Chart:
    """The mean course of the day in two periods."""
    places = places_of(looks[0].law, asked.item)
    sides = ([one.now for one in pairs], [one.before for one in pairs])
    return Chart(
        id="diurnal",
        title=_("%(item)s: mean by hour, %(now)s and %(before)s")
        % {"item": _titled(asked.item), "now": labels[0], "before": labels[1]},
        kind="lines",
        x=[str(one.hour) for one in pairs],
        x_name=_("Hour (ends at)"),
        series=tuple(
            Series(label, [_rounded(cell.mean, places) for cell in cells], unit_of(asked.item),
                   n=[cell.n for cell in cells], decimals=places)
            for label, cells in zip(labels, sides, strict=True)
        ),
        columns=[_("Hour (ends at)"), *(f"{label}{extra}" for label in labels for extra in ("", ": n")),
                 _("Difference"), _("Change in %")],
        rows=[
            [one.hour, _rounded(one.now.mean, places), one.now.n, _rounded(one.before.mean, places), one.before.n,
             _rounded(one.difference, places), one_decimal(one.change)]
            for one in pairs
        ],
        note=note(looks, *parts, _few()),
        synthetic=any(one.synthetic for one in looks),
    )  # fmt: skip


def _rounded(value: Any, places: int) -> Any:
    return None if value is None else round_half_even(value, places)


def _titled(item: str) -> str:
    return f"{item_label(item)} ({unit})" if (unit := unit_of(item)) else item_label(item)


def _few() -> str:
    found = rules()
    return _("A cell needs %(n)d values and %(capture)d %% of its hours or days (own rule); else it shows none") % {
        "n": found.at_least,
        "capture": found.capture,
    }


# A day's hours


def day_index(look: Look, hours: Sequence[HourOfDay]) -> Chart:
    """The index of each hour, in its level's colour."""
    texts = [
        ", ".join([level_name(one.level), *one.primary]) if one.level else _("not published: pollutants are missing")
        for one in hours
    ]
    return Chart(
        id="index",
        title=_("AQI of each hour"),
        kind="bars",
        x=[str(one.hour) for one in hours],
        x_name=_("Hour (ends at)"),
        series=(Series(_("AQI"), [one.aqi for one in hours], texts=texts, decimals=0),),
        steps=level_steps(look.law),
        note=note([look]),
        synthetic=look.synthetic,
    )


def day_values(look: Look, hours: Sequence[HourOfDay], rounded_by: Regime | None = None) -> Chart:
    """The six pollutants hour by hour, as the table has them (see `hour_value`); CO, which counts in other units, stands
    on the right axis."""
    return Chart(
        id="values",
        title=_("Concentrations of each hour"),
        kind="lines",
        x=[str(one.hour) for one in hours],
        x_name=_("Hour (ends at)"),
        series=tuple(
            Series(code, [hour_value(code, one.values[code], rounded_by) for one in hours], pollutant(code).unit,
                   axis=int(pollutant(code).unit.startswith("mg")))
            for code in hours[0].values
        ),
        note=note([look]),
        synthetic=look.synthetic,
    )  # fmt: skip


def day_sliding(look: Look, hours: Sequence[HourOfDay]) -> Chart:
    """The sliding means that end with each hour: 24 hours, for ozone 8."""
    law = look.law

    def line(code: str) -> Series:
        found = [one.sliding[code] for one in hours]
        name = _("%(code)s, mean of %(n)d h") % {"code": code, "n": found[0].length}
        values = [number(law, code, one.value) for one in found]
        return Series(name, values, pollutant(code).unit, axis=int(pollutant(code).unit.startswith("mg")),
                      n=[one.n for one in found], decimals=assessed_decimals(law, code))  # fmt: skip

    return Chart(
        id="sliding",
        title=_("Sliding means that end with each hour"),
        kind="lines",
        x=[str(one.hour) for one in hours],
        x_name=_("Hour (ends at)"),
        series=tuple(line(code) for code in hours[0].sliding),
        note=note([look], _needed(hours[0])),
        synthetic=look.synthetic,
    )


def _needed(one: HourOfDay) -> str:
    """How many hours each sliding mean needs."""
    found = dict.fromkeys((each.needed, each.length) for each in one.sliding.values())
    return _("Hours that a mean needs: %s") % ", ".join(f"{needed}/{length}" for needed, length in found)


# Year on year


def years(asked: Asked, two: TwoYears, labels: tuple[str, str]) -> list[Chart]:
    """Charts of two years: the item by month, good days by month, the course of the day."""
    pairs = two.months()
    looks = [two.now, two.before]
    found = [_item_by_month(asked, two, labels, pairs), _good_by_month(two, labels, pairs)]
    if asked.item != INDEX:
        now, before = (
            restated_values(hourly(one.hours, one.place, asked.item), two.now.last) for one in (two.now, two.before)
        )
        found.append(diurnal(asked, looks, labels, compare_hours(now, before), basis_text(two)))
    return found


def _item_by_month(asked: Asked, two: TwoYears, labels: tuple[str, str], pairs: Sequence[MonthPair]) -> Chart:
    law, item = two.now.law, asked.item
    if item == INDEX:
        title, unit, places = _("Composite index of each month"), "", law.ranking_rules.whole("decimals.index")
        both = [one.composite for one in pairs]
        n = [(one.now.with_index, one.before.with_index) for one in pairs]
    else:
        statistic = "mean" if by_mean(law, item) else "percentile"
        percent = pairs[0].now.items[item].percent
        what = _("mean") if statistic == "mean" else _("percentile %d") % percent
        title, unit, places = f"{item_label(item)}: {what}", unit_of(item), assessed_decimals(law, item)
        both = [one.item(item, statistic) for one in pairs]
        n = [(one.now.items[item].n, one.before.items[item].n) for one in pairs]
    sides = ([_rounded(one.now, places) for one in both], [_rounded(one.before, places) for one in both])
    months = [f"{one.now.month:02}" for one in pairs]
    notes = [month_pair_note(one, item) for one in pairs]
    return Chart(
        id="months",
        title=title,
        kind="bars",
        x=months,
        x_name=_("Month"),
        series=tuple(
            Series(label, values, unit, n=[each[at] for each in n], decimals=places)
            for at, (label, values) in enumerate(zip(labels, sides, strict=True))
        ),
        columns=[_("Month"), labels[0], f"{labels[0]}: n", labels[1], f"{labels[1]}: n", _("Change in %"), _("Note")],
        rows=[
            [month, now, each[0], before, each[1], one_decimal(one.change), text]
            for month, now, before, each, one, text in zip(months, *sides, n, both, notes, strict=True)
        ],
        note=note([two.now, two.before], basis_text(two)),
        synthetic=two.now.synthetic or two.before.synthetic,
    )


def _good_by_month(two: TwoYears, labels: tuple[str, str], pairs: Sequence[MonthPair]) -> Chart:
    def side(label: str, months: Sequence[Month]) -> Series:
        return Series(label, [one.good for one in months], _("days"), n=[one.with_index for one in months], decimals=0)

    return Chart(
        id="good",
        title=_("Good days of each month"),
        kind="bars",
        x=[f"{one.now.month:02}" for one in pairs],
        x_name=_("Month"),
        series=(side(labels[0], [one.now for one in pairs]), side(labels[1], [one.before for one in pairs])),
        note=note([two.now, two.before], basis_text(two)),
        synthetic=two.now.synthetic or two.before.synthetic,
    )
