"""A reviewer decides about measured hours in a real browser and sees what becomes of it: the place's figures, what changed,
the circular that printed them and the target that rests on them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from lantian.bulletins import services
from lantian.plan.services import rounds
from tests.browser.looks import no_overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = "/air/places/990001/day/?date={}"


@pytest.fixture
def circular(reviewed_air, ledger):
    """June's round is open on the 20th: its circular prints May."""
    city, version = ledger
    office = city.people["office"]
    round_ = rounds.open_round(office, version.document, due_on=dt.date(2020, 6, 25))
    return services.make(office, round_, print_reasons=True, number="青气办〔2020〕8号")


def daily(page, day: str, item: str) -> tuple[str, str]:
    """The value of a day and its hours, as the place's page shows them."""
    page.goto(DAY.format(day))
    cells = page.locator("table").first.locator("tbody tr", has_text=item).first.locator("td").all_inner_texts()
    return cells[1].strip(), cells[3].strip()


def an_episode(page, query: str) -> tuple[str, str]:
    """Open the first episode of a filter that lies in May at a station of the county; return (day, hour) of its first hour."""
    page.goto(f"/air/review/?{query}&first=2020-05-02&last=2020-05-30")
    rows = page.locator("tbody tr", has=page.locator("input[name=pick]"))
    for at in range(rows.count()):
        name, hours = rows.nth(at).locator("td").nth(1).inner_text(), rows.nth(at).locator("td").nth(4).inner_text()
        if "站" in name and "演示" not in name:
            rows.nth(at).get_by_role("link").first.click()
            page.wait_for_url("**/episode/**")
            return re.findall(r"2020-\d\d-\d\d", hours)[0], hours
    raise AssertionError(f"no episode of {query}")


def rests_on_it(page):
    return page.locator(".card", has=page.get_by_role("heading", name="受影响的通报和目标")).first


def test_a_corrected_hour_changes_the_place_the_circular_and_the_target(circular, city, open_page):
    page = open_page(city.people["office"])
    day, _hours = an_episode(page, "item=SO2&flag=auto.negative")
    page.locator("table").last.locator("tbody a").first.click()
    page.wait_for_url("**/value/**")
    address = page.url
    page.get_by_label("数值").fill("1400")
    page.get_by_label("理由").fill("采样管脱落，按备用仪器更正")
    before = daily(open_page(city.people["county"]), day, "SO2")
    page.get_by_role("button", name="更正").click()
    page.wait_for_url("**/decisions/**")
    said = page.locator("main").inner_text()
    assert "采样管脱落" in said
    assert "日均值" in said
    assert "月均值" in said
    resting = rests_on_it(page)
    assert "青气办〔2020〕8号" in resting.inner_text()
    assert "目标: 青川市 2020 " in resting.inner_text()
    resting.locator("summary").first.click()
    printed = resting.locator("tbody tr", has_text="甲县 综合指数").first.locator("td").all_inner_texts()
    assert printed[1] != printed[2]
    no_overflow(page)
    # The place's page shows the new figure to everybody, the circular's own page both.
    after = daily(open_page(city.people["county"]), day, "SO2")
    assert float(after[0]) > float(before[0])
    resting.get_by_role("link", name="青气办〔2020〕8号").click()
    page.wait_for_url("**/bulletins/**")
    changed = page.locator("#changed")
    assert "发布后数值有变化" in changed.inner_text()
    cells = changed.locator("tbody tr", has_text="甲县 综合指数").first.locator("td").all_inner_texts()
    assert cells[1:3] == printed[1:3]
    assert printed[1] in page.locator("#air tbody tr", has_text="甲县").first.inner_text(), "what went out stays"
    no_overflow(page)
    page.goto(address)
    history = page.locator("main").inner_text()
    assert "1400" in history.replace(",", "")
    assert "2020-06-20" in history, "known since the house's day"
    pdf = page.pdf() if page.goto(f"/bulletins/{circular.pk}/") else b""
    assert pdf.startswith(b"%PDF")


def test_rejected_hours_no_longer_count_and_who_takes_it_back_gets_them_again(circular, city, open_page):
    page = open_page(city.people["dept"], width=390, height=844)
    day, _hours = an_episode(page, "item=SO2&flag=auto.spike")
    reader = open_page(city.people["public"])
    before = daily(reader, day, "SO2")
    page.get_by_label("处理决定").select_option("void")
    page.get_by_label("作废原因").select_option("invalid")
    page.get_by_label("理由").fill("运维记录：切割器堵塞")
    page.get_by_role("button", name="作出决定").click()
    page.wait_for_url("**/decisions/**")
    said = page.locator("main").inner_text()
    assert "切割器堵塞" in said
    assert "24 → 23" in said or re.search(r"(\d+) → (\d+) / 24", said)
    assert "青气办〔2020〕8号" in rests_on_it(page).inner_text()
    no_overflow(page)
    after = daily(reader, day, "SO2")
    assert after != before
    assert float(after[0]) < float(before[0])
    # Taken back with a reason: the figure is what it was, and both decisions stay in the list.
    page.goto("/air/review/?flag=invalid&first=2020-05-02&last=2020-05-30")
    page.locator("input[name=pick]").first.check()
    page.get_by_label("处理决定").select_option("unflag")
    page.get_by_label("理由").fill("查错了小时")
    page.get_by_role("button", name="作出决定").click()
    page.wait_for_url("**/decisions/**")
    assert daily(reader, day, "SO2") == before
    page.goto("/air/review/")
    assert page.locator(".list-group-item", has_text="切割器堵塞").count() == 1
    assert page.locator(".list-group-item", has_text="查错了小时").count() == 1


def test_who_may_not_decide_reads_but_finds_no_form(circular, city, open_page):
    page = open_page(city.people["county"])
    assert page.goto("/air/review/").status == 403
    page.goto(f"/bulletins/{circular.pk}/")
    assert page.locator("#changed").count() == 0, "nothing has changed"
    assert page.locator("#air").is_visible()
