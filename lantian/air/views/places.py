"""Pages about one place: the list of places, overview, calendar, distributions, a day."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.air.assessing.subjects import STATIONS, Subject
from lantian.air.places import charts, report, tables
from lantian.air.places.asked import (
    Asked,
    Offer,
    UnanswerableError,
    frame,
    last_day,
    localised,
    period_label,
    place_page,
    place_url,
    subject_label,
    url_of,
)
from lantian.air.places.data import (
    RECENT_DAYS,
    flags_of_day,
    look,
    looks_by_law,
    measured,
    origin_label,
    recent_capture,
    subjects,
    two_years,
)
from lantian.air.places.notes import capture_of, note, one_decimal
from lantian.air.profiles.calendar import bounds, episodes
from lantian.air.profiles.cells import by_day_type, by_day_type_hour, by_month, by_weekday_hour, unknown_years
from lantian.air.profiles.dayhours import hours_of_day
from lantian.air.profiles.look import Look
from lantian.air.profiles.values import INDEX, Values, daily, daily_index, hourly
from lantian.air.tabs import tabs
from lantian.city.access import needs, scope_of
from lantian.city.models import Place
from lantian.kit.charts import download
from lantian.kit.export import XLSX_MIME, attachment
from lantian.standards.regimes import regime_named, regimes

_DAY = dt.timedelta(days=1)


def found_or_refused(asked: Asked, looks: list[Look]) -> list[Look]:
    """Return the looks, or refuse where nothing at all was measured."""
    if not any(one.hours_there for one in looks):
        raise asked.no_data()
    return looks


@needs("air.view")
def listed(request: HttpRequest) -> HttpResponse:
    """All places and stations that have data; the person's own county comes first."""
    known = subjects()
    captures = recent_capture(known)
    rows = [_row(one, captures) for one in known]
    mine = _own_codes(request)
    own = [row for row in rows if row["subject"].code in mine or row["subject"].name in mine]
    groups = [(_("Your area"), own), *((label, [row for row in rows if row["subject"].kind == kind])
              for kind, label in kind_labels().items())]  # fmt: skip
    context = {
        "title": pgettext("air", "Places"),
        "tabs": tabs(request),
        "groups": [{"label": label, "rows": found} for label, found in groups if found],
        "problem": None if rows else _nothing(request),
        "recent_days": RECENT_DAYS,
    }
    return render(request, "air/places.html", context)


def _row(one: Subject, captures: dict[tuple[str, str], Fraction]) -> dict[str, Any]:
    return {
        "subject": one,
        "label": subject_label(one),
        "url": place_url(one),
        "origins": [{"label": origin_label(each), "synthetic": each.synthetic} for each in one.origins],
        "first": one.first.date(),
        "last": last_day(one),
        "capture": one_decimal(captures.get((one.kind, one.name))),
    }


def kind_labels() -> dict[str, str]:
    """Kinds of places in the order of the list."""
    return {"area": _("Counties and areas"), "city": _("Cities"), "station": _("Stations")}


def _own_codes(request: HttpRequest) -> set[str]:
    """Codes and names of the counties and towns that a person answers for."""
    ids = scope_of(request.user).place_ids
    if not ids:
        return set()
    found = Place.objects.filter(pk__in=ids, kind__in=Place.AREA_KINDS).values_list("code", "name")
    return {text for pair in found for text in pair}


def _nothing(request: HttpRequest) -> UnanswerableError:
    url = url_of("air:imports") if scope_of(request.user).may("air.import") else ""
    return UnanswerableError(
        _("There are no air data yet."),
        hint=_("Import a file of hourly values, or ask the office to do it; the places in it then stand here."),
        offers=(Offer(_("Import data"), url),) if url else (),
        status=200,
    )


@place_page("place")
def overview(request: HttpRequest, asked: Asked) -> HttpResponse:
    """A place over a period: figures with limits, good days, composite index, primary pollutants."""
    law = asked.law()
    [main] = found_or_refused(asked, [look(asked.subject, asked.shown.first, asked.shown.last, law)])
    drawn = charts.overview(asked, main)
    if answer := download(request, drawn):
        return answer
    found = main.assessment
    months = main.months
    columns, rows = tables.month_table(law, months)
    beside = sides(asked, main)
    context = frame(asked, [main]) | {
        "look": main,
        "found": found,
        "charts": drawn,
        "sides": [one.label for one in beside],
        "figures": tables.figures(beside),
        "both": main.both,
        "composite": tables.composite_rows(found),
        "primary": tables.primary_rows(found),
        "levels": tables.level_rows(law, found.levels),
        "month_columns": columns,
        "month_rows": rows if len(months) > 1 else [],
        "note": note([main]),
        "capture": capture_of([main]),
        "workbook": asked.url("place_workbook", beside=asked.beside),
    }
    return render(request, "air/place.html", context)


def sides(asked: Asked, main: Look) -> list[tables.Side]:
    """Return the columns of the figures: as measured, without dust hours, and under another law where that is asked for."""
    law, both = main.law, main.both
    found = [tables.Side(localised(law), both.raw)]
    if both.dust_hours:
        found.append(tables.Side(_("%s, dust hours left out") % localised(law), both.deducted))
    if asked.beside and asked.beside != law.name:
        other = look(asked.subject, asked.shown.first, asked.shown.last, regime_named(asked.beside))
        found.append(tables.Side(localised(other.law), other.assessment))
        if other.both.dust_hours:
            found.append(tables.Side(_("%s, dust hours left out") % localised(other.law), other.both.deducted))
    return found


def by_law(asked: Asked) -> list[Look]:
    """Return the looks of the shown period, one for each law that holds in it, or one under the law that is asked for."""
    if asked.shown.first < regimes()[0].start and not asked.regime:
        raise asked.unknown_law()
    return found_or_refused(asked, looks_by_law(asked.subject, asked.shown.first, asked.shown.last, asked.regime))


@place_page("place_calendar")
def calendar(request: HttpRequest, asked: Asked) -> HttpResponse:
    """A year's days by level, and its runs of bad days."""
    year = asked.whole_year()
    looks = by_law(year)
    drawn = [charts.calendar(year, looks)]
    if answer := download(request, drawn):
        return answer
    days = [one for each in looks for one in each.calendar]
    bad, heavy = bounds(looks[-1].law)
    context = frame(year, looks) | {
        "charts": drawn,
        "columns": tables.episode_columns(),
        "runs": [
            {"above": above, "rows": [tables.episode_row(one) for one in episodes(days, above)]}
            for above in (bad, heavy)
        ],
        "note": note(looks),
    }
    return render(request, "air/place_calendar.html", context)


@place_page("place_distribution")
def distribution(request: HttpRequest, asked: Asked) -> HttpResponse:
    """How an item is spread over hours, weekdays, kinds of days, months."""
    looks = by_law(asked)
    hours, days = joined(asked, looks)
    only_days = all(one.only_days for one in looks if one.hours_there)
    kinds = {} if only_days else by_day_type(hours)
    drawn = [charts.month_boxes(asked, looks, by_month(days))]
    if not only_days:
        heat = charts.hour_heat(asked, looks, by_weekday_hour(hours))
        drawn = [heat, charts.day_types(asked, looks, by_day_type_hour(hours)), *drawn]
    if answer := download(request, drawn):
        return answer
    places = charts.places_of(looks[0].law, asked.item)
    context = frame(asked, looks) | {
        "charts": drawn,
        "columns": [_("Kind of day"), *tables.cell_columns()],
        "rows": [[str(tables.DAY_TYPE_LABELS[kind]), *tables.cell_row(cell, places)] for kind, cell in kinds.items()],
        "unknown_years": unknown_years(hours.days),
        "note": note(looks),
    }
    return render(request, "air/place_distribution.html", context)


def joined(asked: Asked, looks: list[Look]) -> tuple[Values, Values]:
    """Return the item's hourly and daily values over all looks."""
    hours = [hourly(one.hours, one.place, asked.item, one.law) for one in looks]
    if asked.item == INDEX:
        days = [daily_index(one.first, [day.aqi for day in one.calendar]) for one in looks]
    else:
        days = [daily(one.days, one.place, asked.item) for one in looks]
    return Values.joined(hours), Values.joined(days)


@place_page("place_day")
def day(request: HttpRequest, asked: Asked) -> HttpResponse:
    """The 24 hours of a day: values, index, sliding means, flags."""
    chosen = asked.day
    law = asked.law_of_day(chosen)
    main = look(asked.subject, chosen, chosen, law)
    if not main.hours_there:
        raise asked.no_data_on(chosen)
    # The day before is read too: the sliding means of the first hours reach into it.
    two = measured(asked.subject, chosen - _DAY, chosen).hours(law)
    hours = hours_of_day(law, two, asked.subject.name)
    # Files have the exact values, as the interface for programs does.
    made = main.days.origins[0].basis == STATIONS and "chart" not in request.GET
    rounded_by = law if made else None
    drawn = []
    if not main.only_days:
        drawn = [
            charts.day_index(main, hours), charts.day_values(main, hours, rounded_by), charts.day_sliding(main, hours),
        ]  # fmt: skip
    if answer := download(request, drawn):
        return answer
    flags = flags_of_day(asked.subject, chosen, main.days.origins[0])
    columns, rows = tables.hour_table(hours, flags, rounded_by)
    context = frame(asked, [main]) | {
        "charts": drawn,
        "mark": main.calendar[0],
        "mark_level": tables.day_level(main.calendar[0]),
        "columns": columns,
        "rows": [] if main.only_days else rows,
        "daily": tables.daily_rows(main),
        "rounded": made,
        "note": note([main]),
    }
    return render(request, "air/place_day.html", context)


@place_page("place_years")
def years(request: HttpRequest, asked: Asked) -> HttpResponse:
    """A period and the same days a year before, both under one law and in one reference state."""
    law = asked.law()
    two = two_years(asked.subject, asked.shown, law)
    if not two.now.hours_there:
        raise asked.no_data()
    if not two.before.hours_there:
        raise asked.no_data_before(two.before)
    labels = (period_label(asked.shown), period_label(asked.shown.years_before()))
    drawn = charts.years(asked, two, labels)
    if answer := download(request, drawn):
        return answer
    context = frame(asked, [two.now, two.before]) | {
        "charts": drawn,
        "labels": labels,
        "two": two,
        "basis": tables.basis_text(two),
        "columns": tables.year_columns(labels),
        "rows": tables.year_rows(two),
        "note": note([two.now, two.before], tables.basis_text(two)),
    }
    return render(request, "air/place_years.html", context)


@place_page("place_workbook")
def workbook(request: HttpRequest, asked: Asked) -> HttpResponse:
    """All tables of a place and period as an Excel file."""
    law = asked.law()
    [main] = found_or_refused(asked, [look(asked.subject, asked.shown.first, asked.shown.last, law)])
    mark = [_("Synthetic")] if main.synthetic else []
    name = "-".join([*mark, subject_label(asked.subject), asked.period.text]).replace("/", "-")
    return attachment(report.workbook(asked, main, sides(asked, main)), f"{name}.xlsx", XLSX_MIME)
