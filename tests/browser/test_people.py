"""People and roles in a real browser: made, given a role, changed, deactivated; the wrong role is refused."""

from __future__ import annotations

import pytest

from lantian.city.models import User
from tests.browser.looks import no_overflow
from tests.builders import make_ledger

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWN = "a-sentence-of-my-own-2020"


def log_in(page, username: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_load_state()


def one_time_password(admin) -> str:
    admin.goto("/users/")
    admin.get_by_role("link", name="新建用户").click()
    admin.get_by_label("用户名").fill("zhangsan")
    admin.get_by_label("姓名").fill("张三")
    admin.get_by_role("button", name="新建用户").click()
    found: str = admin.locator("#one-time-password").inner_text()
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_the_life_of_an_account(city, open_page, width):
    make_ledger(city)
    admin, person = open_page(city.people["admin"], width=width), open_page(width=width)
    password = one_time_password(admin)
    no_overflow(admin)

    log_in(person, "zhangsan", password)
    person.get_by_text("您使用一次性密码登录").wait_for()
    person.get_by_label("当前密码").fill(password)
    person.get_by_label("新密码", exact=True).fill(OWN)
    person.get_by_label("再次输入新密码").fill(OWN)
    person.get_by_role("button", name="修改密码").click()
    person.goto("/assignments/")
    assert person.locator("#menu .nav-link").count() <= 2, "without a role there is nothing to see"

    user = User.objects.get(username="zhangsan")
    admin.goto(f"/users/{user.pk}/")
    admin.get_by_text("尚无角色").wait_for()
    admin.get_by_label("角色", exact=True).select_option("county")
    admin.get_by_role("button", name="授予角色").click()
    admin.locator("form [role=alert]").first.wait_for()
    assert user.memberships.count() == 0, "a county's role needs its county"
    admin.get_by_label("地区", exact=True).select_option(label="甲县")
    admin.get_by_role("button", name="授予角色").click()
    admin.get_by_text("角色已授予").wait_for()
    person.goto("/assignments/")
    person.get_by_role("link", name="1-1-1").first.wait_for()
    assert person.goto("/users/").status == 403
    assert "管理用户和角色" in person.locator("main").inner_text()

    admin.get_by_text("授予角色", exact=True).first.click()
    admin.get_by_label("角色", exact=True).select_option("admin")
    admin.get_by_role("button", name="授予角色").click()
    alert = admin.locator("form [role=alert]").first
    alert.wait_for()
    assert "业务角色" in alert.inner_text(), "nobody administers and reports at once"
    no_overflow(admin)

    admin.goto(f"/users/{user.pk}/")
    form = admin.locator("form", has=admin.get_by_role("button", name="停用"))
    form.get_by_label("理由").fill("已调离")
    form.get_by_role("button", name="停用").click()
    admin.get_by_text("已停用").first.wait_for()
    person.goto("/assignments/")
    assert "/login/" in person.url, "the session ends at once"
    log_in(person, "zhangsan", OWN)
    person.locator("form [role=alert]").wait_for()
    assert user.memberships.get().role == "county", "what was held stays on record"


def test_two_administrators_do_not_overwrite_each_other(city, open_page):
    first, second = open_page(city.people["admin"]), open_page(city.people["admin"])
    person = city.people["county"]
    for page in (first, second):
        page.goto(f"/users/{person.pk}/")
    for page, phone in ((first, "0350-111"), (second, "0350-222")):
        page.get_by_label("电话").fill(phone)
        page.locator("form", has=page.get_by_label("电话")).get_by_role("button", name="保存").click()
        page.wait_for_load_state()
    second.locator("form [role=alert]").first.wait_for()
    assert second.get_by_label("电话").input_value() == "0350-222", "what was typed is kept"
    person.refresh_from_db()
    assert person.phone == "0350-111"


def test_who_may_do_what_is_a_table_that_can_be_read(city, open_page):
    page = open_page(city.people["admin"], width=390)
    page.goto("/roles/")
    no_overflow(page)
    row = page.locator("tr", has_text="user.manage")
    assert row.get_by_text("●").count() == 1, "only the administrator manages people"
