"""The ledger in a real browser: the way from a report to publicity, on a desk and on a phone; trees; no page overflows."""

from __future__ import annotations

import pytest

from lantian.plan.models import Assignment
from tests.browser.test_evidence import PASTE
from tests.builders import make_ledger

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def assignment(city):
    make_ledger(city)
    return Assignment.objects.get(measure__code="1-1-1", place=city.areas[0])


def no_overflow(page):
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, page.url


@pytest.mark.parametrize("width", [1280, 390])
def test_from_a_report_to_publicity(city, assignment, open_page, width):
    address = f"/assignments/{assignment.pk}/"
    page = open_page(city.people["county"], width=width)
    page.goto(address)
    form = page.locator("#do-report")
    form.get_by_label("进度（%）").fill("60")
    form.get_by_label("做了什么").fill("已拆除三台锅炉")
    form.get_by_label("做了什么").focus()
    page.evaluate(PASTE)
    assert form.locator("[data-paste-list] li").count() == 1, "the form that is worked on gets the picture"
    assert page.locator("#do-submit [data-paste-list] li").count() == 0
    form.get_by_role("button", name="上报进展").click()
    page.get_by_text("进展已上报").wait_for()
    page.locator("#do-submit > summary").click()
    form = page.locator("#do-submit")
    form.get_by_label("自查说明").fill("全部拆除，自查合格")
    form.get_by_label("clipboard-").check()
    form.get_by_role("button", name="提交核查").click()
    page.get_by_text("已提交，接下来由部门核查").wait_for()
    no_overflow(page)

    page = open_page(city.people["dept"], width=width)
    page.goto("/signoff/")
    page.get_by_role("link", name="1-1-1").first.click()
    form = page.locator("#do-verify")
    form.get_by_label("地点").fill("第1镇锅炉房")
    form.get_by_label("方式").fill("现场")
    form.get_by_label("发现的情况").fill("三台均已拆除")
    form.get_by_label("意见", exact=True).fill("属实")
    form.get_by_role("button", name="确认完成").click()
    page.get_by_text("已核查。").wait_for()

    page = open_page(city.people["office"], width=width)
    page.goto("/signoff/?step=publicise")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("公示内容").fill("甲县已完成锅炉淘汰")
    page.get_by_role("button", name="公示所选").click()
    page.get_by_text("已办理 1 项").wait_for()
    no_overflow(page)

    page = open_page(width=width)
    page.goto("/publicity/")
    page.get_by_role("link", name="查看并提出异议").click()
    page.get_by_label("您的姓名").fill("王某")
    page.get_by_label("哪里不属实").fill("夜里还在烧煤")
    page.get_by_role("button", name="提交异议").click()
    page.get_by_text("谢谢").wait_for()
    no_overflow(page)
    assignment.refresh_from_db()
    assert assignment.state == "verified"
    assert assignment.publicity_periods.get().objections.count() == 1


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_overflows(city, assignment, open_page, width, language):
    page = open_page(city.people["office"], width=width, language=language)
    measure = assignment.measure
    for address in (
        "/plan/", f"/plan/tasks/{measure.clause.task_id}/", f"/plan/measures/{measure.pk}/", "/assignments/",
        f"/assignments/{assignment.pk}/", f"/assignments/{assignment.pk}/divide/", "/my-work/", "/signoff/", "/counties/",
        f"/counties/{city.areas[0].code}/", "/departments/", f"/departments/{city.agencies['生态环境局'].pk}/",
        "/publicity/",
    ):  # fmt: skip
        assert page.goto(address).status == 200
        no_overflow(page)


def test_the_tree_opens_by_keyboard_and_at_once(city, assignment, page):
    page.goto("/plan/")
    page.locator("#tree summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="2020年9月底前，淘汰").first.wait_for()
    page.get_by_role("button", name="全部展开").click()
    assert page.locator("#tree > details[open]").count() == 2
    page.get_by_role("button", name="全部收起").click()
    assert page.locator("#tree > details[open]").count() == 0
