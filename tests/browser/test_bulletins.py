"""The Word circular in a real browser: made, downloaded, its template replaced; wrong files are refused with a reason."""

from __future__ import annotations

import datetime as dt
import io

import docx
import pytest

from lantian.bulletins import documents
from lantian.bulletins.models import Bulletin, Template
from lantian.plan.services import rounds
from tests.browser.looks import no_overflow
from tests.builders import make_ledger

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def round_(city, june):
    version = make_ledger(city)
    return rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 6, 25))


def template(line: str) -> bytes:
    """Return the system's own template with one more line."""
    document = docx.Document(io.BytesIO(documents.default_template()))
    document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def words_of(path) -> str:
    return "\n".join(p.text for p in docx.Document(io.BytesIO(path.read_bytes())).paragraphs)


def make(page, round_) -> None:
    page.goto(f"/bulletins/rounds/{round_.pk}/")
    page.get_by_label("文号").fill("青气办〔2020〕6号")
    reasons = page.get_by_label("指标没有数字时打印原因")
    if reasons.count():
        reasons.check()
    page.get_by_role("button", name="生成通报").dblclick()
    page.get_by_text("通报已生成并保存").wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_circular_is_made_kept_and_downloaded(city, round_, open_page, width):
    page = open_page(city.people["office"], width=width)
    page.goto("/bulletins/")
    page.get_by_role("link", name="2020年6月调度").click()
    page.get_by_text("调度尚未关闭").first.wait_for()
    page.get_by_role("button", name="生成通报").click()
    page.locator("form [role=alert]").first.wait_for()
    assert Bulletin.objects.count() == 0, "figures without a number are not printed unasked"
    make(page, round_)
    assert Bulletin.objects.count() == 1, "a double click makes one"
    no_overflow(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Word").click()
    assert download.value.suggested_filename.endswith(".docx")
    assert "青气办〔2020〕6号" in words_of(download.value.path())
    page.goto("/bulletins/")
    page.get_by_role("link", name="2020年6月").first.wait_for()
    no_overflow(page)


def send(page, name: str, content: bytes) -> None:
    page.goto("/bulletins/templates/")
    page.get_by_label("Word模板").set_input_files({"name": name, "mimeType": documents.DOCX_MIME, "buffer": content})
    page.get_by_role("button", name="检查并启用").click()
    page.wait_for_load_state()


def test_the_office_puts_its_own_template_in_place(city, round_, page):
    send(page, "本办模板.docx", template("特此通报。{{ round }}"))
    page.get_by_text("模板检查通过，已启用").wait_for()
    assert page.locator("tr", has_text="本办模板").get_by_text("使用中").count() == 1
    make(page, round_)
    with page.expect_download() as download:
        page.get_by_role("link", name="Word").click()
    assert "特此通报。2020年6月调度" in words_of(download.value.path())

    page.goto("/bulletins/templates/")
    page.locator("tr", has_text="系统自带模板").get_by_role("button", name="启用").click()
    page.get_by_text("已恢复系统自带模板").wait_for()
    assert not Template.objects.filter(is_active=True).exists()
    no_overflow(page)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("模板.docx", lambda: "不是Word".encode(), "内容是文本"),
        ("表格.xlsx", lambda: template("x"), "docx"),
        ("模板.docx", lambda: template("{{ no_such_name }}"), "no_such_name"),
        ("模板.docx", lambda: template("{% if %}"), "%"),
    ],
)
def test_a_wrong_template_is_refused_and_changes_nothing(city, round_, page, name, content, word):
    send(page, name, content())
    alert = page.locator("form [role=alert]").first
    alert.wait_for()
    assert word in alert.inner_text()
    assert not Template.objects.exists()
    no_overflow(page)
