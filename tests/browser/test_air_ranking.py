"""The air now and the rankings in a real browser, as the people who look at them every morning."""

from __future__ import annotations

import csv
import io

import pytest

from tests.air import draw_boundaries
from tests.browser.looks import hard_to_read, no_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("person", ["office", "county", "public"])
def test_from_the_map_to_a_place(air, city, open_page, person, width):
    draw_boundaries()
    page = open_page(city.people[person], width=width)
    page.goto("/air/", timeout=60_000)  # the first page of a process loads much
    page.locator("[data-chart] canvas").first.wait_for()
    text = page.locator("main").inner_text()
    assert all(words in text for words in ("甲县", "乙县", "丙县", "2020-06-20 09:00"))
    no_overflow(page)
    page.locator("main").get_by_role("link", name="乙县").first.click()
    page.get_by_role("heading", name="乙县").wait_for()


def test_an_earlier_hour_is_not_the_present(air, city, page):
    page.goto("/air/?at=2020-06-19T23:00")
    assert "2020-06-19 23:00" in page.locator("main").inner_text()
    for wrong in ("2021-01-01T00:00", "yesterday"):
        assert page.goto(f"/air/?at={wrong}").status == 400
        page.locator("main [role=alert], main .alert").first.wait_for()


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-hans"), (390, "en")])
def test_a_ranking_with_its_change_and_by_improvement(air, city, open_page, width, language):
    page = open_page(city.people["office"], width=width, language=language)
    page.goto("/air/ranking/?scope=counties&period=2020-05")
    rows = page.locator("main table tbody tr").filter(has_text="县" if language == "zh-hans" else "County")
    assert rows.count() >= 3
    ranks = [rows.nth(at).locator("td").first.inner_text().strip() for at in range(3)]
    assert ranks[0].startswith("1")
    assert "%" in page.locator("main").inner_text()
    no_overflow(page)
    assert hard_to_read(page) == []
    page.goto("/air/ranking/?scope=province-cities&period=2020-05&by=change")
    assert page.locator("main table tbody tr").count() >= 4
    no_overflow(page)


def test_a_list_is_downloaded_as_it_is_shown(air, city, page):
    page.goto("/air/ranking/?scope=counties&period=2020-05")
    first = page.locator("main table tbody tr").first.get_by_role("link").first.inner_text()
    with page.expect_download() as got:
        page.locator("a[href*='export=csv']").click()
    rows = list(csv.reader(io.StringIO(got.value.path().read_text(encoding="utf-8-sig"))))
    assert len(rows) >= 4
    assert first in rows[1]


@pytest.mark.parametrize("query", ["period=2031", "period=rubbish", "scope=nowhere", "period=2020-05&regime=1899"])
def test_what_cannot_be_ranked_is_said(air, city, page, query):
    answer = page.goto(f"/air/ranking/?{query}")
    assert answer.status in (200, 400, 404)
    page.locator("main .alert").first.wait_for()
    no_overflow(page)


def test_a_target_from_the_list_to_its_months(air, city, phone):
    phone.goto("/air/targets/")
    phone.get_by_role("link", name="PM2.5").first.click()
    phone.locator("[data-chart] canvas").first.wait_for()
    text = phone.locator("main").inner_text()
    assert "≤ 20 µg/m3" in text, "the most endangered one is first"
    assert "差" in text
    no_overflow(phone)
    assert hard_to_read(phone) == []
