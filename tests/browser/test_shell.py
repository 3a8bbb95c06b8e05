"""What every page shares: the language switch, the keyboard, the double click, the back button, two tabs, refusals."""

from __future__ import annotations

import re

import pytest

from lantian.plan.models import Assignment, ProgressReport, Step
from tests.browser.looks import focus_is_seen, no_overflow
from tests.builders import PASSWORD, make_ledger

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def assignment(city):
    make_ledger(city)
    return Assignment.objects.get(measure__code="1-1-1", place=city.areas[0])


def test_the_language_switch_stays_on_the_page_and_is_remembered(city, assignment, open_page):
    page = open_page()
    page.goto("/login/")
    page.get_by_label("用户名").fill("county")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto("/assignments/?status=not_started")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Assignments", exact=True).wait_for()
    assert page.url.endswith("/assignments/?status=not_started"), "the filters stay"
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto("/my-work/")
    page.get_by_role("heading", name="My work").wait_for()
    city.people["county"].refresh_from_db()
    assert city.people["county"].language == "en"
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="我的工作").wait_for()


def test_a_report_is_written_with_the_keyboard_alone(city, assignment, open_page):
    page = open_page(city.people["county"])
    page.goto(f"/assignments/{assignment.pk}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    assert page.locator(".lt-skip").bounding_box()["x"] >= 0, "the way past the navigation shows itself"
    page.keyboard.press("Enter")
    values = {"percent": "35", "text": "已完成摸底"}
    for _ in range(40):
        page.keyboard.press("Tab")
        name, words = page.evaluate("[document.activeElement.name, document.activeElement.textContent.trim()]")
        assert focus_is_seen(page), f"{name or words}: the keyboard's place does not show"
        if name in values:
            page.keyboard.type(values.pop(name))
        if words == "上报进展" and page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    page.keyboard.press("Enter")
    page.get_by_text("进展已上报").wait_for()
    report = ProgressReport.objects.get()
    assert (report.percent, report.text) == (35, "已完成摸底")


def test_a_fold_and_the_menu_of_the_account_open_by_keyboard(city, assignment, open_page):
    page = open_page(city.people["county"])
    page.goto(f"/assignments/{assignment.pk}/")
    page.locator("#do-submit > summary").focus()
    assert focus_is_seen(page)
    page.keyboard.press("Enter")
    assert page.locator("#do-submit").get_attribute("open") is not None
    page.locator("header").get_by_label("账户").focus()
    page.keyboard.press("Enter")
    page.locator("header").get_by_role("button", name="退出").wait_for()


def fill_report(page, text="拆除一台"):
    form = page.locator("#do-report")
    form.get_by_label("进度（%）").fill("20")
    form.get_by_label("做了什么").fill(text)
    return form


def test_a_double_click_counts_once(city, assignment, open_page):
    page = open_page(city.people["county"])
    page.goto(f"/assignments/{assignment.pk}/")
    fill_report(page).get_by_role("button", name="上报进展").dblclick()
    page.get_by_text("进展已上报").wait_for()
    assert ProgressReport.objects.count() == 1


def test_the_same_form_sent_twice_at_once_counts_once(city, assignment, open_page):
    """The key in the form makes it so, not only the script that holds the button."""
    page = open_page(city.people["county"])
    page.goto(f"/assignments/{assignment.pk}/")
    fill_report(page)
    sent = """async () => {
      const form = document.querySelector("#do-report form");
      const once = () => fetch(form.getAttribute("action"), {method: "POST", body: new FormData(form), redirect: "manual"});
      return (await Promise.all([once(), once()])).length;
    }"""
    assert page.evaluate(sent) == 2
    assert ProgressReport.objects.count() == 1


def test_back_after_sending_and_sending_again_does_nothing_twice(city, assignment, open_page):
    page = open_page(city.people["county"])
    page.goto(f"/assignments/{assignment.pk}/")
    fill_report(page).get_by_role("button", name="上报进展").click()
    page.get_by_text("进展已上报").wait_for()
    page.go_back()
    button = page.locator("#do-report").get_by_role("button", name="上报进展")
    assert "btn-loading" not in (button.get_attribute("class") or ""), "the button can be used again"
    form = page.locator("#do-report")
    assert form.get_by_label("做了什么").input_value() == "拆除一台", "what was typed is not lost"
    button.click()
    page.wait_for_load_state()
    assert ProgressReport.objects.count() == 1, "the form as it was sent counts once"
    page.go_back()
    page.locator("#do-report").get_by_label("做了什么").fill("又拆除一台")
    page.locator("#do-report").get_by_role("button", name="上报进展").click()
    page.wait_for_load_state()
    assert ProgressReport.objects.count() == 2, "a changed form is another one"
    assert Assignment.objects.get(pk=assignment.pk).state == "in_progress"


def test_two_tabs_do_not_overwrite_each_other_and_say_so(city, assignment, open_page):
    first, second = open_page(city.people["office"]), open_page(city.people["office2"])
    for page in (first, second):
        page.goto(f"/assignments/{assignment.pk}/")
        page.locator("#do-set_deadline > summary").click()
    for page, day in ((first, "2020-10-15"), (second, "2020-11-15")):
        form = page.locator("#do-set_deadline")
        form.get_by_label("新期限").fill(day)
        form.get_by_label("理由").fill("经请示延长")
        form.get_by_role("button", name="调整期限").click()
        page.wait_for_load_state()
    alert = second.get_by_role("alert").first
    assert re.search("已被|更新|改动", alert.inner_text())
    assert second.locator("#do-set_deadline").get_by_label("理由").input_value() == "经请示延长", (
        "what was typed is kept"
    )
    assignment.refresh_from_db()
    assert str(assignment.deadline) == "2020-10-15"
    assert Step.objects.filter(assignment=assignment).count() <= 1


def test_an_empty_form_and_a_wrong_file_say_what_to_do(city, assignment, open_page, tmp_path):
    page = open_page(city.people["county"])
    page.goto(f"/assignments/{assignment.pk}/")
    form = page.locator("#do-report")
    form.locator("form").evaluate("form => form.noValidate = true")
    form.get_by_role("button", name="上报进展").click()
    page.locator("#do-report [role=alert]").first.wait_for()
    assert page.locator("#do-report [aria-invalid=true]").count() >= 2
    assert page.locator("#do-report").get_attribute("open") is not None
    wrong = tmp_path / "说明.exe"
    wrong.write_bytes(b"MZ\x90\x00")
    fill_report(page).locator("input[type=file]").set_input_files(str(wrong))
    page.locator("#do-report").get_by_role("button", name="上报进展").click()
    message = page.locator("#do-report [role=alert]").first.inner_text()
    assert "说明.exe" in message
    assert page.locator("#do-report").get_by_label("做了什么").input_value() == "拆除一台"
    no_overflow(page)
    assert ProgressReport.objects.count() == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_refusals_are_pages_with_a_way_on(city, assignment, open_page, width):
    page = open_page(city.people["county"], width=width)
    for address, status, words in (
        ("/users/", 403, "管理用户和角色"),
        ("/rounds/open/", 403, "调度"),
        ("/assignments/999999/", 404, "没有"),
        ("/nothing/", 404, "没有"),
    ):
        assert page.goto(address).status == status
        assert words in page.locator("main, .page-header").all_inner_texts().__str__()
        assert page.locator("main a.btn").count() == 1
        no_overflow(page)


def test_search_is_reached_on_a_phone(city, assignment, phone):
    phone.goto("/my-work/")
    phone.get_by_label("菜单").click()
    box = phone.locator("#menu").get_by_role("searchbox")
    box.fill("锅炉")
    box.press("Enter")
    phone.get_by_role("link", name=re.compile("淘汰每小时10蒸吨")).first.wait_for()
    no_overflow(phone)
