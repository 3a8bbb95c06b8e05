"""Pages of stations, and the series page: any source, any stretch, raw or without void values, as known on a day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from lantian.air.control import charts
from lantian.air.control.data import DAY, HOUR, Source, hour_label, lang, name_of, newest_day, sources, stretch, unit_of
from lantian.air.control.forms import SeriesFilter
from lantian.air.control.monthly import month_of_sources
from lantian.air.network import Station, kinds
from lantian.air.quality.flags import flags, split
from lantian.air.quality.loading import midnight
from lantian.air.queries import shelf, store_version
from lantian.air.services.quality import near
from lantian.air.tabs import tabs
from lantian.air.views.quality import value_url
from lantian.city import clock
from lantian.city.access import needs
from lantian.city.models import Place
from lantian.city.pack.datum import DATUMS
from lantian.kit.charts import Chart, Point, Series, download
from lantian.standards.arrays import MISSING
from lantian.standards.pollutants import core_codes

_WEEK = 6 * DAY
LONGEST = 400


def _held() -> dict[str, list[Source]]:
    """Sources by code of the station, real ones first."""
    found: dict[str, list[Source]] = {}
    for one in sources().values():
        if one.kind == "station":
            found.setdefault(one.code, []).append(one)
    return {code: sorted(ones, key=lambda one: one.synthetic) for code, ones in found.items()}


def _all() -> list[tuple[str, Station | None, list[Source]]]:
    """Every station of the pack or of the store: code, what the pack says, what the store holds."""
    held = _held()
    listed = list(shelf().network.stations) if store_version() else []
    known = [(one.code, one, held.get(one.code, [])) for one in listed]
    return [*known, *((code, None, ones) for code, ones in held.items() if code not in {one.code for one in listed})]


@needs("air.view")
def listed(request: HttpRequest) -> HttpResponse:
    """All stations: what they are, where, how fresh and how complete their hours are."""
    if store_version() is None:
        return render(request, "air/quality_empty.html", {"title": _("Stations"), "tabs": tabs(request)})
    month = newest_day("station").replace(day=1)
    months = {one.source.source: one for one in month_of_sources(month, clock.now(), "station")}
    names = _place_names()
    rows = []
    for code, station, ones in _all():
        mine = ones[0] if ones else None
        found = months.get(mine.source) if mine else None
        rows.append({
            "code": code, "name": station.name(lang()) if station else code, "url": reverse("air:station", args=[code]),
            "place": names.get(station.place, station.place) if station else "",
            "kind": _kind(station), "synthetic": bool(mine and mine.synthetic) or bool(station and station.synthetic),
            "last": hour_label(mine.last) if mine else "", "capture": found.capture if found else None,
            "suspect": found.suspect if found else None, "counts": bool(station and station.counts_for),
        })  # fmt: skip
    drawn = _map(rows_with_position(), names)
    if drawn and (answer := download(request, [drawn])):
        return answer
    context = {
        "title": _("Stations"), "tabs": tabs(request), "rows": rows, "month": f"{month:%Y-%m}",
        "chart": drawn,
        "synthetic": any(row["synthetic"] for row in rows),
    }  # fmt: skip
    return render(request, "air/stations.html", context)


def _place_names() -> dict[str, str]:
    return {one.code: str(one) for one in Place.objects.exclude(code="").only("code", "name", "name_en")}


def _kind(station: Station | None) -> str:
    if station is None or station.kind not in kinds():
        return ""
    found = kinds()[station.kind]
    return found.en if lang() == "en" else found.zh


def rows_with_position() -> list[Station]:
    return [one for one in shelf().network.stations if one.lon is not None and one.lat is not None]


def _map(stations: list[Station], names: dict[str, str], here: str = "") -> Chart | None:
    """Return a map of the areas with the stations as points; None where the pack has no boundaries or positions."""
    areas = [one for one in Place.objects.areas() if one.boundary]
    if not areas or not stations:
        return None
    features = [{"type": "Feature", "properties": {"name": str(one)}, "geometry": one.boundary} for one in areas]
    points = tuple(
        Point(
            one.name(lang()),
            *_shown_at(one),
            text=names.get(one.place, ""),
            link=reverse("air:station", args=[one.code]),
        )
        for one in stations
    )
    return Chart(
        "stations", _("Where the stations stand"), "map", [str(one) for one in areas],
        (Series(_("stations"), [sum(each.place == one.code for each in stations) for one in areas]),),
        geometry={"type": "FeatureCollection", "features": features}, points=points,
        synthetic=any(one.synthetic for one in stations),
        note=_("Positions as the list of stations gives them, brought to the map's datum."),
    )  # fmt: skip


def _shown_at(one: Station) -> tuple[float, float]:
    """Degrees in the datum of the boundaries in the database (WGS-84)."""
    lon, lat = DATUMS[one.datum](np.array([[one.lon, one.lat]], dtype=np.float64))[0].tolist()
    return lon, lat


@needs("air.view")
def station(request: HttpRequest, code: str) -> HttpResponse:
    """One station: what it is, latest values, the last seven days, capture, flags, neighbours."""
    if store_version() is None:
        raise Http404
    entry = next((one for one in _all() if one[0] == code), None)
    if entry is None:
        raise Http404
    _code, known, ones = entry
    mine = ones[0] if ones else None
    item = request.GET.get("item", "")
    item = item if item in core_codes() else core_codes()[-1]
    drawn: list[Chart] = []
    context: dict[str, Any] = {
        "title": known.name(lang()) if known else code, "tabs": tabs(request), "code": code, "station": known,
        "kind": _kind(known), "source": mine, "item": item, "items": core_codes(),
        "place": _place_names().get(known.place, known.place) if known else "",
    }  # fmt: skip
    if mine:
        last = mine.last.date()
        week = stretch(mine.source, item, last - _WEEK, last, neighbours=3)
        title = f"{context['title']} · {item} · {last - _WEEK} – {last}"
        drawn.append(charts.curve("week", mine.source, item, week, title=title))
        context |= {
            "latest": _latest(mine), "last": hour_label(mine.last), "month": _month(mine), "flagged": _flagged(mine, last),
            "neighbours": _neighbours(mine), "series": _series_url(mine, item, last - _WEEK, last),
        }  # fmt: skip
    where = _map([known], _place_names()) if known and known.lon is not None and known.lat is not None else None
    drawn += [where] if where else []
    if answer := download(request, drawn):
        return answer
    context |= {"chart": drawn[0] if mine else None, "map": where}
    return render(request, "air/station.html", context)


def _latest(one: Source) -> list[dict[str, Any]]:
    """The newest value of each pollutant of the last day."""
    day = one.last.date()
    found = stretch(one.source, core_codes()[0], day - DAY, day)
    rows = []
    for at, code in enumerate(core_codes()):
        values = found.loaded.block.values[0, at]
        there = [n for n, value in enumerate(values.tolist()) if value != MISSING]
        rows.append({
            "item": code, "unit": unit_of(code), "value": values[there[-1]] / 1000 if there else None,
            "label": hour_label(found.starts[there[-1]]) if there else "",
            "url": value_url(one.source, code, found.starts[there[-1]]) if there else "",
        })  # fmt: skip
    return rows


def _month(one: Source) -> Any:
    months = month_of_sources(one.last.date().replace(day=1), clock.now(), one.kind)
    return next((each for each in months if each.source.source == one.source), None)


def _flagged(one: Source, last: dt.date) -> list[dict[str, Any]]:
    """Flags of the last 30 days, counted."""
    found = stretch(one.source, core_codes()[0], last - 29 * DAY, last)
    counts: Counter[tuple[int, str]] = Counter()
    for pollutant, names in (
        found.loaded.rows.filter(found.loaded.rows["subject"] == 0).select("pollutant", "flags").iter_rows()
    ):
        counts.update((pollutant, name) for name in split(names))
    known = flags()
    return [
        {"item": core_codes()[at], "flag": known[name].label(lang()) if name in known else name, "n": n,
         "void": name in known and known[name].void}
        for (at, name), n in sorted(counts.items())
    ]  # fmt: skip


def _neighbours(one: Source) -> list[dict[str, Any]]:
    return [
        {"name": name_of(other), "url": reverse("air:station", args=[sources()[other].code]) if sources()[other].kind == "station" else ""}
        for other in near(tuple(sources())).get(one.source, ())[:12]
        if other in sources()
    ]  # fmt: skip


def _series_url(one: Source, item: str, first: dt.date, last: dt.date) -> str:
    query = QueryDict(mutable=True)
    query.update({"source": one.source, "item": item, "first": str(first), "last": str(last)})
    return f"{reverse('air:series')}?{query.urlencode()}"


@needs("air.view")
def series(request: HttpRequest) -> HttpResponse:
    """Any source over any stretch, raw or without void values, as known on a day; flags are marks on the curve."""
    known = sources() if store_version() else {}
    if not known:
        return render(request, "air/quality_empty.html", {"title": _("Series"), "tabs": tabs(request, "air:places")})
    chosen = known.get(request.GET.get("source", "")) or next(iter(known.values()))
    last = min(chosen.last.date(), max(clock.today(), chosen.first.date()))
    initial = {"source": chosen.source, "item": core_codes()[-1], "first": str(last - _WEEK), "last": str(last)}
    data = request.GET.copy()
    for name, text in initial.items():
        if name not in data:
            data[name] = text
    form = SeriesFilter(data)
    drawn = _drawn(form)
    if drawn and (answer := download(request, [drawn])):
        return answer
    context = {"title": _("Series with flags"), "tabs": tabs(request, "air:places"), "filter": form, "chart": drawn}
    return render(request, "air/series.html", context)


def _drawn(form: SeriesFilter) -> Chart | None:
    """Return the chart that is asked for; None with the faults on the form."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    first, last = asked["first"], asked["last"]
    if last < first or (last - first).days >= LONGEST:
        form.add_error(
            "last", _("Choose a period of up to %(n)d days that does not end before it begins.") % {"n": LONGEST}
        )
        return None
    on = midnight(asked["known"] + DAY, shelf().offset) - HOUR / 3600 if asked["known"] else None
    found = stretch(asked["source"], asked["item"], first, last, as_known_on=on)
    title = f"{name_of(asked['source'])} · {asked['item']} · {first} – {last}"
    if asked["known"]:
        title += " · " + _("as known on %s") % asked["known"]
    return charts.curve("series", asked["source"], asked["item"], found, title=title, without=asked["without"])
