"""Escalation in a real browser: the rules propose with reasons, a person decides, the notice is delivered and read."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.city.models import LoadedPack
from lantian.plan.models import Assignment, EscalationProposal, Notice
from tests.browser.looks import no_overflow
from tests.builders import make_ledger

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def late(city, june):
    """On 2020-06-20 the three assignments of the first area are 20 days late; only lateness is judged."""
    make_ledger(city)
    Assignment.objects.filter(area=city.areas[0]).update(deadline=dt.date(2020, 5, 31))
    quiet = ("stale-remind", "plan-remind", "plan-circular")
    LoadedPack.objects.update(escalation=[{"rule": name, "settings": {"enabled": False}} for name in quiet])


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_proposal_to_the_answer(city, late, open_page, width):
    office = open_page(city.people["office"], width=width)
    office.goto("/escalations/")
    office.get_by_text("没有待决定的建议").wait_for()
    office.get_by_role("button", name="立即评估").click()
    card = office.locator("a.card-link", has_text="甲县")
    card.wait_for()
    no_overflow(office)
    assert EscalationProposal.objects.filter(state="proposed").count() == 1, "the others are in time"
    assert Notice.objects.count() == 0, "nothing goes out before a person decided"
    card.click()
    reasons = office.locator(".card", has=office.get_by_role("heading", name="原因"))
    assert "20" in reasons.inner_text()
    assert "≥" in reasons.inner_text()
    assert reasons.get_by_role("link", name="1-1-1").count() >= 1, "a reason leads to its records"

    office.get_by_role("button", name="否定").click()
    office.locator("form [role=alert]").first.wait_for()
    assert EscalationProposal.objects.get().state == "proposed", "a rejection needs its reason"
    office.get_by_label("决定理由").fill("情况属实")
    office.get_by_role("button", name="采纳并发出文书").dblclick()
    office.get_by_text("文书已发出").first.wait_for()
    notice = Notice.objects.get()
    no_overflow(office)

    county = open_page(city.people["county"], width=width)
    county.goto("/")
    county.get_by_label("消息").locator("visible=true").click()
    assert notice.receipts.get(notification__recipient__username="county").notification.read_at is None
    county.get_by_role("link", name=notice.title).first.click()
    county.get_by_label("您的答复").fill("月底前全部补齐")
    county.get_by_role("button", name="提交答复").click()
    county.get_by_text("答复已发给发文人员").wait_for()
    no_overflow(county)

    office.goto(f"/notices/{notice.pk}/")
    row = office.locator("tbody tr", has_text="county")
    assert row.inner_text().count("2020-06-20 09:00") == 4, "sent, delivered, read, answered"
    assert "月底前全部补齐" in row.inner_text()
    no_overflow(office)


def test_another_area_sees_neither_proposal_nor_notice(city, late, open_page):
    office = open_page(city.people["office"])
    office.goto("/escalations/")
    office.get_by_role("button", name="立即评估").click()
    office.locator("a.card-link", has_text="甲县").click()
    office.get_by_role("button", name="采纳并发出文书").click()
    office.get_by_text("文书已发出").first.wait_for()
    other = open_page(city.people["county2"])
    assert other.goto(f"/notices/{Notice.objects.get().pk}/").status == 404
    assert other.goto(f"/escalations/{EscalationProposal.objects.get().pk}/").status in (403, 404)


def test_two_officials_cannot_decide_the_same_twice(city, late, open_page):
    first, second = open_page(city.people["office"]), open_page(city.people["office2"])
    first.goto("/escalations/")
    first.get_by_role("button", name="立即评估").click()
    first.locator("a.card-link", has_text="甲县").wait_for()
    address = f"/escalations/{EscalationProposal.objects.get().pk}/"
    for page in (first, second):
        page.goto(address)
    first.get_by_role("button", name="采纳并发出文书").click()
    first.get_by_text("文书已发出").first.wait_for()
    second.get_by_label("决定理由").fill("暂缓")
    second.get_by_role("button", name="否定").click()
    second.get_by_role("alert").first.wait_for()
    assert Notice.objects.count() == 1
    assert EscalationProposal.objects.get().state == "accepted"
