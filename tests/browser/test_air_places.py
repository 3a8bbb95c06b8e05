"""The air of one place in a real browser: from the list to a day's hours, by mouse and by key, on a desk and on a phone."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from tests.browser.looks import focus_is_seen, hard_to_read, no_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLACE = "/air/places/990001/"
PAGES = ("", "calendar/", "years/", "distribution/", "day/?date=2020-05-06")
PEOPLE = ("office", "dept", "county", "inspector", "public")


@pytest.fixture
def refused():
    """Return a function that makes a page collect what the content-security policy refuses."""

    def _watch(page):
        page.add_init_script(
            "window.refused = []; document.addEventListener('securitypolicyviolation', e => refused.push(e.blockedURI))"
        )
        return page

    return _watch


def drawn(page) -> int:
    """Return how many charts are drawn, having seen that all are; a canvas of one colour is empty."""
    charts = page.locator("[data-chart]")
    for at in range(charts.count()):
        picture = charts.nth(at).locator("canvas").first
        picture.scroll_into_view_if_needed()
        assert picture.bounding_box()["width"] > 200
    return charts.count()


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-hans"), (1280, "en"), (390, "zh-hans"), (390, "en")])
def test_every_page_of_a_place_draws_fits_and_says_that_it_is_invented(air, city, open_page, refused, width, language):
    page = refused(open_page(city.people["office"], width=width, language=language))
    words = {"zh-hans": "演示", "en": "Synthetic"}[language]
    for path in PAGES:
        assert page.goto(PLACE + path).status == 200
        assert drawn(page) > 0, path
        assert page.evaluate("window.refused") == [], path
        assert words in page.locator("main").inner_text()
        badges = page.locator("[data-chart] .badge.lt-purple")
        assert badges.count() == page.locator("[data-chart]").count(), f"{path}: each chart says it"
        no_overflow(page)
        assert hard_to_read(page) == [], path


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_reads_the_air_of_a_place(air, city, open_page, person):
    page = open_page(city.people[person])
    page.goto("/")
    page.get_by_role("link", name="空气").first.click()
    page.get_by_role("link", name="地点", exact=True).first.click()
    page.get_by_role("link", name="乙县").first.click()
    page.get_by_role("heading", name="乙县").wait_for()
    assert drawn(page) > 0


def test_a_county_finds_its_own_area_first(air, city, open_page):
    page = open_page(city.people["county2"])
    page.goto("/air/places/")
    first = page.locator("main .card").first
    assert "本辖区" in first.inner_text()
    assert first.get_by_role("link").all_inner_texts() == ["乙县"]


def test_from_the_calendar_to_a_day_by_key_and_back(air, city, page):
    page.goto(PLACE + "calendar/?period=2020")
    picture = page.locator("[data-chart-picture]").first
    picture.focus()
    assert focus_is_seen(page)
    page.keyboard.press("ArrowRight")
    said = page.locator("[data-chart-said]").first
    page.wait_for_function("e => e.textContent.includes('2020-')", arg=said.element_handle())
    page.keyboard.press("Enter")
    page.wait_for_url("**/day/**")
    assert "date=2020-" in page.url
    page.get_by_role("heading", name="甲县").wait_for()
    page.get_by_role("link", name="后一天").click()
    assert drawn(page) > 0
    page.go_back()
    page.go_back()
    assert "/calendar/" in page.url


def test_a_period_is_chosen_with_the_form_and_kept_from_page_to_page(air, city, page):
    page.goto(PLACE)
    page.get_by_label("年份").select_option("2019")
    page.get_by_label("季度或月份").select_option("Q1")
    page.get_by_role("button", name="显示").first.click()
    page.get_by_text("2019年", exact=False).first.wait_for()
    page.get_by_role("link", name="分布规律").click()
    assert "2019Q1" in page.url
    page.get_by_label("项目").select_option("O3")
    page.get_by_role("button", name="显示").first.click()
    page.wait_for_url("**item=O3**")
    page.get_by_role("heading", name="O3").first.wait_for()
    assert drawn(page) == 3


def test_days_of_ones_own(air, city, phone):
    phone.goto(PLACE)
    phone.get_by_text("自选日期").click()
    form = phone.locator("details form")
    form.get_by_label("开始日期").fill("2020-03-10")
    form.get_by_label("结束日期").fill("2020-03-01")
    form.get_by_role("button", name="显示").click()
    phone.get_by_text("早于").first.wait_for()
    form = phone.locator("details form")
    form.get_by_label("结束日期").fill("2020-03-20")
    form.get_by_role("button", name="显示").click()
    phone.wait_for_url("**2020-03-20**")
    assert drawn(phone) > 0
    no_overflow(phone)


def test_downloads_hold_the_table_and_say_that_it_is_invented(air, city, page, tmp_path):
    page.goto(PLACE)
    chart = page.locator("[data-chart]").first
    with page.expect_download() as got:
        chart.get_by_role("link", name="CSV").click()
    assert got.value.suggested_filename.startswith("演示数据")
    rows = list(csv.reader(io.StringIO(got.value.path().read_text(encoding="utf-8-sig"))))
    shown = chart.locator("[data-chart-table] tbody tr").count()
    assert len(rows) - 1 == shown > 0
    assert all("演示" in row[-1] for row in rows[1:])
    with page.expect_download() as got:
        page.get_by_role("link", name="Excel（全部表格）").click()
    book = openpyxl.load_workbook(io.BytesIO(got.value.path().read_bytes()))
    assert len(book.sheetnames) > 3
    assert "演示" in got.value.suggested_filename or "合成" in got.value.suggested_filename


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/air/places/nowhere/", "nowhere"),
        (PLACE + "?period=2031", ""),
        (PLACE + "?period=2020-13", "2020-13"),
        (PLACE + "?period=rubbish", "rubbish"),
        (PLACE + "day/?date=2020-02-30", ""),
        (PLACE + "day/?date=1999-01-01", ""),
        (PLACE + "?regime=2099", ""),
    ],
)
def test_what_cannot_be_shown_is_said_with_a_way_out(air, city, page, path, words):
    answer = page.goto(path)
    assert answer.status in (200, 400, 404)
    said = page.locator("[role=alert]").first
    said.wait_for()
    assert words in said.inner_text()
    assert page.locator("main a").count() > 0
    no_overflow(page)


def test_paper(air, city, page):
    page.goto(PLACE)
    drawn(page)
    page.emulate_media(media="print")
    for hidden in (".navbar", ".btn", "form"):
        assert page.locator(hidden).locator("visible=true").count() == 0, hidden
    assert page.locator("[data-chart] canvas").first.is_visible()
    assert page.get_by_text("演示用合成数据").first.is_visible()


# How many pixels of the drawing are dark, white or of another colour, and how many there are at all.
_INK = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let ink = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] && data[at] + data[at + 1] + data[at + 2] < 720) ink += 1;
    return ink;
}"""


def test_a_printed_page_has_its_drawings_and_open_tables_within_the_paper(air, city, page):
    page.goto(PLACE)
    count = drawn(page)
    page.locator("[data-chart-table] summary").first.click()
    open_rows = page.locator("[data-chart-table][open] tbody tr").count()
    page.set_viewport_size({"width": 720, "height": 1000})  # about what a sheet of A4 gives
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(200)
    for at in range(count):
        canvas = page.locator("[data-chart] canvas").nth(at)
        box = canvas.bounding_box()
        assert box["width"] > 300
        assert box["x"] + box["width"] <= 721, "the drawing ends with the sheet"
        assert canvas.evaluate(_INK) > 500, "white paper, and something drawn on it"
    assert open_rows > 0
    rows = page.locator("[data-chart-table][open] tbody tr")
    assert rows.locator("visible=true").count() == open_rows, "a table that was opened is printed whole"
    scroller = page.locator("[data-chart-table][open] .lt-chart-rows").first
    assert scroller.evaluate("e => e.scrollHeight - e.clientHeight") <= 1, "no row is hidden by scrolling"
    assert page.locator("[data-chart-table]:not([open])").locator("visible=true").count() == 0
    assert page.locator("figcaption").first.is_visible(), "rule and capture stand below the drawing"


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_charts_keep_still_for_those_who_ask_for_it(air, city, page, wish):
    """With less motion the first picture is the last one; else bars grow for a moment."""
    page.emulate_media(reduced_motion=wish)
    page.add_init_script(f"window.inkOf = {_INK}")
    page.add_init_script(
        """document.addEventListener('DOMContentLoaded', () => {
            const canvas = document.querySelector('[data-chart] canvas');
            window.seen = [];
            const look = () => { seen.push(inkOf(canvas)); if (seen.length < 60) requestAnimationFrame(look); };
            requestAnimationFrame(() => requestAnimationFrame(look));
        })"""
    )
    page.goto(PLACE)
    page.wait_for_function("() => window.seen && window.seen.length >= 60")
    seen = page.evaluate("window.seen")
    assert seen[-1] > 500
    assert (len(set(seen)) == 1) == (wish == "reduce"), seen


def test_without_data_the_list_says_what_to_do(city, page, settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path
    page.goto("/air/places/")
    page.get_by_text("还没有", exact=False).first.wait_for()
    no_overflow(page)
