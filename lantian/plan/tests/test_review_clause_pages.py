"""The pages for whole clauses: without a script, as pieces for the script, and with refusals beside their fields."""

from __future__ import annotations

import pytest

from lantian.plan.clause_forms import ClauseForm
from lantian.plan.models import Clause, Measure
from lantian.plan.tests.test_review_structure import MISSED, WHO, added, draft, everything, span

__all__ = ["draft"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def page(city, login, draft):
    return login(city.people["office"])


def address(version, rest="add-clause/") -> str:
    return f"/plan/documents/review/{version.pk}/{rest}"


def filled(city, **more) -> dict[str, object]:
    lead = f"agency-{city.agencies['能源局'].pk}"
    return {"words": MISSED, "who_words": WHO, "cut": "measures", "areas": "all", lead: "lead", "key": "k", **more}


def test_words_that_are_typed_are_enough(city, page, draft):
    form = page.get(address(draft)).text
    assert 'name="words"' in form
    sent = page.post(address(draft), filled(city, words="2020年6月底前 … 不低于95%。"))
    clause = Clause.objects.get(review="added")
    assert (sent.status_code, sent.headers["Location"].rpartition("#")[2]) == (302, f"c{clause.pk}")
    assert [m.code for m in clause.measures.all()] == ["1-2-1", "1-2-2"]
    assert (clause.clause_start, clause.clause_end) == span(draft, WHO)
    assert clause.area_links.count() == 3
    assert "1-2-2" in page.get(address(draft, "?show=all")).text


def test_a_selection_fills_the_form_and_shows_the_measures(city, page, draft):
    start, end = span(draft, MISSED)
    form = page.get(f"{address(draft)}?start={start}&end={end}").text
    assert MISSED in form
    assert "2020-06-30" in form
    assert "1 整治燃煤锅炉" in form
    page.post(address(draft), filled(city, start=start, end=end))
    assert Clause.objects.get(review="added").start == start


@pytest.mark.parametrize("wrong", ["?start=9&end=3", "?start=x&end=9", "?start=0&end=99999999", "?start=-5&end=9"])
def test_an_address_that_cannot_be_is_an_empty_form(page, draft, wrong):
    assert page.get(address(draft) + wrong).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": "没有这样的话"}, "words"),
        ({"words": "不低于95%。…2020年6月底前"}, "words"),
        ({"who_words": "没有这样的话"}, "who_words"),
        ({"words": "燃气锅炉低氮改造率达到90%以上。"}, "words"),
        ({"task_number": "9"}, "task_title"),
        ({"task_number": "1", "task_title": "新的"}, "task_number"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_nothing_typed_is_lost(city, page, draft, wrong, field):
    answer = page.post(address(draft), filled(city, reason="我写的理由", **wrong))
    assert answer.status_code in (400, 422)
    assert answer.context["form"].errors.keys() == {field}
    assert "我写的理由" in answer.text
    assert not Clause.objects.filter(review="added").exists()


def test_words_typed_over_a_selection_count(draft):
    start, end = span(draft, MISSED)
    data = {"words": "完成100家企业治理", "start": start, "end": end, "cut": "one", "areas": "all"}
    form = ClauseForm(data, version=draft)
    assert form.is_valid(), form.errors
    assert (form.values()["start"], form.values()["end"]) == span(draft, "完成100家企业治理")
    assert form.values()["who"] is None


def test_a_new_task_is_made_on_the_page(city, page, draft):
    data = filled(city, words="11月底前，拆除散煤点位。", who_words="", task_title="三、整治散煤")
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address(draft, '')}?show=all"}
    answer = page.post(address(draft), data, headers=headers)
    clause = Clause.objects.get(review="added")
    assert clause.task.title == "整治散煤"
    assert answer.headers["HX-Retarget"] == "#cards"
    assert f'id="c{clause.pk}"' in answer.text
    assert 'hx-swap-oob="innerHTML:#review-text"' in answer.text
    assert f'<div id="b{clause.task_id}" class="lt-block">' in answer.text
    undone = page.post(address(draft, "undo/"), headers=headers)
    assert 'hx-swap-oob="innerHTML:#review-text"' in undone.text
    assert f'id="b{clause.task_id}"' not in undone.text


def test_a_clause_is_deleted_on_the_page_and_comes_back(city, page, draft):
    clause = Clause.objects.get(task__version=draft, task__number="1")
    before = everything(draft)
    url = f"/plan/documents/review/clauses/{clause.pk}/delete/"
    assert "1-1-1" in page.get(url).text
    held = page.post(url, {"reason": "不是条款", "version": clause.version})
    assert (held.status_code, held.context["form"].errors.keys()) == (400, {"with_measures"})
    stale = page.post(url, {"reason": "不是条款", "with_measures": "on", "version": 99})
    assert stale.status_code == 409
    gone = page.post(url, {"reason": "不是条款", "with_measures": "on", "version": clause.version})
    assert gone.status_code == 302
    assert not Measure.objects.filter(clause=clause.pk).exists()
    assert page.get(url).status_code == 404
    page.post(address(draft, "undo/"))
    assert everything(draft) == before


def test_the_task_is_offered_only_with_its_last_clause(city, page, draft):
    clause = Clause.objects.get(task__version=draft, task__number="1")
    url = f"/plan/documents/review/clauses/{clause.pk}/delete/"
    assert 'name="with_task"' in page.get(url).text
    added(city, draft)
    assert 'name="with_task"' not in page.get(url).text


@pytest.mark.parametrize("who", ["dept", "county", "inspector", "public", "admin", "nobody"])
def test_nobody_else_gets_there(city, login, draft, who):
    clause = Clause.objects.filter(task__version=draft).first()
    page = login(city.people[who])
    for url in (address(draft), f"/plan/documents/review/clauses/{clause.pk}/delete/"):
        assert page.get(url).status_code in (403, 404)
        assert page.post(url, filled(city, reason="x", with_measures="on")).status_code in (403, 404)
    assert Clause.objects.filter(task__version=draft).count() == 2
