"""The workbook of a place and period: every table of its pages, each sheet with law, rules, n, capture and source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from lantian.air.places import charts, tables
from lantian.air.places.asked import Asked, items, localised, period_label, subject_label
from lantian.air.places.notes import note
from lantian.air.places.tables import Side
from lantian.air.profiles.calendar import bounds, episodes
from lantian.air.profiles.cells import by_day_type, by_hour
from lantian.air.profiles.look import Look
from lantian.air.profiles.values import hourly
from lantian.kit.export import Sheet, to_book


def workbook(asked: Asked, look: Look, sides: Sequence[Side]) -> bytes:
    """Return the workbook (.xlsx) of a look; the sides stand beside each other in the table of figures."""
    notes = _notes(asked, look)
    return to_book([_about(asked, look), *(Sheet(*one, notes) for one in _sheets(look, sides))])


def _notes(asked: Asked, look: Look) -> list[str]:
    synthetic = [_("Synthetic data of the demonstration: nobody measured these values.")] if look.synthetic else []
    head = f"{subject_label(asked.subject)}, {look.first} – {look.last}"
    stamp = _("Made: %s") % timezone.localtime().strftime("%Y-%m-%d %H:%M")
    return [*synthetic, head, *note([look]).split(" · "), stamp]


def _about(asked: Asked, look: Look) -> Sheet:
    rows: list[list[Any]] = [
        [_("Place"), subject_label(asked.subject)],
        [_("Period"), period_label(asked.period)],
        [_("First day"), look.first],
        [_("Final day"), look.last],
        [_("Law"), localised(look.law)],
        [_("Standards"), ", ".join((look.law.limits_set, look.law.index_standard, look.law.assessment_set))],
    ]
    return Sheet(_("About"), [_("What"), ""], rows, _notes(asked, look))


def _sheets(look: Look, sides: Sequence[Side]) -> list[tuple[str, list[str], list[list[Any]]]]:
    found = look.assessment
    columns, months = tables.month_table(look.law, look.months)
    bad, heavy = bounds(look.law)
    levels = tables.level_rows(look.law, found.levels)
    runs = [*episodes(look.calendar, bad), *episodes(look.calendar, heavy)]
    return [
        (_("Figures"), *_figures(sides)),
        (_("Composite index"), [_("Pollutant"), _("Full name"), _("Figure"), _("Limit"), _("Single index"), _("Share in %")],
         [[row["code"], row["name"], row["figure"], row["limit"], row["single"], row["share"]]
          for row in tables.composite_rows(found)]),
        (_("Levels"), [_("Level of the AQI"), _("Days")], [[one["name"], one["days"]] for one in levels]),
        (_("Primary pollutants"), [_("Pollutant"), _("Full name"), _("Days"), _("Share in %")],
         [[row["code"], row["name"], row["days"], row["share"]] for row in tables.primary_rows(found)]),
        (_("Months"), columns, months),
        (_("Days"), tables.day_columns(), [[one.day, *tables.day_row(one)[1:]] for one in look.calendar]),
        (_("Daily values"), *_daily(look)),
        (_("Runs of bad days"), [_("Index above"), *tables.episode_columns()], [[one.above, *tables.episode_row(one)] for one in runs]),
        (_("By hour"), *_hours(look)),
        (_("By kind of day"), *_kinds(look)),
    ]  # fmt: skip


def _figures(sides: Sequence[Side]) -> tuple[list[str], list[list[Any]]]:
    columns = [_("Item"), _("Unit"), _("Valid days")]
    for side in sides:
        columns += [side.label, _("%s: limit") % side.label, _("%s: verdict") % side.label]
    rows: list[list[Any]] = []
    for line in tables.figures(sides):
        cells = [part for cell in line.cells for part in (_plain(cell.text), _plain(cell.limit), _verdict(cell))]
        rows.append([line.label, line.unit, line.n, *cells])
    return columns, rows


def _plain(text: str) -> Any:
    """A figure as a number where it is one, so that it can be counted with."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def _verdict(cell: tables.Figure) -> str:
    if cell.keeps is None:
        return ""
    return _("kept") if cell.keeps else ", ".join(part for part in (_("exceeded"), cell.over) if part)


def _daily(look: Look) -> tuple[list[str], list[list[Any]]]:
    """Every day's value of each pollutant, rounded as it is assessed; empty where it is not valid."""
    at = look.days.places.index(look.place)
    daily = look.days.daily
    columns = [
        _("Day"),
        *(f"{code} ({charts.unit_of(code)})" for code in daily),
        *(_("%s: hours") % code for code in daily),
    ]
    rows = [
        [day, *(tables.number(look.law, code, one.fraction(at, n)) for code, one in daily.items()),
         *(int(one.hours[at, n]) for one in daily.values())]
        for n, day in enumerate(look.days.days)
    ]  # fmt: skip
    return columns, rows


def _hours(look: Look) -> tuple[list[str], list[list[Any]]]:
    rows = [
        [item, hour, *tables.cell_row(cell, charts.places_of(look.law, item))]
        for item in items()
        for hour, cell in by_hour(hourly(look.hours, look.place, item, look.law)).items()
    ]
    return [_("Item"), _("Hour (ends at)"), *tables.cell_columns()], rows


def _kinds(look: Look) -> tuple[list[str], list[list[Any]]]:
    rows = [
        [item, str(tables.DAY_TYPE_LABELS[kind]), *tables.cell_row(cell, charts.places_of(look.law, item))]
        for item in items()
        for kind, cell in by_day_type(hourly(look.hours, look.place, item, look.law)).items()
    ]
    return [_("Item"), _("Kind of day"), *tables.cell_columns()], rows
