"""Files of measured values in a real browser: sent, looked at, confirmed once, whatever buttons are pressed."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.air import jobs
from lantian.air.models import ImportJob
from lantian.air.reading.importing import store_in
from lantian.air.tests.files import HEADER, QUIET, days_of, hours_of, line
from lantian.observations.model import Query
from tests.browser.looks import hard_to_read, no_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = dt.date(2020, 5, 1)
UPLOAD = "/air/imports/new/cnemc-city-hourly/"


@pytest.fixture(autouse=True)
def _worker():
    jobs._last.clear()


def send(page, rows, *, name="may.csv", header=HEADER, encoding="utf-8"):
    """Upload a file by the form and let the worker look at it; the page shows by itself what was found."""
    page.goto(UPLOAD)
    raw = ("\n".join([header, *rows]) + "\n").encode(encoding)
    page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": "text/csv", "buffer": raw}])
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url("**/air/imports/*/")
    jobs.work()
    page.locator("#import-state:not([hx-get])").wait_for()
    return ImportJob.objects.latest("pk")


def written(data):
    return store_in(data).reader().observations(Query(sources=("cnemc-city:临水",))).polars()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_good_file_from_the_list_to_the_place(air, city, open_page, width):
    page = open_page(city.people["office"], width=width)
    page.goto("/air/imports/")
    page.get_by_role("link", name="导入文件").click()
    assert page.locator(f"a[href='{UPLOAD}']").count() > 0
    send(page, days_of(DAY, 3, "临水"))
    assert "432" in page.locator("main").inner_text()
    no_overflow(page)
    assert hard_to_read(page) == []
    page.get_by_role("button", name="写入数据库").click()
    page.locator("#import-state").wait_for()
    jobs.work()
    page.get_by_text("已写入 432 个值").wait_for()
    no_overflow(page)
    rows = written(air)
    assert len(rows) == 432
    page.goto("/air/places/临水/?period=2020-05-01..2020-05-03")
    assert page.get_by_text("演示用合成数据").count() == 0, "measured values are taken before invented ones"
    assert page.locator("main").get_by_text("3").count() > 0


def test_a_double_click_writes_once(air, city, page):
    send(page, hours_of(DAY, "临水"))
    page.get_by_role("button", name="写入数据库").dblclick()
    page.locator("#import-state").wait_for()
    jobs.work()
    page.get_by_text("已写入 144 个值").wait_for()
    assert ImportJob.objects.get().state == "done"
    assert len(written(air)) == 144


def test_back_and_once_more_changes_nothing(air, city, page):
    send(page, hours_of(DAY, "临水"))
    page.get_by_role("button", name="写入数据库").click()
    page.locator("#import-state").wait_for()
    jobs.work()
    page.get_by_text("已写入 144 个值").wait_for()
    page.go_back()
    button = page.get_by_role("button", name="写入数据库")
    if button.count():  # the page as it was, kept by the browser
        button.click()
        page.locator("#import-state").wait_for()
    jobs.work()
    assert ImportJob.objects.get().state == "done"
    assert len(written(air)) == 144


def test_back_from_the_first_look_and_sent_again_is_one_import(air, city, page):
    """The form kept its key: the file that was sent already is shown, not a second one made."""
    send(page, hours_of(DAY, "临水"))
    page.go_back()
    if page.locator("input[type=file]").evaluate("e => e.files.length"):
        page.get_by_role("button", name="上传并检查").click()
        page.wait_for_url("**/air/imports/*/")
    assert ImportJob.objects.count() == 1


def test_the_same_content_again_says_that_it_is_there(air, city, page):
    rows = hours_of(DAY, "临水")
    send(page, rows)
    page.get_by_role("button", name="写入数据库").click()
    page.locator("#import-state").wait_for()
    jobs.work()
    page.get_by_text("已写入 144 个值").wait_for()
    send(page, rows, name="again.csv")
    page.locator("[role=status]").filter(has_text="已在库中").or_(
        page.get_by_text("已在", exact=False)
    ).first.wait_for()
    assert page.get_by_role("button", name="写入数据库").count() == 0
    assert len(written(air)) == 144


@pytest.mark.parametrize("width", [1280, 390])
def test_a_bad_file_names_row_column_and_remedy_and_good_values_may_be_taken(air, city, open_page, width):
    page = open_page(city.people["office"], width=width)
    rows = hours_of(DAY, "临水")
    rows[2] = line("2020-05-01 03:00:00", "临水", ("abc", *QUIET[1:]))
    rows[5] = line("2020/5/1 6:00", "临水")
    send(page, rows)
    text = page.locator("main").inner_text()
    assert "abc" in text
    assert "PM2.5" in text
    no_overflow(page)
    assert hard_to_read(page) == []
    with page.expect_download() as got:
        page.get_by_role("link", name="CSV").first.click()
    listed = got.value.path().read_text(encoding="utf-8-sig")
    assert "4,PM2.5,abc" in listed
    page.get_by_role("button", name="写入数据库").click()
    page.get_by_text("2", exact=False).first.wait_for()
    assert ImportJob.objects.get().state == "looked", "nobody said that bad values are left out"
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="写入数据库").click()
    page.locator("#import-state").wait_for()
    jobs.work()
    page.get_by_text("已写入 137 个值").wait_for()
    assert len(written(air)) == 137, "24 x 6 less one value and one row of six"


def test_another_encoding_is_refused_with_the_row_and_read_when_it_is_said(air, city, page):
    send(page, hours_of(DAY, "临水"), encoding="gb18030")
    assert ImportJob.objects.get().state == "unreadable"
    page.get_by_label("编码").select_option("gb18030")
    page.get_by_role("button", name="重新检查").click()
    page.locator("#import-state").wait_for()
    jobs.work()
    page.get_by_role("button", name="写入数据库").wait_for()
    assert "临水" in page.locator("main").inner_text()


def test_columns_that_are_missing_are_all_named(air, city, page):
    send(page, ["2020-05-01 01:00:00,临水,20"], header="time,city,SO2")
    text = page.locator("main").inner_text()
    for column in ("NO2", "CO", "O3", "PM10", "PM2.5"):
        assert column in text
    assert page.get_by_role("button", name="写入数据库").count() == 0


def test_a_picture_is_no_table(air, city, page):
    page.goto(UPLOAD)
    picture = b"\\x89PNG\\r\\n\\x1a\\n" + bytes(range(256))
    page.locator("input[type=file]").set_input_files([{"name": "a.csv", "mimeType": "text/csv", "buffer": picture}])
    page.get_by_role("button", name="上传并检查").click()
    jobs.work()
    page.goto("/air/imports/")
    page.get_by_role("link", name="导入文件").wait_for()
    assert not ImportJob.objects.filter(state__in=("looked", "done")).exists()


@pytest.mark.parametrize("person", ["county", "inspector", "public", "town", "enterprise"])
def test_who_may_not_import_sees_no_way_to_it(air, city, open_page, person):
    page = open_page(city.people[person])
    page.goto("/air/places/")
    assert page.locator("a[href^='/air/imports/']").count() == 0
    assert page.goto("/air/imports/").status == 403
    assert page.goto(UPLOAD).status == 403


def test_the_form_by_key_and_with_nothing_chosen(air, city, page):
    page.goto(UPLOAD)
    page.locator("input[type=file]").focus()
    assert page.evaluate("document.activeElement.type") == "file"
    page.get_by_role("button", name="上传并检查").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.validity?.valueMissing ?? true"), "the browser asks for the file"
    assert ImportJob.objects.count() == 0
