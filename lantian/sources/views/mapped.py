"""The register on a map: enterprises or coal boilers over the areas, circles of large plants, zones; a list beside it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import shapely
from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from shapely.geometry import shape

from lantian.city import clock
from lantian.city.access import SignedRequest, needs, scope_of
from lantian.city.models import LoadedPack, Place
from lantian.kit.choices import family
from lantian.kit.forms import dress
from lantian.sources.drawing import Spot, Window, fitted, gathered, outline, parse_window, ring_path
from lantian.sources.kinds import industries
from lantian.sources.queries import visible_to
from lantian.sources.rules.geo import circle
from lantian.sources.snapshot import Firm, snapshot
from lantian.sources.spatial import judged, plants_on, radius, zones
from lantian.sources.tabs import tabs
from lantian.sources.zone_words import zone_kind, zone_name

LISTED = 60
_DRAWN_ZONES = ("built_up", "no_coal", "planning", "no_high_pollution_fuel")


class MapForm(forms.Form):
    what = forms.ChoiceField(label=gettext_lazy("Shown"), required=False)
    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)
    industry = forms.ChoiceField(label=gettext_lazy("industry"), required=False)
    grade = forms.ChoiceField(label=gettext_lazy("performance grade"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("state"), required=False)
    zone = forms.ChoiceField(label=gettext_lazy("Zones"), required=False)

    def __init__(self, data: QueryDict, areas: list[Place], kinds: Iterable[str]) -> None:
        super().__init__(data)
        any_: list[tuple[str, Any]] = [("", "---------")]
        given: dict[str, list[tuple[str, Any]]] = {
            "what": [("", _("enterprises")), ("coal", _("coal boilers"))],
            "area": any_ + [(one.code, str(one)) for one in areas],
            "industry": any_ + list(industries()),
            "grade": any_ + _family("enterprise_grade"),
            "state": any_ + _family("enterprise_state"),
            "zone": any_ + [(kind, zone_kind(kind)) for kind in _DRAWN_ZONES if kind in kinds],
        }
        for name, choices in given.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            dress(self.fields[name])
        self.is_valid()

    def said(self, name: str) -> str:
        """Return an answer, "" where there is none or one that is no choice."""
        return str(self.cleaned_data.get(name) or "") if hasattr(self, "cleaned_data") else ""


def _family(name: str) -> list[tuple[str, Any]]:
    return [(value or "-", choice.label) for value, choice in family(name).items()]


@needs("source.view")
def page(request: SignedRequest) -> HttpResponse:
    """Draw what the address asks for; `window` in it is what is seen, in degrees."""
    day, register = clock.today(), snapshot()
    areas = list(Place.objects.areas().defer("boundary"))
    known = zones(register)
    form = MapForm(request.GET, areas, known.kinds())
    seen = set(visible_to(scope_of(request.user)).order_by().values_list("pk", flat=True))
    firms = [one for one in register.firms.values() if one.key in seen and _wanted(one, form)]
    coal = form.said("what") == "coal"
    chosen = {one.key for one in firms}
    spots = _boilers(register, day, chosen) if coal else _firms(firms)
    total = _coal_count(register, day, chosen) if coal else len(firms)
    outlines = _outlines()
    window = parse_window(request.GET.get("window", "")) or _home(outlines, form.said("area"), spots)
    dots = gathered(spots, window)
    listed = sorted((spot for dot in dots for spot in dot.spots), key=lambda one: one.label)
    plants = plants_on(register, day).large
    context = {
        "title": pgettext("sources", "Map"), "tabs": tabs(request), "form": form, "window": window, "dots": [
            (dot, _link(request, window=dot.window.written()) if dot.window else "") for dot in dots
        ],
        "areas": [(name, path) for code, name, geometry in outlines if (path := outline(geometry, window))],
        "zones": [
            (zone_name(zone), zone.kind, path)
            for zone in known.zones.values()
            if zone.kind == form.said("zone") and zone.in_force(day) and (path := outline(zone.geometry, window))
        ],
        "circles": [
            (one.firm.shown, ring_path(circle(one.lon, one.lat, radius(day)), window), *_where(one.lon, one.lat, window))
            for one in plants
            if one.lon is not None and one.lat is not None
        ],
        "km": round(radius(day) / 1000), "listed": listed[:LISTED], "more": len(listed) - LISTED, "inside": len(listed),
        "total": total, "unplaced": total - len(spots), "legend": _legend(coal), "moves": _moves(request, window),
        "synthetic": any(one.synthetic for one in firms), "list_link": _list_link(request), "coal": coal,
    }  # fmt: skip
    return render(request, "sources/map.html", context)


def _wanted(firm: Firm, form: MapForm) -> bool:
    asked = {"area": firm.area, "industry": firm.industry, "grade": firm.grade or "-", "state": firm.state}
    return all(not form.said(name) or form.said(name) == value for name, value in asked.items())


def _firms(firms: list[Firm]) -> list[Spot]:
    grades = family("enterprise_grade")
    found = []
    for one in firms:
        if one.lon is not None and one.lat is not None:
            sign = {"leading": "★", "livelihood": "✚"}.get(one.grade, one.grade)
            link = reverse("sources:enterprise", args=[one.code])
            found.append(Spot(one.lon, one.lat, one.shown, link, grades[one.grade].colour, sign))
    return found


def _boilers(register: Any, day: Any, chosen: set[int]) -> list[Spot]:
    found = []
    for one in judged(register, day):
        boiler = one.boiler
        if boiler.fuel == "coal" and boiler.left_on(day) and boiler.firm.key in chosen and one.placed:
            size = "" if boiler.th is None else f" · {boiler.th:g} t/h"
            link = reverse("sources:enterprise", args=[boiler.firm.code])
            tone = "red" if one.near is not None else "grey"
            label = f"{boiler.firm.shown} · {boiler.name or boiler.code}{size}"
            found.append(Spot(boiler.lon or 0.0, boiler.lat or 0.0, label, link, tone, "!" if one.near else ""))
    return found


def _coal_count(register: Any, day: Any, chosen: set[int]) -> int:
    return sum(one.fuel == "coal" and one.left_on(day) and one.firm.key in chosen for one in register.boilers)


def _legend(coal: bool) -> list[tuple[str, str, Any]]:
    """(colour, sign, words) of every dot that may be there."""
    if coal:
        return [("red", "!", _("coal boiler inside a circle")), ("grey", "", _("other coal boiler"))]
    signs = {"leading": "★", "livelihood": "✚"}
    return [(one.colour, signs.get(value, value), one.label) for value, one in family("enterprise_grade").items()]


def _where(lon: float, lat: float, window: Window) -> tuple[float, float]:
    x, y = window.project(lon, lat)
    return round(x, 1), round(y, 1)


def _outlines() -> list[tuple[str, str, Any]]:
    pack = LoadedPack.objects.only("pk", "sha256").first()
    return _read_outlines(pack.pk, pack.sha256) if pack else []


@lru_cache(maxsize=2)
def _read_outlines(_pack: int, _sha256: str) -> list[tuple[str, str, Any]]:
    """(code, name, geometry) of every area with a boundary."""
    return [(one.code, str(one), shape(one.boundary)) for one in Place.objects.areas() if one.boundary]


def _home(outlines: list[tuple[str, str, Any]], area: str, spots: list[Spot]) -> Window:
    """The window that shows the area asked for, else the whole city; without boundaries what there is."""
    shapes = [geometry for code, _name, geometry in outlines if code == area] or [one for *_rest, one in outlines]
    if shapes:
        west, south, east, north = shapely.total_bounds(shapes)
        margin = (east - west) * 0.02
        return fitted(west - margin, south - margin, east + margin, north + margin)
    if spots:
        lons, lats = [one.lon for one in spots], [one.lat for one in spots]
        return fitted(min(lons) - 0.02, min(lats) - 0.02, max(lons) + 0.02, max(lats) + 0.02)
    return fitted(73.0, 18.0, 135.0, 54.0)


def _link(request: SignedRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
        if not value:
            del query[name]
    return f"{request.path}?{query.urlencode()}"


def _moves(request: SignedRequest, window: Window) -> list[tuple[str, Any, str]]:
    """(sign, words, address) of the ways to move the window; they work without a script and by keyboard."""
    steps = [
        ("+", _("closer"), window.zoomed(0.5)), ("−", _("farther"), window.zoomed(2)),
        ("↑", _("to the north"), window.moved(0, 0.4)), ("↓", _("to the south"), window.moved(0, -0.4)),
        ("←", _("to the west"), window.moved(-0.4, 0)), ("→", _("to the east"), window.moved(0.4, 0)),
    ]  # fmt: skip
    found = [(sign, words, _link(request, window=there.written())) for sign, words, there in steps]
    return [*found, ("⌂", _("everything"), _link(request, window=""))]


def _list_link(request: SignedRequest) -> str:
    query = request.GET.copy()
    for name in ("what", "window", "zone"):
        query.pop(name, None)
    return f"{reverse('sources:list')}?{query.urlencode()}"
