"""The register in a real browser: a file is sent, looked at, mended and written; the enterprise's file on any screen."""

from __future__ import annotations

import pytest
from django.urls import reverse

from lantian.sources.models import Enterprise, RegisterImport
from lantian.sources.tests.builders import make_plant
from tests.browser.looks import hard_to_read, no_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = "名称,县区,状态,电话\n甲厂,甲县,在产,1\n乙厂,没有县,生产,2\n".encode()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_file_is_looked_at_mended_and_written(city, open_page, width):
    page = open_page(city.people["office"], width=width)
    page.set_default_timeout(30_000)
    assert page.goto("/sources/imports/").status == 200
    no_overflow(page)
    page.locator("input[type=file]").set_input_files({"name": "名录.csv", "mimeType": "text/csv", "buffer": ROWS})
    page.get_by_role("button", name="上传并查看").or_(page.locator("form.lt-form button[type=submit]")).first.click()
    page.wait_for_url("**/sources/imports/*/")
    assert "本市没有“没有县”" in page.locator("main").inner_text()
    no_overflow(page)
    assert hard_to_read(page) == []
    assert not Enterprise.objects.exists()
    page.locator("input[value='没有县']").fill("乙县")
    page.get_by_role("button", name="重新检查").or_(page.locator("#rows form button.btn-primary")).first.click()
    page.get_by_text("本市没有").wait_for(state="detached")
    page.locator("[name=reason]").fill("普查")
    page.get_by_role("button", name="写入名录").click()
    page.get_by_text("新增 2 行").wait_for()
    assert sorted(Enterprise.objects.values_list("name", "area__name")) == [("乙厂", "乙县"), ("甲厂", "甲县")]
    assert RegisterImport.objects.get().state == "done"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_of_the_register_fit_every_screen(city, open_page, width, language):
    one = make_plant(area=city.areas[0], phone="0350-1", address="第1镇", lon=112.5, lat=38.5)
    other = make_plant("E0002", "青川砖厂有限公司", area=city.areas[0])
    page = open_page(city.people["office"], width=width, language=language)
    page.set_default_timeout(30_000)
    for address in (
        reverse("sources:list"),
        one.get_absolute_url(),
        reverse("sources:edit", args=[one.code]),
        reverse("sources:add", args=[one.code, "pair"]),
        reverse("sources:history", args=[one.code]),
        reverse("sources:merge"),
        reverse("sources:compare", args=[one.code, other.code]),
    ):
        assert page.goto(address).status == 200, address
        no_overflow(page)
        assert hard_to_read(page) == [], address
