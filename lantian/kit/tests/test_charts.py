"""Charts as data: refused when they cannot be drawn, their table and files, what the page holds."""

from __future__ import annotations

import io
import json
import re
import time
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
from django.http import Http404
from django.test import RequestFactory
from django.utils.translation import override

from lantian.kit.charts import Chart, ChartError, Series, download, render_chart, table_of
from lantian.kit.charts.pages import TABLE_ROWS, json_text
from lantian.kit.charts.plain import plain
from lantian.kit.charts.table import plain_number, written
from tests import gallery

X = ("a", "b", "c")


@pytest.fixture
def get():
    return RequestFactory().get


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"id": "No Id"}, "small letters"),
        ({"kind": "pie"}, "there is no kind 'pie'"),
        ({"size": "huge"}, "no size"),
        ({"columns": ("A",)}, "columns and rows"),
        ({"kind": "map"}, "geometry"),
        ({"links": ("/",)}, "1 links for 3 x"),
        ({"kind": "calendar"}, "'a' is no ISO day"),
        ({"series": (Series("s", (1, 2)),)}, "2 values for 3 x"),
        ({"series": (Series("s", (1, 2, 3), colour="red"),)}, "no colour"),
        ({"series": (Series("s", (1, 2, 3), kind="pie"),)}, "no kind"),
        ({"series": (Series("s", (1, 2, 3), axis=2),)}, "axis"),
        ({"series": (Series("s", (1, 2, 3), n=(1,)),)}, "1 n"),
        ({"bands": (gallery.Band("a", "z", "?"),)}, "'z', which is not in x"),
        ({"steps": (gallery.Step(0, 1, "x", "green"),)}, "no colour"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(change, wrong):
    good = {"id": "one", "title": "One", "kind": "lines", "x": X, "series": (Series("s", (1, 2, 3)),)}
    Chart(**good)
    with pytest.raises(ChartError, match=wrong):
        Chart(**{**good, **change})


def test_numbers_become_plain_and_gaps_stay_gaps():
    values = (None, 3, 0, Decimal("4.80"), Fraction(1, 3), float("nan"), float("inf"), 1.23456)
    assert [plain_number(one, 2) for one in values] == [None, 3, 0, 4.8, 0.33, None, None, 1.23]
    assert plain_number((1, Decimal("2.5"), None)) == [1, 2.5, None]
    assert (written(None), written(0), written(4.8, 2), written(""), written(1e-7)) == (
        "–",
        "0",
        "4.80",
        "–",
        "0.0000001",
    )


@pytest.mark.parametrize("one", gallery.charts(), ids=lambda one: one.id)
def test_the_table_is_what_the_script_draws(one):
    columns, rows = table_of(one)
    drawn = plain(one)
    assert all(len(row) == len(columns) for row in rows)
    if one.kind == "box":
        assert [list(row[1:6]) for row in rows] == [v or [None] * 5 for v in drawn["series"][0]["values"]]
        assert [row[6] for row in rows] == drawn["series"][0]["n"]
        return
    assert [row[0] for row in rows[: len(one.x)]] == drawn["x"]
    at = 1
    for series in drawn["series"]:
        assert [row[at] for row in rows[: len(one.x)]] == series["values"]
        at += 1 + ("texts" in series) + ("n" in series)
    assert len(rows) == len(one.x) + len(one.points)


def test_a_table_of_its_own_takes_the_place_of_the_series():
    one = Chart("one", "One", "bars", X, (Series("s", (1, 2, 3)),), columns=("A", "B"), rows=(("x", 1),))
    assert table_of(one) == (("A", "B"), (("x", 1),))


def block(html: str) -> dict:
    found = re.search(r'<script type="application/json" data-chart-data>(.*?)</script>', html, re.DOTALL)
    return json.loads(found.group(1))


def test_the_page_holds_data_table_note_mark_and_downloads(get):
    one = gallery.lines()
    with override("zh-hans"):
        html = render_chart(get("/x/?month=2020-05"), one)
    data = block(html)
    assert data["series"][0]["values"] == plain(one)["series"][0]["values"]
    assert data["synthetic"] is True
    assert data["title"] == "临水市 PM2.5 与 O3 <1>"
    assert "<1>" not in html, "a title must not become markup"
    assert html.count("<tr>") == 31
    assert "演示数据（合成）" in html
    assert "HJ 633-2012" in html
    assert "?month=2020-05&amp;chart=lines&amp;format=csv" in html
    assert " style=" not in html
    assert re.search(r"<details[^>]* open>", html), "without a script the table is open"


def test_json_cannot_end_its_element():
    nasty = "</script><b>&"
    text = json_text({"a": nasty})
    assert "<" not in text
    assert json.loads(text) == {"a": nasty}


def test_the_script_comes_with_the_first_chart_only(get):
    request = get("/")
    first, second = render_chart(request, gallery.lines()), render_chart(request, gallery.heat())
    assert first.count("dist/charts.js") == 1
    assert "dist/charts.js" not in second


def test_an_empty_chart_says_so_and_draws_nothing(get):
    html = render_chart(get("/"), Chart("none", "None", "lines", X, (Series("s", (None, None, None)),)))
    assert "data-chart-data" not in html
    assert "没有可绘制的数值" in html
    assert "data-chart-png" not in html


def test_links_lead_from_the_first_column(get):
    html = render_chart(get("/"), gallery.bars())
    assert html.count('<a href="/?a">') == 4


def test_csv_has_a_mark_in_every_row_and_no_formulas(get):
    one = Chart("one", "=A/B", "bars", ("=1+1", "b", "c"), (Series("s", (-1, None, 2.5)),), synthetic=True)
    with override("en"):
        answer = download(get("/?chart=one&format=csv"), [gallery.heat(), one])
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    rows = [line.split(",") for line in text.lstrip("\ufeff").splitlines()]
    mark = "Synthetic data of the demonstration"
    assert rows == [["Item", "s", "Origin"], ["'=1+1", "-1", mark], ["b", "", mark], ["c", "2.5", mark]]


def test_excel_has_the_numbers_and_the_notes(get):
    answer = download(get("/?chart=lines&format=xlsx"), [gallery.lines()])
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[1]] == ["日期", "PM2.5 (µg/m³)", "PM2.5: n", "O3 (µg/m³)", "CO (mg/m³)"]
    assert sheet["B2"].value == 60
    assert sheet["B9"].value is None
    below = [row[0].value for row in sheet.iter_rows(min_row=32)]
    assert gallery.NOTE in below
    assert "演示数据（合成）" in below


def test_other_requests_are_no_downloads(get):
    assert download(get("/"), gallery.charts()) is None
    for query in ("?chart=nothing&format=csv", "?chart=lines&format=exe", "?chart=lines"):
        with pytest.raises(Http404):
            download(get("/" + query), gallery.charts())


def test_a_year_of_hours_is_quick_and_its_table_is_honest(get):
    one = gallery.year_of_hours()
    begun = time.perf_counter()
    html = render_chart(get("/"), one)
    took = time.perf_counter() - begun
    assert len(block(html)["series"][5]["values"]) == 8784
    assert html.count("<tr>") == TABLE_ROWS + 1
    assert "共 8784 行" in html
    answer = download(get("/?chart=hours&format=csv"), [one])
    assert answer.content.count(b"\r\n") == 8785
    assert took < 1, f"{took:.2f} s"
