"""Evidence in a real browser: pasted from the clipboard, handed in, reviewed, verified, read."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.records.models import Evidence, Notification
from lantian.records.services import add_evidence
from lantian.records.tests.samples import picture, upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 48});
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const clip = new DataTransfer();
  clip.items.add(new File([blob], "image.png", {type: "image/png"}));
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clip, bubbles: true}));
}"""


@pytest.fixture
def evidence(city):
    return add_evidence(
        city.people["county"], upload(picture(size=(800, 600)), "现场.jpg"), effective_on=dt.date(2020, 6, 4),
        title="拆除现场", place=city.areas[0],
    )  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
def test_a_picture_pasted_from_the_clipboard_replaces_a_rejected_one(city, evidence, open_page, width):
    page = open_page(city.people["office"], width=width)
    page.goto(f"/evidence/{evidence.pk}/")
    page.get_by_label("不采纳").check()
    page.get_by_label("审核意见").fill("看不清铭牌")
    page.get_by_role("button", name="记录审核结果").click()
    page.get_by_text("审核结果已记录").wait_for()

    page = open_page(city.people["county"], width=width)
    page.goto("/inbox/")
    page.get_by_role("link", name="未被采纳").click()
    page.get_by_text("看不清铭牌").first.wait_for()
    assert Notification.objects.get().read_at is not None
    page.get_by_text("用新文件替换").click()
    page.evaluate(PASTE)
    assert page.locator("[data-paste-list] li").inner_text().startswith("clipboard-")
    page.get_by_role("button", name="提交新文件").click()
    page.get_by_text("新文件已提交").wait_for()
    newer = Evidence.objects.get(replaces=evidence)
    assert (newer.file.mime, newer.file.width, newer.file.height) == ("image/png", 64, 48)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


def test_the_chain_is_verified_by_keyboard(city, evidence, open_page):
    page = open_page(city.people["admin"])
    page.goto("/audit/")
    page.get_by_role("button", name="校验整条审计链").focus()
    page.keyboard.press("Enter")
    page.get_by_text("审计链完整").wait_for()
