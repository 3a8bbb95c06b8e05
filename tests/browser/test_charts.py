"""Charts in a real browser: drawn, nothing refused by the content-security policy, pictures, keys, paper, no script."""

from __future__ import annotations

import csv
import io
import re

import pytest
from PIL import Image

from lantian.kit.charts import table_of
from lantian.kit.charts.table import written
from tests import gallery
from tests.browser.looks import no_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IDS = [one.id for one in gallery.charts()]
# How many colours the drawing has at least; an empty canvas has one.
_COLOURS = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3]) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
    return seen.size;
}"""


@pytest.fixture(autouse=True)
def _gallery(settings):
    settings.ROOT_URLCONF = "tests.gallery"


def refused(page):
    """Collect what the content-security policy refuses on the pages to come."""
    page.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation', e => refused.push(e.violatedDirective))"
    )
    return lambda: page.evaluate("window.refused")


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-hans"), (390, "en")])
def test_every_kind_is_drawn_and_the_policy_refuses_nothing(city, open_page, width, language):
    page = open_page(city.people["office"], width=width, language=language)
    complaints = refused(page)
    page.goto("/gallery/")
    for one in gallery.charts():
        picture = page.locator(f"#chart-{one.id} canvas").first
        picture.scroll_into_view_if_needed()
        assert picture.evaluate(_COLOURS) > 5, one.id
        page.locator(f"#chart-{one.id} [data-chart-picture]").hover(position={"x": 120, "y": 120})
    assert complaints() == []
    no_overflow(page)


def test_the_picture_has_white_ground_title_and_mark(city, page):
    page.goto("/gallery/?only=lines")
    with page.expect_download() as got:
        page.get_by_role("button", name="PNG").click()
    assert re.match(r"演示数据（合成）-临水市", got.value.suggested_filename)
    picture = Image.open(got.value.path()).convert("RGB")
    assert picture.width == 2000
    assert picture.getpixel((1, 1)) == picture.getpixel((1999, picture.height - 1)) == (255, 255, 255)
    title, mark = picture.crop((0, 0, 2000, 70)), picture.crop((0, 70, 2000, 120))
    assert min(level for level, _ in title.getextrema()) < 80, "the title is missing"
    purple = sum(n for n, (r, g, b) in mark.getcolors(1 << 20) if b > r + 60 and b > g + 60)
    assert purple > 100, "the mark of synthetic data is missing"


@pytest.mark.parametrize("one", [one for one in IDS if one != "hours"])
def test_table_and_file_equal_the_series(city, page, one):
    chart = next(each for each in gallery.charts() if each.id == one)
    columns, rows = table_of(chart)
    page.goto(f"/gallery/?only={one}")
    figure = page.locator(f"#chart-{one}")
    assert figure.locator("details").get_attribute("open") is None
    figure.locator("summary").click()
    assert figure.locator("thead th").all_inner_texts() == list(columns)
    shown = figure.locator("tbody").evaluate("t => [...t.rows].map(r => [...r.cells].map(c => c.textContent))")
    places = {series.decimals for series in chart.series}
    assert shown == [[written(row[0]), *(written(v, *places) for v in row[1:])] for row in rows]
    with page.expect_download() as got:
        figure.get_by_role("link", name="CSV").click()
    text = got.value.path().read_bytes().decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text)))
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    assert [row[: len(columns)] for row in found[1:]] == cells


def test_keys_go_through_the_values_and_say_them(city, page):
    page.goto("/gallery/")
    for one, keys, said in (
        ("lines", ("ArrowRight", "ArrowRight"), "2020-01-02, PM2.5: 68.3 µg/m³ · n = 24"),
        ("heat", ("ArrowRight", "ArrowDown"), "0, 周二: 7 µg/m³ · 优"),
        ("calendar", ("End",), "2020-12-31, AQI:"),
        ("map", ("End",), "西岭市, AQI: 无数据"),
        ("boxes", ("Home",), "1月, PM2.5: 下限 10"),
    ):
        figure = page.locator(f"#chart-{one}")
        figure.locator("[data-chart-picture]").focus()
        for key in keys:
            page.keyboard.press(key)
        text = figure.locator("[data-chart-said]").inner_text()
        assert text.startswith(said), text
        assert figure.locator(".lt-chart-tip").inner_text().replace("\n", ", ") == text


def test_enter_follows_the_link_of_a_value(city, page):
    page.goto("/gallery/?only=bars")
    page.locator("[data-chart-picture]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?a")


def test_without_a_script_the_table_is_open(city, browser, live_server, client):
    client.force_login(city.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([{"name": n, "value": c.value, "url": live_server.url} for n, c in client.cookies.items()])
    page = context.new_page()
    page.goto("/gallery/?only=lines")
    assert page.locator("#chart-lines tbody tr").first.is_visible()
    assert not page.locator("[data-chart-picture]").is_visible()
    assert not page.locator("[data-chart-png]").is_visible()
    context.close()


def test_a_narrower_window_draws_anew_and_paper_is_white(city, page):
    page.goto("/gallery/?only=calendar&wall=1")
    canvas = page.locator("#chart-calendar canvas").first
    wide = canvas.bounding_box()
    page.set_viewport_size({"width": 500, "height": 900})
    page.wait_for_function("() => document.querySelector('canvas').clientWidth < 500")
    assert canvas.bounding_box()["height"] > wide["height"], "narrow screens get weeks as rows"
    assert canvas.evaluate(_COLOURS) > 5


def test_a_year_of_six_pollutants_is_quick_in_the_browser(city, page):
    page.goto("/gallery/?only=hours")
    page.locator("#chart-hours canvas").first.wait_for()
    spent = page.evaluate(
        "() => { const one = performance.getEntriesByType('navigation')[0];"
        " return one.domContentLoadedEventEnd - one.responseEnd; }"
    )
    assert page.locator("#chart-hours canvas").first.evaluate(_COLOURS) > 5
    assert spent < 3000, f"{spent:.0f} ms from the page to the drawing"
