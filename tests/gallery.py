"""Addresses of the whole site with one page more: every kind of chart, for the tests of the chart kit."""

from __future__ import annotations

import datetime as dt
import math

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

from lantian.kit.charts import Band, Chart, Mark, Point, Series, Step, download

STEPS = (
    Step(0, 50, "优", "#00E400"),
    Step(51, 100, "良", "#FFFF00"),
    Step(101, 150, "轻度污染", "#FF7E00"),
    Step(151, 200, "中度污染", "#FF0000"),
    Step(201, 300, "重度污染", "#99004C"),
    Step(301, 500, "严重污染", "#7E0023"),
)
NOTE = "规则版本 air-1 · n = 29/30 · 数据捕获率 96.7 % · HJ 633-2012. The mean of a day needs 20 hours; of ozone 14 windows."
DAYS = tuple((dt.date(2020, 1, 1) + dt.timedelta(days=n)).isoformat() for n in range(366))
_PAGE = """{% extends "web/base.html" %}{% block content %}{% for one in charts %}{% chart one %}{% endfor %}{% endblock %}"""


def wave(at: int, of: int = 30, height: float = 40, base: float = 60) -> float:
    return round(base + height * math.sin(at * 2 * math.pi / of), 1)


def lines() -> Chart:
    x = DAYS[:30]
    values = tuple(None if n in (7, 8, 20) else wave(n) for n in range(30))
    return Chart(
        "lines",
        "临水市 PM2.5 与 O3 <1>",
        "lines",
        x,
        (
            Series("PM2.5", values, "µg/m³", n=(24,) * 30, decimals=1),
            Series("O3", tuple(wave(n, 11, 30, 90) for n in range(30)), "µg/m³", decimals=1),
            Series("CO", tuple(wave(n, 7, 0.4, 1) for n in range(30)), "mg/m³", axis=1, decimals=1),
        ),
        marks=(Mark("二级限值 / limit", 75),),
        bands=(Band(x[12], x[14], "沙尘 / dust"),),
        note=NOTE,
        synthetic=True,
        x_name="日期",
    )


def bars() -> Chart:
    places = ("北山县", "临水区", "Nanwan County", "西岭市")
    parts = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")
    series = tuple(
        Series(name, tuple(round(0.3 + 0.1 * ((at + n) % 5), 2) for n in range(4)), stack="index", decimals=2)
        for at, name in enumerate(parts)
    )
    return Chart(
        "bars", "综合指数 / Composite index", "bars", places, series, note=NOTE, horizontal=True, links=("/?a",) * 4
    )


def columns() -> Chart:
    x = tuple(f"{n:02}:00" for n in range(24))
    return Chart(
        "columns", "AQI", "bars", x, (Series("AQI", tuple(20 + n * 14 for n in range(24))),), steps=STEPS, size="low"
    )


def heat() -> Chart:
    names = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
    rows = tuple(
        Series(name, tuple(None if (n, at) == (3, 2) else n * 9 + at * 7 for n in range(24)), "µg/m³")
        for at, name in enumerate(names)
    )
    return Chart(
        "heat", "小时与星期 / hour and weekday", "heat", tuple(f"{n}" for n in range(24)), rows, steps=STEPS, note=NOTE
    )


def shades() -> Chart:
    rows = tuple(Series(f"{year}", tuple(year % 100 + n for n in range(12))) for year in (2018, 2019, 2020))
    return Chart("shades", "月均值", "heat", tuple(f"{n}月" for n in range(1, 13)), rows, size="low")


def calendar() -> Chart:
    values = tuple(None if 40 < n < 50 else int(wave(n, 366, 120, 130)) for n in range(366))
    texts = tuple("" if value is None else "PM2.5" for value in values)
    return Chart(
        "calendar", "2020 年 AQI 日历", "calendar", DAYS, (Series("AQI", values, texts=texts),), steps=STEPS, note=NOTE
    )


def boxes() -> Chart:
    x = tuple(f"{n}月" for n in range(1, 13))
    values = tuple(None if n == 5 else (10 + n, 20 + n, 35 + n, 50 + 2 * n, 90 + 3 * n) for n in range(12))
    return Chart("boxes", "月分布 / by month", "box", x, (Series("PM2.5", values, "µg/m³", n=(30,) * 12),), note=NOTE)


def chart_map() -> Chart:
    def area(name: str, west: float, south: float) -> dict[str, object]:
        ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]
        return {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    geometry = {
        "type": "FeatureCollection",
        "features": [area("北山县", 112, 39), area("临水区", 112, 38), area("西岭市", 113, 38)],
    }
    return Chart(
        "map",
        "实时 AQI",
        "map",
        ("北山县", "临水区", "西岭市"),
        (Series("AQI", (35, 160, None), texts=("优", "中度污染 PM10", "")),),
        steps=STEPS,
        geometry=geometry,
        points=(Point("站点一", 112.4, 38.5, 155, "中度污染"), Point("站点二", 112.8, 38.3)),
        note=NOTE,
        synthetic=True,
    )


def year_of_hours() -> Chart:
    start = dt.datetime(2020, 1, 1)
    x = tuple(f"{start + dt.timedelta(hours=n):%Y-%m-%d %H:%M}" for n in range(8784))
    series = tuple(
        Series(name, [wave(n + 5 * at, 24 * (at + 1), 30, 50 + 10 * at) for n in range(8784)], "µg/m³", decimals=1)
        for at, name in enumerate(("PM2.5", "PM10", "SO2", "NO2", "CO", "O3"))
    )
    return Chart("hours", "全年逐时", "lines", x, series, note=NOTE)


def charts() -> list[Chart]:
    return [lines(), bars(), columns(), heat(), shades(), calendar(), boxes(), chart_map(), year_of_hours()]


def gallery(request: HttpRequest) -> HttpResponse:
    made = charts()
    if answer := download(request, made):
        return answer
    only = request.GET.get("only")
    context = RequestContext(request, {"charts": [one for one in made if only in (None, one.id)], "title": "Charts"})
    return HttpResponse(Template(_PAGE).render(context))


urlpatterns = [path("gallery/", gallery), path("", include("lantian.urls"))]
