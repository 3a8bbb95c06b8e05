"""A dispatch round in a real browser: opened, reported to, reminded, closed, compared, and filled in by Excel."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest

from lantian.plan import services
from lantian.plan.models import Assignment, DispatchRound, ProgressReport
from lantian.plan.rules.sheet import COLUMNS
from lantian.plan.services import rounds
from lantian.records.models import Notification
from tests.browser.looks import no_overflow
from tests.builders import make_ledger

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST = 3  # the first row below title and header


@pytest.fixture
def may(city, monkeypatch):
    """The closed round of May, for which the first area reported 20 % on its first assignment."""
    from lantian.city import clock

    version = make_ledger(city)
    moment = dt.datetime.fromisoformat("2020-05-20T09:00:00+08:00")
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        found = rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 5, 25))
        services.report(city.people["county"], mine(city), percent=20, text="已开工")
        rounds.close_round(city.people["office"], found)
    return found


@pytest.fixture
def open_june(city, may, june):
    return rounds.open_round(city.people["office"], may.document, due_on=dt.date(2020, 6, 25))


def mine(city) -> Assignment:
    return Assignment.objects.filter(place=city.areas[0]).order_by("pk")[0]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_round_from_opening_to_the_comparison(city, may, june, open_page, width):
    office = open_page(city.people["office"], width=width)
    office.goto("/rounds/")
    office.get_by_role("link", name="发起调度").click()
    assert office.get_by_label("月份").input_value() == "2020-06"
    office.get_by_label("填报要求").fill("请附照片")
    office.get_by_role("button", name="打开调度").click()
    office.get_by_text("调度已发起").wait_for()
    found = DispatchRound.objects.get(month="2020-06-01")

    county = open_page(city.people["county"], width=width)
    county.goto("/my-work/")
    county.get_by_role("link", name="打开调度").click()
    county.get_by_text("请附照片").wait_for()
    no_overflow(county)
    county.get_by_role("link", name="调度事项").click()
    county.get_by_role("link", name="2020年9月底前").first.click()
    form = county.locator("#do-report")
    form.get_by_label("进度（%）").fill("60")
    form.get_by_label("做了什么").fill("已拆除三台")
    form.get_by_role("button", name="上报进展").click()
    county.get_by_text("进展已上报").wait_for()
    assert ProgressReport.objects.latest("pk").round == found

    office.get_by_role("button", name="催报未报送单位").click()
    office.get_by_text("已催报").wait_for()
    reminded = Notification.objects.filter(kind="plan.round_remind")
    assert {n.recipient.username for n in reminded} >= {"county", "county2"}
    office.get_by_role("button", name="催报未报送单位").click()
    office.get_by_text("今天已催报过").wait_for()

    asked: list[str] = []
    office.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    office.get_by_role("button", name="关闭", exact=True).click()
    office.get_by_text("调度已关闭，数字不再变化").wait_for()
    assert len(asked) == 1
    found.refresh_from_db()
    assert found.state == "closed"
    assert office.get_by_role("button", name="催报未报送单位").count() == 0

    office.get_by_role("link", name="与上次对比").click()
    office.get_by_text("2020年5月调度").first.wait_for()
    row = office.locator("table").last.locator("tr", has_text="甲县").filter(has_text="1-1-1")
    assert "20" in row.inner_text()
    assert "60" in row.inner_text()
    no_overflow(office)
    county.goto(f"/rounds/{found.pk}/upload/")
    county.get_by_text("不再接收填报表").wait_for()


def filled_in(path: Path, values: dict[int, dict[str, object]]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    for at, row in values.items():
        for name, value in row.items():
            book.worksheets[0].cell(FIRST + at, COLUMNS.index(name) + 1).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("width", [1280, 390])
def test_excel_goes_out_comes_back_is_mended_and_reported(city, open_june, open_page, width):
    page = open_page(city.people["county"], width=width)
    page.goto(f"/rounds/{open_june.pk}/upload/")
    with page.expect_download() as download:
        page.get_by_role("link", name="甲县").click()
    assert download.value.suggested_filename == "2020-06 甲县.xlsx"
    content = filled_in(
        download.value.path(),
        {0: {"percent": 45, "text": "拆除两台"}, 1: {"percent": "很多", "text": "正在改造"}},
    )
    field = page.get_by_label("填好的表")

    field.set_input_files({"name": "表.xlsx", "mimeType": "text/plain", "buffer": "不是表格".encode()})
    page.get_by_role("button", name="上传并检查").click()
    page.locator("form [role=alert]").first.wait_for()
    assert ProgressReport.objects.count() == 1, "only that of May"

    field.set_input_files({"name": "甲县.xlsx", "mimeType": "application/octet-stream", "buffer": content})
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("“很多”不是数字").first.wait_for()
    no_overflow(page)
    assert ProgressReport.objects.count() == 1, "the preview reports nothing"
    wrong = page.locator("input.is-invalid")
    assert wrong.input_value() == "很多"
    wrong.fill("70")
    page.get_by_role("button", name="重新检查").first.click()
    page.get_by_role("button", name="报送2行").dblclick()
    page.locator("#messages .alert-success").wait_for()
    assert sorted(ProgressReport.objects.filter(round=open_june).values_list("percent", flat=True)) == [45, 70]
    no_overflow(page)
    page.goto(f"/rounds/{open_june.pk}/")
    assert "2" in page.locator(".card-link", has_text="已报送").inner_text()
