"""Pages of documents, review, comparison and county plans: who sees them, and that all of it works without a script."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lantian.plan.models import Clause, DocumentVersion, Measure, ReviewAction, Trace
from lantian.plan.services.documents import import_document
from lantian.plan.services.review import accept_all
from lantian.plan.tests.test_documents import AGAIN, COUNTY, FIRST, bring, put_in_force

pytestmark = pytest.mark.django_db
ROLES = ["office", "dept", "county", "county2", "town", "enterprise", "inspector", "public", "admin", "nobody"]


@pytest.fixture
def draft(city):
    return bring(city)


@pytest.fixture
def first(city, draft):
    return put_in_force(city, draft)


@pytest.fixture
def county_plan(city, first):
    return bring(city, COUNTY, who="county", kind="county_plan", place=city.areas[0], serves=first.document)


def review_url(version, rest="") -> str:
    return f"/plan/documents/review/{version.pk}/{rest}"


def statuses(login, city, url) -> dict[str, int]:
    return {who: login(city.people[who]).get(url).status_code for who in ROLES}


def test_the_review_of_a_city_plan_is_the_offices(city, login, draft):
    found = statuses(login, city, review_url(draft))
    assert found.pop("office") == 200
    assert found == {who: 403 if who in ("enterprise", "admin", "nobody") else 404 for who in found}


def test_a_draft_is_seen_by_those_who_work_on_it(city, login, draft):
    for url in (
        f"/plan/documents/{draft.pk}/",
        f"/plan/documents/{draft.pk}/file/",
        f"/plan/documents/{draft.pk}/compare/",
    ):
        found = statuses(login, city, url)
        assert found.pop("office") == 200
        assert set(found.values()) == {403, 404}


def test_an_adopted_text_is_seen_by_all_who_see_plans(city, login, first):
    found = statuses(login, city, f"/plan/documents/{first.pk}/")
    assert {who for who, status in found.items() if status == 200} == set(ROLES) - {"enterprise", "admin", "nobody"}


def test_a_county_reviews_and_adopts_its_own_plan(city, login, county_plan):
    found = statuses(login, city, review_url(county_plan))
    assert {who for who, status in found.items() if status == 200} == {"office", "county"}
    accept_all(city.people["county"], county_plan, confidence=0)
    page = login(city.people["county"])
    version = DocumentVersion.objects.get(pk=county_plan.pk)
    answer = page.post(f"/plan/documents/{version.pk}/adopt/", {"version": version.version, "key": "x"})
    assert answer.status_code == 302
    version.refresh_from_db()
    assert version.state == "adopted"


def test_nobody_without_login_sees_anything(client, draft):
    for url in (review_url(draft), "/plan/documents/", f"/plan/documents/{draft.pk}/", "/plan/county-plans/"):
        assert client.get(url).headers["Location"].startswith("/login/")


def test_import_by_upload_and_by_paste(city, login):
    page = login(city.people["office"])
    answer = page.post("/plan/documents/import/", {"file": SimpleUploadedFile("计划.txt", FIRST.read_bytes())})
    version = DocumentVersion.objects.get()
    assert answer.headers["Location"] == review_url(version)
    again = page.post(
        "/plan/documents/import/", {"file": SimpleUploadedFile("计划.txt", FIRST.read_bytes())}, follow=True
    )
    assert "已导入" in again.text
    pasted = page.post("/plan/documents/import/", {"pasted": AGAIN.read_text(encoding="utf-8")})
    assert pasted.status_code == 409
    assert "审核中" in pasted.text
    assert "原文件（青政办发〔2020〕8号）同时废止" in pasted.text  # what was typed is still there


def test_import_says_what_is_wrong_beside_the_field(city, login):
    page = login(city.people["office"])
    assert page.post("/plan/documents/import/", {}).status_code == 422
    answer = page.post("/plan/documents/import/", {"file": SimpleUploadedFile("a.txt", "你好".encode())})
    assert answer.status_code == 400
    assert "没有找到任务" in answer.text


def test_import_of_a_county_plan_offers_the_county_its_own_place(city, login, first):
    page = login(city.people["county"])
    text = page.get("/plan/documents/import/").text
    assert "甲县" in text
    assert "乙县" not in text
    data = {"serves": first.document_id, "place": city.areas[1].pk, "pasted": COUNTY.read_text(encoding="utf-8")}
    assert page.post("/plan/documents/import/", data).status_code == 422
    assert page.post("/plan/documents/import/", {**data, "place": city.areas[0].pk}).status_code == 302


def test_hostile_names_and_texts_are_shown_as_text(city, login):
    evil = FIRST.read_text(encoding="utf-8").replace("整治燃煤锅炉", "<script>alert(1)</script>").encode()
    version = import_document(
        city.people["office"], evil, name="x<img src=x onerror=alert(1)>.txt", kind="city_plan", place=city.city
    )
    for url in (review_url(version), f"/plan/documents/{version.pk}/", "/plan/documents/"):
        text = login(city.people["office"]).get(url).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


# ---- the review without a script


def post(page, url, **data):
    return page.post(url, data)


def test_every_act_works_as_a_plain_form(city, login, draft):
    page = login(city.people["office"])
    one = Measure.objects.get(code="1-1-1")
    url = f"/plan/documents/review/measures/{one.pk}/"
    answer = post(page, url, do="accept", version=1)
    assert answer.headers["Location"].endswith(f"#m{one.pk}")
    assert page.get(f"{url}edit/").status_code == 200
    form = {
        "text": "改过的文字", "deadlines": "2020-09-30", "nature": "task", "start": one.start, "end": one.end,
        "version": 2, "key": "e", "targets-TOTAL_FORMS": 0, "targets-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert post(page, f"{url}edit/", **form).status_code == 302
    assert post(page, f"{url}edit/", **{**form, "key": "e2"}).status_code == 409
    one.refresh_from_db()
    assert (one.text, one.review, one.targets.count()) == ("改过的文字", "edited", 0)
    assert post(page, url, do="merge", version=3).status_code == 302
    offered = re.findall(r'name="offset" value="(\d+)"', page.get(f"{url}split/").text)
    assert post(page, f"{url}split/", offset=offered[0], version=4, key="s").status_code == 302
    assert post(page, f"{url}split/", offset=7, version=5, key="s2").status_code == 422
    assert post(page, f"{url}delete/", reason="", key="d").status_code == 422
    assert post(page, f"{url}delete/", reason="重复", key="d").status_code == 302
    assert post(page, review_url(draft, "undo/")).status_code == 302
    assert Measure.objects.filter(pk=one.pk).exists()


def test_add_by_words_typed_in(city, login, draft):
    page = login(city.people["office"])
    url = review_url(draft, "add/")
    assert post(page, url, words="没有这句话", key="1").status_code == 422
    assert post(page, url, words="2020年", key="1").status_code == 422
    assert post(page, url, words="逐台登记 燃料和去向", key="1").status_code == 302
    assert Measure.objects.get(review="added").text == "逐台登记燃料和去向"


def test_roles_names_areas_heading_and_accepting_all(city, login, draft):
    page = login(city.people["office"])
    clause = Clause.objects.get(task__number="4")
    agency = city.agencies["能源局"]
    form = {"areas": "named", f"agency-{agency.pk}": "lead", "version": 1, "key": "r"}
    assert post(page, f"/plan/documents/review/clauses/{clause.pk}/roles/", **form).status_code == 302
    assert [a.agency for a in clause.agencies.all()] == [agency]
    Clause.objects.filter(pk=clause.pk).update(
        unresolved=[{"kind": "agency", "role": "lead", "name": "某专班", "start": 0, "end": 1}]
    )
    assert "某专班" in page.get(review_url(draft, "?show=doubtful")).text
    name = review_url(draft, "name/?name=某专班&kind=agency")
    assert page.get(name).status_code == 200
    assert post(page, name, who="nobody", reason="", key="n").status_code == 400
    assert post(page, name, who="agency", agency=agency.pk, key="n2").status_code == 302
    assert post(page, review_url(draft, "areas/")).status_code == 302
    assert Clause.objects.get(task__number="3").area_links.count() == 3
    heading = {"title": "新标题", "issued_on": "2020-03-11", "key": "h"}
    assert post(page, review_url(draft, "heading/"), **heading).status_code == 302
    assert post(page, review_url(draft, "accept-all/"), confidence=90, key="a").status_code == 302
    draft.refresh_from_db()
    assert draft.title == "新标题"
    assert ReviewAction.objects.filter(version=draft).count() == 5


def test_the_page_adopts_when_nothing_is_open(city, login, draft):
    page = login(city.people["office"])
    url = f"/plan/documents/{draft.pk}/adopt/"
    assert page.get(url).text.count("阻止采纳") > 0
    refused = page.post(url, {"version": draft.version, "key": "a"})
    assert refused.status_code == 400
    accept_all(city.people["office"], draft, confidence=0)
    assert (
        page.post(url, {"version": draft.version, "key": "a"}, follow=True).redirect_chain[-1][0]
        == f"/plan/documents/{draft.pk}/"
    )
    assert page.get(review_url(draft)).headers["Location"] == f"/plan/documents/{draft.pk}/"


def test_discard_asks_for_a_reason(city, login, draft):
    page = login(city.people["office"])
    url = f"/plan/documents/{draft.pk}/discard/"
    assert page.post(url, {"reason": ""}).status_code == 422
    assert page.post(url, {"reason": "选错文件", "version": draft.version}).status_code == 302
    assert page.get(url).status_code == 409


def test_answers_to_the_script_are_pieces(city, login, draft):
    page = login(city.people["office"])
    one = Measure.objects.get(code="1-1-1")
    url = f"/plan/documents/review/measures/{one.pk}/"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{review_url(draft)}?show=all"}
    answer = page.post(url, {"do": "accept", "version": 1}, headers=headers)
    assert f'id="m{one.pk}"' in answer.text
    assert f'id="b{one.clause.task_id}"' in answer.text
    assert 'id="review-status"' in answer.text
    assert "<html" not in answer.text
    assert "review:acted" in answer.headers["HX-Trigger"]
    stale = page.post(url, {"do": "merge", "version": 1}, headers=headers)
    assert (stale.status_code, stale.headers["HX-Retarget"]) == (409, "#review-problem")


def test_a_person_without_the_verb_cannot_act(city, login, draft):
    one = Measure.objects.get(code="1-1-1")
    for who in ("dept", "county", "inspector", "public"):
        page = login(city.people[who])
        for rest in ("", "edit/", "split/", "delete/"):
            assert page.post(f"/plan/documents/review/measures/{one.pk}/{rest}", {"do": "accept"}).status_code in (
                403,
                404,
            )
        for rest in ("add/", "accept-all/", "undo/", "areas/", "heading/", "name/"):
            assert page.post(review_url(draft, rest)).status_code in (403, 404)
    assert ReviewAction.objects.count() == 0


# ---- comparing and tracing


def rows_of(answer) -> list[tuple]:
    return [tuple(row) for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)]


def test_comparison_shows_old_words_struck_through_and_exports(city, login, first):
    again = bring(city, AGAIN)
    page = login(city.people["office"])
    text = page.get(f"/plan/documents/{again.pk}/compare/").text
    assert "<del>9</del><ins>8</ins>" in text
    assert "每月开展道路清扫保洁检查" not in text
    assert "遇重污染天气" not in text
    assert "遇重污染天气" in page.get(f"/plan/documents/{again.pk}/compare/?show=all").text
    rows = rows_of(page.get(f"/plan/documents/{again.pk}/compare/?export=xlsx"))
    assert len([r for r in rows[1:] if r[1] or r[3]]) == 9
    preview = page.get(f"/plan/documents/{again.pk}/adopt/").text
    assert "2020-09-30" in preview


def test_county_plans_list_and_export(city, login, first, county_plan):
    page = login(city.people["office"])
    text = page.get("/plan/county-plans/").text
    assert f"/plan/county-plans/{county_plan.pk}/" in text
    assert f"/plan/county-plans/{county_plan.pk}/" not in login(city.people["public"]).get("/plan/county-plans/").text
    rows = rows_of(login(city.people["office"]).get("/plan/county-plans/?export=xlsx"))
    assert [r[0] for r in rows[1:5]] == ["甲县", "乙县", "丙县", "青川经济开发区"]


def test_the_page_of_a_county_plan(city, login, first, county_plan):
    page = login(city.people["county"])
    url = f"/plan/county-plans/{county_plan.pk}/"
    text = page.get(url).text
    assert "低于市级要求" in text
    trace = Trace.objects.get(county_measure__code="1-1-1")
    answer = page.post(f"/plan/traces/{trace.pk}/", {"state": "confirmed", "show": "suggested"})
    assert answer.headers["Location"] == f"{url}?show=suggested#m{trace.city_measure_id}"
    assert page.post(f"/plan/traces/{trace.pk}/", {"state": "maybe"}).status_code == 400
    own = Measure.objects.get(clause__task__version=county_plan, code="3-1-1")
    theirs = Measure.objects.get(clause__task__version=first, code="2-1-2")
    assert page.post(f"{url}trace/", {"county": own.pk, "city": theirs.pk}).status_code == 302
    assert page.post(f"{url}suggest/").status_code == 302
    assert Trace.objects.filter(state="confirmed").count() == 2
    for show in ("all", "covered", "suggested", "missing", "looser", "nonsense"):
        assert page.get(f"{url}?show={show}").status_code == 200
    rows = rows_of(page.get(f"{url}?export=xlsx"))
    assert len(rows) > 6
    other = login(city.people["county2"])
    assert other.get(url).status_code == 404
    assert other.post(f"/plan/traces/{trace.pk}/", {"state": "rejected"}).status_code == 404


def test_constant_number_of_queries(city, login, first, county_plan, django_assert_max_num_queries):
    page = login(city.people["office"])
    for url, most in (
        ("/plan/documents/", 14),
        ("/plan/county-plans/", 20),
        (f"/plan/county-plans/{county_plan.pk}/", 24),
    ):
        page.get(url)
        with django_assert_max_num_queries(most):
            page.get(url)


def test_the_review_page_asks_the_same_whatever_the_size(city, login, draft, django_assert_max_num_queries):
    page = login(city.people["office"])
    with django_assert_max_num_queries(36):
        page.get(review_url(draft, "?show=all"))
