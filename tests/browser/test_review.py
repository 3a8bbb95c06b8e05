"""The review of a text, by keyboard, by mouse and on a phone."""

from __future__ import annotations

import re

import pytest

from lantian.plan.models import Clause, Measure, Review
from tests.builders import make_plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(city, live_server):
    version = make_plan(city, state="in_review")
    Measure.objects.filter(code="1-1-2").update(confidence=0.4)
    for clause, bracket in zip(Clause.objects.order_by("pk"), re.finditer("（[^（）]*）", version.text), strict=True):
        clause.clause_start, clause.clause_end = bracket.span()
        clause.review = Review.ACCEPTED
        clause.save()
    return version


def address(version, query: str = "?show=all&order=text") -> str:
    return f"/plan/documents/review/{version.pk}/{query}"


def chosen(page) -> str:
    return page.locator("[data-card].is-current").get_attribute("id")


def expect(locator):
    """Playwright's waiting assertions (imported late: the package may be missing)."""
    from playwright.sync_api import expect as waiting

    return waiting(locator)


def settled(page) -> None:
    """Wait until no answer is being put in its place."""
    expect(page.locator(".htmx-request, .htmx-settling, .htmx-swapping")).to_have_count(0)


def measure_cards(page):
    return page.locator("#cards .lt-card-measure")


def act(page, key: str) -> None:
    with page.expect_response(lambda r: r.request.method in ("GET", "POST")):
        page.keyboard.press(key)
    settled(page)


def codes(version) -> list[tuple[str, str]]:
    return list(Measure.objects.filter(clause__task__version=version).values_list("code", "review"))


def test_doubtful_measures_come_first(page, draft):
    page.goto(address(draft, ""))
    assert page.locator("[data-card]").count() == 1
    assert page.locator("[data-card] a[data-choose]").inner_text() == "1-1-2"


def test_keys_move_between_cards_and_the_text_follows(page, draft):
    first, second, *_ = Measure.objects.filter(clause__task__version=draft)
    page.goto(address(draft))
    assert chosen(page) == f"m{first.pk}"
    page.keyboard.press("j")
    assert chosen(page) == f"m{second.pk}"
    lit = page.locator("[data-source] .is-current")
    assert "".join(lit.all_inner_texts()) == second.text
    page.keyboard.press("k")
    assert chosen(page) == f"m{first.pk}"


def test_a_click_in_the_text_chooses_the_card(page, draft):
    second = Measure.objects.get(code="1-1-2")
    page.goto(address(draft))
    page.locator(f'[data-source] [data-m="{second.pk}"]').first.click()
    assert chosen(page) == f"m{second.pk}"


def test_hovering_joins_both_ways(page, draft):
    second = Measure.objects.get(code="1-1-2")
    page.goto(address(draft))
    page.locator(f'[data-source] [data-m="{second.pk}"]').first.hover()
    assert "is-hover" in page.locator(f"#m{second.pk}").get_attribute("class")
    third = Measure.objects.get(code="2-1-1")
    page.locator(f"#m{third.pk} .lt-card-text").hover()
    assert page.locator("[data-source] .is-hover").first.inner_text() == "每月开展道路清扫检查。"


def test_accept_goes_on_to_the_next_and_undo_takes_it_back(page, draft):
    page.goto(address(draft))
    act(page, "a")
    assert codes(draft)[0] == ("1-1-1", "accepted")
    expect(page.locator("[data-card].is-current [data-choose]")).to_have_text("1-1-2")
    act(page, "u")
    assert codes(draft)[0] == ("1-1-1", "unreviewed")


def test_edit_by_keyboard(page, draft):
    first = Measure.objects.get(code="1-1-1")
    page.goto(address(draft))
    act(page, "e")
    page.wait_for_selector("[name=deadlines]")
    page.fill("[name=deadlines]", "2020-13-01")
    act(page, "Control+Enter")
    assert page.locator(".text-danger").first.inner_text().startswith("“2020-13-01”")
    page.fill("[name=deadlines]", "2020-10-31")
    act(page, "Control+Enter")
    page.wait_for_selector(f"#m{first.pk} .lt-chips")
    first.refresh_from_db()
    assert (first.deadlines, first.review) == (["2020-10-31"], "edited")
    assert "2020-10-31" in page.locator(f"#m{first.pk}").inner_text()


def test_escape_leaves_the_form(page, draft):
    page.goto(address(draft))
    act(page, "e")
    page.wait_for_selector("[name=text]")
    page.locator("[name=text]").press("Escape")
    expect(page.locator(".is-editing")).to_have_count(0)


def test_merge_split_and_undo_twice(page, draft):
    page.goto(address(draft))
    act(page, "m")
    expect(measure_cards(page)).to_have_count(2)
    assert [code for code, _ in codes(draft)] == ["1-1-1", "2-1-1"]
    act(page, "s")
    page.wait_for_selector("[name=offset]")
    act(page, "Enter")
    expect(measure_cards(page)).to_have_count(3)
    assert [code for code, _ in codes(draft)] == ["1-1-1", "1-1-2", "2-1-1"]
    act(page, "u")
    act(page, "u")
    expect(measure_cards(page)).to_have_count(3)
    assert codes(draft) == [("1-1-1", "unreviewed"), ("1-1-2", "unreviewed"), ("2-1-1", "unreviewed")]


def select(page, text: str, words: str) -> None:
    """Mark words in the source text, as a person drags over them."""
    page.evaluate(
        """([words]) => {
          const walker = document.createTreeWalker(document.querySelector("[data-source]"), NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + words.length);
            document.getSelection().removeAllRanges();
            document.getSelection().addRange(range);
            return;
          }
          throw new Error("not found: " + words);
        }""",
        [words],
    )
    page.wait_for_timeout(50)


def test_split_at_the_cursor(page, draft):
    page.goto(address(draft))
    select(page, draft.text, "淘汰每小时")
    act(page, "s")
    page.wait_for_selector("[name=offset]")
    assert page.locator("[name=offset]").first.get_attribute("value") == str(draft.text.index("淘汰每小时"))


def test_add_from_a_selection(page, draft):
    page.goto(address(draft))
    select(page, draft.text, "低氮改造率")
    act(page, "n")
    page.wait_for_selector("#review-panel [name=words]")
    page.locator("#review-panel button[type=submit]").click()
    expect(measure_cards(page)).to_have_count(4)
    made = Measure.objects.get(text="低氮改造率")
    assert (made.review, made.start) == ("added", draft.text.index("低氮改造率"))
    assert page.locator("#review-panel").inner_text().strip() == ""


def test_what_somebody_else_changed_is_said_and_no_card_is_lost(page, draft):
    page.goto(address(draft))
    Measure.objects.filter(code="1-1-1").update(version=7)
    act(page, "a")
    page.wait_for_selector("#review-problem .alert")
    assert measure_cards(page).count() == 3


def test_help_opens_and_closes(page, draft):
    page.goto(address(draft))
    page.keyboard.press("?")
    assert page.locator("dialog[open]").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog[open]").is_visible()


def test_everything_works_with_the_buttons_of_a_phone(phone, draft):
    phone.goto(address(draft))
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    text, card = (phone.locator(s).first.bounding_box() for s in ("[data-source]", "#cards .lt-card"))
    assert text["y"] < card["y"]
    with phone.expect_response("**/measures/**"):
        phone.locator('[data-do="accept"]').click()
    settled(phone)
    assert codes(draft)[0] == ("1-1-1", "accepted")
    expect(phone.locator("[data-card].is-current")).to_be_in_viewport()
    with phone.expect_response("**/undo/"):
        phone.locator('[data-do="undo"]').click()
    settled(phone)
    assert codes(draft)[0] == ("1-1-1", "unreviewed")


def test_an_anchor_of_the_document_page_shows_its_place(page, draft):
    offset = draft.text.index("每月开展")
    page.goto(f"/plan/documents/{draft.pk}/#o{offset}")
    page.wait_for_selector(".is-hover")
    assert page.locator(".is-hover").inner_text().startswith("每月开展")


MISSED = "2020年6月底前，完成砖瓦窑治理；到年底，治理率不低于95%。"


def test_a_clause_that_the_reader_missed_is_added_from_the_text(page, draft):
    draft.text += f"\n三、整治砖瓦窑。{MISSED}请能源局多费心。"
    draft.save()
    page.goto(address(draft))
    select(page, draft.text, "低氮改造率")
    act(page, "c")
    page.wait_for_selector("#review-panel [name=words]")
    page.locator("#review-panel button[type=submit]").click()
    page.wait_for_selector("#review-panel .text-danger")
    assert "1-1-2" in page.locator("#review-panel .text-danger").first.inner_text()
    settled(page)
    select(page, draft.text, MISSED)
    page.locator("[data-take=words]").click()
    assert page.locator("#review-panel ol").count() == 0
    page.locator("#review-panel .btn-list a").click()
    select(page, draft.text, MISSED)
    act(page, "c")
    page.wait_for_selector("#review-panel ol", state="attached")
    assert page.locator("#review-panel [name=words]").input_value() == MISSED
    assert page.locator("#review-panel ol li").count() == 2
    select(page, draft.text, "请能源局多费心")
    page.locator("[data-take=who_words]").click()
    assert page.locator("[name=who_words]").input_value() == "请能源局多费心"
    page.locator("#review-panel details summary").last.click()
    select(page, draft.text, "三、整治砖瓦窑")
    page.locator("[data-take=task_title]").click()
    page.locator(".lt-agency-roles select").first.select_option("lead")
    page.locator("#review-panel button[type=submit]").click()
    expect(measure_cards(page)).to_have_count(5)
    clause = Clause.objects.get(review=Review.ADDED)
    assert (clause.task.number, clause.task.title, clause.measures.count()) == ("三", "整治砖瓦窑", 2)
    assert draft.text[clause.clause_start : clause.clause_end] == "请能源局多费心"
    expect(page.locator(f"[data-card].is-current#c{clause.pk}")).to_have_count(1)  # chosen once the cards have settled
    lit = page.locator("[data-source] .is-current")
    assert "请能源局多费心" in "".join(lit.all_inner_texts())
    settled(page)
    act(page, "d")
    page.wait_for_selector(f"#c{clause.pk} [name=reason]")
    page.locator(f"#c{clause.pk} [name=reason]").fill("试一试")
    page.locator(f"#c{clause.pk} [name=with_measures]").check()
    page.locator(f"#c{clause.pk} [name=with_task]").check()
    page.locator(f"#c{clause.pk} button[type=submit]").click()
    expect(measure_cards(page)).to_have_count(3)
    settled(page)
    act(page, "u")
    expect(measure_cards(page)).to_have_count(5)
    settled(page)
    act(page, "u")
    expect(measure_cards(page)).to_have_count(3)
    assert not Clause.objects.filter(pk=clause.pk).exists()
    assert page.locator("[data-source]").inner_text().count("整治砖瓦窑") == 1


def test_a_clause_is_added_with_the_buttons_of_a_phone(phone, draft):
    draft.text += f"\n三、整治砖瓦窑。{MISSED}"
    draft.save()
    phone.goto(address(draft))
    select(phone, draft.text, MISSED)
    phone.locator('[data-do="addClause"]').click()
    phone.wait_for_selector("#review-panel [name=words]")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.locator("#review-panel button[type=submit]").click()
    expect(measure_cards(phone)).to_have_count(5)
    assert Clause.objects.get(review=Review.ADDED).task.number == "2"
