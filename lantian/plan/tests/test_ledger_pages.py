"""The ledger's pages: what each person sees, the steps by form, and what is shown when a step is refused."""

from __future__ import annotations

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from lantian.plan import services
from lantian.plan.models import Assignment, Clause, Measure, MeasureTarget, Objection, ProgressReport, TargetSplit
from lantian.plan.services import Part
from lantian.plan.tests import ledger as lib

pytestmark = pytest.mark.django_db

PEOPLE = (
    "office", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector", "public", "admin", "nobody",
)  # fmt: skip


@pytest.fixture
def city(go, ledger):
    return ledger[0]


@pytest.fixture
def visit(city, login):
    """Return a function that opens an address as a person, or posts to it."""

    def _visit(name, address, post=None):
        client = login(city.people[name])
        return client.post(address, post) if post is not None else client.get(address)

    return _visit


def picture():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return SimpleUploadedFile("现场.png", out.getvalue(), "image/png")


def page(name, *args):
    return reverse(f"plan:{name}", args=args)


def act(a, action):
    return page("act", a.pk, action)


# --- who sees what

OPEN = {
    "my_work": {"office", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector"},
    "tree": {"office", "dept", "dept2", "county", "county2", "town", "inspector", "public"},
    "assignments": {"office", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector"},
    "counties": {"office", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector"},
    "agencies": {"office", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector"},
    "signoff": {"office", "dept", "dept2", "county", "county2", "town", "enterprise", "inspector"},
}


@pytest.mark.parametrize("name", list(OPEN))
def test_pages_open_to_those_who_may(visit, client, name):
    assert client.get(page(name)).status_code == 302
    for person in PEOPLE:
        assert visit(person, page(name)).status_code == (200 if person in OPEN[name] else 403), person


def test_records_open_to_those_whom_they_concern(city, visit):
    a = lib.led(city)
    seen = {p for p in PEOPLE if visit(p, page("assignment", a.pk)).status_code == 200}
    assert seen == {"office", "dept", "dept2", "county", "inspector"}
    assert visit("county2", page("assignment", a.pk)).status_code == 404
    assert visit("nobody", page("assignment", a.pk)).status_code == 403
    for name, record in (("task", a.measure.clause.task_id), ("measure", a.measure_id)):
        seen = {p for p in PEOPLE if visit(p, page(name, record)).status_code == 200}
        assert seen == OPEN["tree"], name
    counties = {p for p in PEOPLE if visit(p, page("county", city.areas[0].code)).status_code == 200}
    assert counties == {"office", "dept", "dept2", "county", "inspector"}
    assert visit("office", page("county", "nowhere")).status_code == 404
    assert visit("office", page("agency", city.agencies["生态环境局"].pk)).status_code == 200


def test_a_county_sees_no_other_countys_figures(city, visit):
    shown = visit("county", page("assignments")).text
    assert "甲县" in shown
    assert "乙县" not in re.sub(r"<select.*?</select>", "", shown, flags=re.S)
    lines = visit("county", page("counties")).context["lines"]
    assert [line.holder for line in lines] == [city.areas[0]]


def test_texts_in_review_are_for_those_who_review(city, visit, ledger):
    version = ledger[1]
    version.state, version.adopted_at, version.adopted_by = "in_review", None, None
    version.save()
    m = Measure.objects.first()
    assert visit("county", page("measure", m.pk)).status_code == 404
    assert visit("office", page("measure", m.pk)).status_code == 200
    assert visit("office", page("tree")).status_code == 200


def test_without_a_plan_the_pages_say_so(go, login):
    from tests.builders import make_city

    city = make_city()
    for name in OPEN:
        assert login(city.people["office"]).get(page(name)).status_code == 200


# --- the tree, the task, the measure


def test_the_tree_shows_sentences_in_their_text_with_counts(city, visit):
    shown = visit("office", page("tree"))
    m = Measure.objects.get(code="1-1-1")
    assert f'href="{page("measure", m.pk)}">{m.text}</a>' in shown.text
    assert shown.context["total"] == {"not_started": 12}


@pytest.mark.parametrize(
    ("query", "tasks"),
    [
        ("?q=锅炉", ["1"]),
        ("?area=990001", ["1", "2"]),
        ("?q=没有这个词", []),
        ("?agency=0", []),
        ("?area=x", ["1", "2"]),
    ],
)
def test_the_tree_narrows_by_address(city, visit, query, tasks):
    assert [node.task.number for node in visit("office", page("tree") + query).context["nodes"]] == tasks


def test_the_tree_by_agency(city, visit):
    agency = city.agencies["市场监管局"]
    nodes = visit("office", f"{page('tree')}?agency={agency.pk}").context["nodes"]
    assert [node.task.number for node in nodes] == ["1"]


def test_a_measure_is_highlighted_in_its_paragraph(city, visit):
    m = Measure.objects.get(code="1-1-2")
    shown = visit("public", page("measure", m.pk))
    assert f"<mark>{m.text}</mark>" in shown.text
    assert "整治燃煤锅炉" in shown.text
    assert "not started" not in shown.text, "the public sees no assignments"


def test_the_office_splits_a_target_on_the_measures_page(city, visit):
    target = MeasureTarget.objects.get(measure__code="1-1-2")
    rows = Assignment.objects.filter(measure=target.measure)
    given = {f"share_{a.pk}": "85" for a in rows} | {"method": "same", "explanation": "", "key": "k"}
    refused = visit("office", page("split", target.pk), given)
    assert refused.status_code in (400, 422)
    assert 'value="85"' in refused.text
    assert not TargetSplit.objects.exists()
    assert visit("county", page("split", target.pk), given).status_code == 403
    done = visit("office", page("split", target.pk), given | {"explanation": "基础差"})
    assert done.status_code == 302
    assert TargetSplit.objects.get().shares.count() == 4
    old = visit("office", page("split", target.pk), given | {"explanation": "又一次"})
    assert old.status_code == 409
    again = visit("office", page("split", target.pk), given | {"explanation": "又一次", "version": "1"})
    assert again.status_code == 302


def test_the_office_names_areas_on_a_page(city, visit):
    clause = Clause.objects.get(task__number="1")
    Assignment.objects.filter(measure__clause=clause).delete()
    clause.area_links.all().delete()
    clause.areas = "some"
    clause.save()
    assert page("name_areas", clause.pk) in visit("office", page("task", clause.task_id)).text
    assert page("name_areas", clause.pk) not in visit("county", page("task", clause.task_id)).text
    assert visit("county", page("name_areas", clause.pk)).status_code == 403
    assert visit("office", page("name_areas", clause.pk)).status_code == 200
    assert visit("office", page("name_areas", clause.pk), {"places": []}).status_code == 422
    done = visit("office", page("name_areas", clause.pk), {"places": [city.areas[0].pk], "reason": "会议纪要"})
    assert done.status_code == 302
    assert Assignment.objects.filter(measure__clause=clause).count() == 2


# --- the list


def codes(answer):
    return [row.record.measure.code for row in answer.context["table"].rows]


def test_the_list_filters_by_address(city, visit):
    lib.submit(city, lib.led(city))
    services.report(city.people["county2"], lib.led(city, 1), percent=40, text="开工")
    services.decompose(city.people["county"], lib.unled(city), [Part("town", city.towns[0])])
    task = lib.led(city).measure.clause.task_id
    agency = city.agencies["生态环境局"].pk
    cases = {
        "": 12, "?status=submitted": 1, "?status=in_progress": 1, "?freshness=fresh": 1, "?freshness=never": 10,
        f"?task={task}": 8, "?area=990002": 3, f"?agency={agency}": 8, "?nature=binding": 8, "?due=101": 0, "?due=102": 11,
        "?due=400": 11, "?q=锅炉": 8, "?q=锅炉 乙县": 2, "?q=2-1": 4, "?parts=with": 13, "?parts=only": 1,
        "?q=没有": 0,
    }  # fmt: skip
    for query, n in cases.items():
        assert len(codes(visit("office", page("assignments") + query))) == n, query


@pytest.mark.parametrize(
    "query",
    [
        "?status=zz",
        "?due=-1",
        "?due=9999999",
        "?area=zz",
        "?task=zz",
        "?sort=zz",
        "?page=zz",
        "?per_page=-3",
        "?columns=zz,;drop",
    ],
)
def test_strange_addresses_do_no_harm(city, visit, query):
    assert visit("office", page("assignments") + query).status_code == 200


def test_every_column_sorts_and_shows(city, visit):
    from lantian.plan.views.assignments import AssignmentTable

    lib.submit(city, lib.led(city))
    every = ",".join(AssignmentTable.base_columns)
    for name in AssignmentTable.base_columns:
        for sign in ("", "-"):
            answer = visit("office", f"{page('assignments')}?columns={every}&sort={sign}{name}")
            assert answer.status_code == 200
            assert len(codes(answer)) == 12


def test_the_export_is_what_is_seen(city, visit):
    lib.submit(city, lib.led(city))
    answer = visit("office", f"{page('assignments')}?status=submitted&columns=status,holder,deadline&export=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row][:3] for row in sheet.iter_rows(max_row=2)]
    assert rows[1] == ["已提交", "甲县", dt.datetime(2020, 9, 30)]


# --- the steps by form


def test_a_county_reports_with_a_pasted_picture(city, visit):
    a = lib.led(city)
    shown = visit("county", page("assignment", a.pk))
    assert [name for name, _action, _form in shown.context["forms"]] == ["report", "submit"]
    given = {"percent": "30", "text": "已拆除3台", "effective_on": "2020-06-19", "version": "1", "key": "k1"}
    given |= {"evidence_files": [picture()], "evidence_effective_on": "2020-06-18", "evidence_title": "现场照片"}
    done = visit("county", act(a, "report"), given)
    assert done.status_code == 302
    made = ProgressReport.objects.get()
    assert (made.percent, made.evidence.get().title, made.evidence.get().place) == (30, "现场照片", city.areas[0])
    again = visit("county", act(a, "report"), given | {"evidence_files": [picture()]})
    assert again.status_code == 302
    assert ProgressReport.objects.count() == 1, "the same click twice"
    assert "现场照片" in visit("office", page("assignment", a.pk)).text


def test_a_refused_form_keeps_what_was_typed(city, visit):
    a = lib.led(city)
    given = {"percent": "130", "text": "已拆除", "effective_on": "2020-06-19", "version": "1", "key": "k1"}
    refused = visit("county", act(a, "report"), given)
    assert refused.status_code == 422
    assert "已拆除" in refused.text
    assert not ProgressReport.objects.exists()
    no_proof = visit("county", act(a, "submit"), {"statement": "完成", "version": "1", "key": "k"})
    assert no_proof.status_code == 422
    assert ">\n完成</textarea>" in no_proof.text


def test_a_conflict_says_so_and_the_next_try_works(city, visit):
    a = lib.led(city)
    given = {"statement": "完成", "version": "1", "key": "k", "evidence_effective_on": "2020-06-18"}
    services.set_deadline(city.people["office"], a, deadline=dt.date(2020, 8, 1), reason="提前")
    refused = visit("county", act(a, "submit"), given | {"evidence_files": [picture()]})
    assert refused.status_code == 409
    form = {name: form for name, _action, form in refused.context["forms"]}["submit"]
    assert form["version"].value() == "2"
    done = visit("county", act(a, "submit"), given | {"version": "2", "evidence_files": [picture()]})
    assert done.status_code == 302


def test_the_whole_way_by_forms(city, visit, go):
    a = lib.led(city)
    common = {"evidence_effective_on": "2020-06-18"}
    assert visit(
        "county", act(a, "submit"), {"statement": "完成", "key": "1", "evidence_files": [picture()], **common}
    ).status_code == 302  # fmt: skip
    assert [n for n, *_ in visit("dept", page("assignment", a.pk)).context["forms"]] == ["verify", "return"]
    check = {"checked_on": "2020-06-20", "location": "锅炉房", "method": "现场", "found": "已拆除", "reason": "属实"}
    assert visit("dept", act(a, "return"), {"reason": "缺照片", "key": "2"}).status_code == 302
    work = visit("county", page("my_work")).text
    assert "缺照片" in work
    assert work.index("缺照片") < work.index("card-far") if "card-far" in work else True
    visit("county", act(a, "submit"), {"statement": "补齐", "key": "3", "evidence_files": [picture()], **common})
    assert visit("dept", act(a, "verify"), check | {"key": "4"}).status_code == 302
    form = {n: f for n, _a, f in visit("office", page("assignment", a.pk)).context["forms"]}["publicise"]
    assert visit("office", act(a, "publicise"), {"reason": form["reason"].value(), "key": "5"}).status_code == 302
    assert "approve" not in [n for n, *_ in visit("office", page("assignment", a.pk)).context["forms"]]
    refused = visit("office", act(a, "approve"), {"reason": "同意", "key": "6"})
    assert refused.status_code == 409
    go(dt.date(2020, 7, 20))
    assert visit("office", act(a, "approve"), {"reason": "同意", "key": "7"}).status_code == 302
    a.refresh_from_db()
    assert a.state == "signed_off"
    assert visit(
        "inspector", act(a, "rebound"), {"reason": "复烧", "key": "8", "evidence_files": [picture()], **common}
    ).status_code == 302  # fmt: skip
    assert "复烧" in visit("county", page("my_work")).text


@pytest.mark.parametrize("state", ["not_started", "submitted", "verified", "signed_off", "cancelled"])
def test_steps_that_are_not_theirs_are_refused_and_not_shown(city, visit, go, state):
    from lantian.plan.views.assignment import ACTIONS

    a = lib.bring_to(city, lib.led(city), state, go)
    for person in ("county2", "town", "public", "nobody", "admin"):
        for action in ACTIONS:
            assert visit(person, act(a, action), {"reason": "试试"}).status_code in (403, 404), (person, action)
    for person in ("dept2", "inspector"):
        for action in ("report", "submit", "verify", "approve", "cancel"):
            assert visit(person, act(a, action), {"reason": "试试"}).status_code == 403, (person, action)
    a.refresh_from_db()
    assert a.state == state


def test_an_unknown_step_or_method_is_nothing(city, visit):
    a = lib.led(city)
    assert visit("county", act(a, "dance"), {}).status_code == 404
    assert visit("county", act(a, "report")).status_code == 405


def test_a_wrong_report_is_withdrawn_on_its_page(city, visit):
    made = services.report(city.people["county"], lib.led(city), percent=5, text="开工")
    assert visit("county2", page("withdraw_report", made.pk)).status_code == 404
    assert visit("office", page("withdraw_report", made.pk)).status_code == 403
    assert visit("county", page("withdraw_report", made.pk)).status_code == 200
    assert visit("county", page("withdraw_report", made.pk), {"reason": ""}).status_code == 422
    assert visit("county", page("withdraw_report", made.pk), {"reason": "写错了"}).status_code == 302
    assert "写错了" in visit("office", page("assignment", made.assignment_id)).text


def test_a_county_divides_on_a_page(city, visit):
    a = lib.led(city)
    assert visit("county", page("divide", a.pk)).status_code == 200
    assert visit("county2", page("divide", a.pk)).status_code == 404
    assert visit("dept", page("divide", a.pk)).status_code == 403
    given = {"places": [city.towns[0].pk], "enterprises": "青川砖厂\n\n青川铸造", "version": "1", "key": "k"}
    assert visit("county", page("divide", a.pk), given).status_code == 302
    assert a.parts.count() == 3
    again = visit("county", page("divide", a.pk), given | {"key": "k2", "version": "2", "places": []})
    assert again.status_code == 400
    assert "青川砖厂" in again.text
    assert "第1镇" in visit("county", page("assignment", a.pk)).text
    lib.village(city.towns[1])
    assert "第1村" in visit("county", f"{page('divide', a.pk)}?town={city.towns[1].code}").text


# --- sign-off inbox


def test_the_office_does_several_at_once_and_hears_what_was_refused(city, visit, go):
    rows = [lib.led(city), Assignment.objects.get(measure__code="1-1-2", place=city.areas[0])]
    for row in rows:
        lib.submit(city, row)
        lib.verify(city, row)
    chosen = [row.pk for row in rows] + [lib.led(city, 1).pk]
    address = page("signoff_several", "publicise")
    assert visit("county", address, {"assignment": chosen, "reason": "公示"}).status_code == 403
    shown = visit("office", page("signoff") + "?step=publicise")
    assert [card.n for card in shown.context["chosen"]] == [2]
    done = visit("office", address, {"assignment": chosen, "reason": "公示", "key": "k"})
    assert done.status_code == 302
    follow = visit("office", page("signoff"))
    assert [card.n for card in follow.context["cards"] if card.name == "public"] == [2]
    texts = [str(m) for m in follow.context["messages"]]
    assert len(texts) == 2
    go(dt.date(2020, 7, 20))
    visit("office", page("signoff_several", "approve"), {"assignment": chosen, "reason": "同意", "key": "k2"})
    assert Assignment.objects.filter(state="signed_off").count() == 2
    assert visit("office", page("signoff_several", "dance"), {}).status_code == 404


# --- publicity, in public


@pytest.fixture
def public_period(city):
    a = lib.led(city)
    lib.submit(city, a)
    lib.verify(city, a)
    return services.publicise(city.people["office"], a, statement="甲县已完成，现予公示")


def test_anybody_reads_and_objects_without_a_login(city, client, public_period):
    shown = client.get(page("publicity"))
    assert "甲县已完成" in shown.text
    hostile = "<script>alert(1)</script> =1+1 {{ 7*7 }}"
    given = {"name": "王<b>某", "contact": "", "text": hostile}
    done = client.post(page("objection", public_period.pk), given)
    assert done.status_code == 200
    assert done.context["sent"]
    made = Objection.objects.get()
    assert made.text == hostile
    assert len(made.sender) == 64


def test_an_objection_is_shown_as_text_and_its_author_to_the_office_only(city, client, visit, public_period):
    client.post(
        page("objection", public_period.pk), {"name": "王<b>某", "text": "<img src=x onerror=1>", "contact": "138"}
    )
    a = public_period.assignment
    office = visit("office", page("assignment", a.pk)).text
    assert "<img src=x" not in office
    assert "王&lt;b&gt;某" in office
    for person in ("county", "dept", "inspector"):
        shown = visit(person, page("assignment", a.pk)).text
        assert "onerror" in shown
        assert "王&lt;b&gt;某" not in shown
        assert "138" not in re.sub(r'(value|name|content)="[^"]*"', "", shown)


def test_floods_are_stopped(city, client, public_period):
    for n in range(5):
        assert client.post(page("objection", public_period.pk), {"name": "王某", "text": f"第{n}条"}).context["sent"]
    assert client.post(page("objection", public_period.pk), {"name": "王某", "text": "再来"}).status_code == 429
    assert Objection.objects.count() == 5


def test_incomplete_objections_are_refused(city, client, public_period):
    assert client.post(page("objection", public_period.pk), {"name": "", "text": "x" * 6000}).status_code == 422
    assert client.post(page("objection", public_period.pk), {"name": "\x00王", "text": "不对的"}).status_code in (
        400,
        422,
    )


def test_after_the_period_there_is_nothing_to_object_to(city, client, public_period, go):
    go(public_period.ends_on + dt.timedelta(days=1))
    assert client.get(page("objection", public_period.pk)).status_code == 404
    assert "甲县已完成" not in client.get(page("publicity")).text


def test_the_office_answers_on_the_assignments_page(city, client, visit, public_period):
    client.post(page("objection", public_period.pk), {"name": "王某", "text": "不属实"})
    client.logout()
    made = Objection.objects.get()
    address = page("resolve_objection", made.pk)
    assert visit("dept", address, {"upheld": "no", "resolution": "复核"}).status_code == 403
    assert visit("office", address, {"upheld": "", "resolution": ""}).status_code == 422
    assert visit("office", address, {"upheld": "yes", "resolution": "属实", "key": "k"}).status_code == 302
    made.refresh_from_db()
    assert made.upheld
    assert lib.led(city).state == "returned"


# --- language


def test_pages_speak_english_too(city, client, login):
    lib.submit(city, lib.led(city))
    logged = login(city.people["office"])
    logged.cookies["lantian_language"] = "en"
    for name in OPEN:
        shown = logged.get(page(name))
        assert 'lang="en"' in shown.text
    shown = logged.get(page("assignment", lib.led(city).pk)).text
    assert "submitted" in shown
    assert "County 1" in shown


def test_counties_and_departments_go_to_excel(city, visit):
    lib.submit(city, lib.led(city))
    for name, n in (("counties", 4), ("agencies", 2)):
        answer = visit("office", page(name) + "?export=xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert sheet.max_row == 1 + n, name
