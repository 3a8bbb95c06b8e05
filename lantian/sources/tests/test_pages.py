"""The pages of the register: the list, the file of an enterprise, forms, who sees and may what, constant queries."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from lantian.kit.search import search
from lantian.sources import parts
from lantian.sources.models import Change, Enterprise, Equipment, Line, Paper, Permit
from lantian.sources.tests.builders import make_enterprise, make_plant
from tests.querycounts import count

pytestmark = pytest.mark.django_db


def page_of(one):
    return reverse("sources:enterprise", args=[one.code])


def text(answer):
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


def test_the_list_filters_and_exports(city, login):
    make_plant("E0001", "青川砖厂", area=city.areas[0], grade="C")
    make_enterprise("E0002", "乙焦化", industry="coking", area=city.areas[1], synthetic=False)
    client, url = login(city.people["office"]), reverse("sources:list")
    for query, wanted in [
        ("", ["E0001", "E0002"]), ("?q=焦化", ["E0002"]), ("?area=990001", ["E0001"]), ("?industry=coking", ["E0002"]),
        ("?grade=C", ["E0001"]), ("?grade=-", ["E0002"]), ("?state=running", ["E0001", "E0002"]), ("?permit=none", ["E0001", "E0002"]),
        ("?permit=valid", []), ("?scattered=-", ["E0001", "E0002"]), ("?synthetic=no", ["E0002"]),
    ]:  # fmt: skip
        answer = client.get(url + query)
        assert answer.status_code == 200
        assert [row.record.code for row in answer.context["table"].page.object_list] == wanted, query
    csv = client.get(url + "?export=csv&columns=code,name,industry").content.decode("utf-8-sig")
    assert "E0002,乙焦化,焦化" in csv


def test_permits_have_a_state(city, login, monkeypatch):
    from lantian.city import clock

    client, url = login(city.people["office"]), reverse("sources:list")
    with clock.travel(dt.date(2020, 6, 1)):
        for n, day in enumerate(["2020-05-31", "2020-07-31", "2020-08-01", None], 1):
            one = make_enterprise(f"E{n}", f"厂{n}")
            Permit.objects.create(enterprise=one, code=f"E{n}.K1", number=str(n), kind="permit", expires_on=day)
        for state, wanted in [("expired", ["E1"]), ("soon", ["E2"]), ("valid", ["E3"]), ("open", ["E4"]), ("none", [])]:
            rows = client.get(f"{url}?permit={state}").context["table"].page.object_list
            assert [row.record.code for row in rows] == wanted, state


def test_the_file_shows_everything(city, login):
    one = make_plant(area=city.areas[0], phone="0350-123", contact="张三", address="某村")
    shown = text(login(city.people["office"]).get(page_of(one)))
    for wanted in (
        "隧道窑风机",
        "脱硫浆液泵",
        "DA001",
        "颗粒物",
        "排污许可证",
        "限产",
        "0350-123",
        "张三",
        "演示用虚构企业",
    ):
        assert wanted in shown, wanted
    assert "隧道窑风机 → 脱硫浆液泵" in shown


@pytest.mark.parametrize(("who", "status"), [
    ("office", 200), ("dept", 200), ("county", 200), ("inspector", 200), ("enterprise", 200), ("county2", 404), ("town", 404),
    ("public", 403), ("admin", 403), ("nobody", 403),
])  # fmt: skip
def test_who_opens_the_file(city, login, who, status):
    one = make_plant(area=city.areas[0], phone="0350-123")
    answer = login(city.people[who]).get(page_of(one))
    assert answer.status_code == status
    assert ("0350-123" in answer.content.decode()) == (status == 200)


def test_only_those_who_may_see_the_buttons(city, login):
    one = make_plant(area=city.areas[0])
    edit = reverse("sources:edit", args=[one.code])
    for who, may in [("office", True), ("county", True), ("inspector", False), ("enterprise", False)]:
        answer = login(city.people[who]).get(page_of(one))
        assert (edit in answer.content.decode()) is may, who
        assert login(city.people[who]).get(edit).status_code == (200 if may else 403)


def test_entering_by_the_form(city, login):
    client = login(city.people["office"])
    answer = client.post(
        reverse("sources:new"),
        {"name": "新厂", "state": "running", "industry": "brick", "reason": "普查", "aliases": "新砖厂、老砖厂"},
    )
    one = Enterprise.objects.get()
    assert answer["Location"] == page_of(one)
    assert (one.name, one.aliases, one.industry) == ("新厂", ["新砖厂", "老砖厂"], "brick")
    wrong = client.post(reverse("sources:new"), {"name": "", "credit_code": "123", "reason": ""})
    assert wrong.status_code == 422
    assert Enterprise.objects.count() == 1
    add = reverse("sources:add", args=[one.code, "equipment"])
    assert client.post(add, {"name": "窑", "role": "production", "rated_kw": "90", "reason": "普查"}).status_code == 302
    equipment = Equipment.objects.get()
    assert (equipment.code, equipment.rated_kw) == ("E0001.P01", 90)
    order = reverse("sources:add", args=[one.code, "order"])
    said = {
        "kind": "limit",
        "start": "2020-05-01T08:00",
        "share": "0.5",
        "subjects": [equipment.code],
        "reason": "预警",
    }
    assert client.post(order, said).status_code == 302
    assert one.orderrecord_rows.get().start == dt.datetime(2020, 5, 1, tzinfo=dt.UTC)


def test_a_refusal_stands_beside_its_field_and_input_is_kept(city, login):
    client, one = login(city.people["office"]), make_plant()
    url = reverse("sources:add", args=[one.code, "equipment"])
    answer = client.post(url, {"name": "窑", "role": "production", "off_kw": "9", "run_kw": "1", "reason": "x"})
    assert answer.status_code == 400
    page = BeautifulSoup(answer.content, "html.parser")
    assert page.find(id="id_off_kw_error")
    assert page.find(id="id_run_kw")["value"] == "1.0" or page.find(id="id_run_kw")["value"] == "1"


def test_two_people_at_once(city, login):
    client, one = login(city.people["office"]), make_plant()
    url = reverse("sources:edit", args=[one.code])
    version = BeautifulSoup(client.get(url).content, "html.parser").find(attrs={"name": "version"})["value"]
    Enterprise.objects.filter(pk=one.pk).update(version=7)
    said = {"name": "改名", "state": "running", "reason": "x", "version": version}
    answer = client.post(url, said)
    assert answer.status_code == 409
    one.refresh_from_db()
    assert one.name == "青川砖厂"


def test_ending_and_taking_up_by_the_page(city, login):
    client, one = login(city.people["office"]), make_plant()
    row = Equipment.objects.get(code="E0001.T01")
    end = reverse("sources:row_end", args=[one.code, "equipment", row.pk])
    assert client.post(end, {"until": "", "reason": "拆"}).status_code == 422
    assert client.post(end, {"until": "2020-01-31", "reason": "拆除"}).status_code == 302
    assert "2020-01-31 终止" in text(client.get(page_of(one)))
    again = reverse("sources:row_reopen", args=[one.code, "equipment", row.pk])
    assert client.post(again, {"reason": "误报"}).status_code == 302
    row.refresh_from_db()
    assert row.until is None
    history = text(client.get(reverse("sources:history", args=[one.code])))
    assert "拆除" in history
    assert "误报" in history


def test_rows_of_others_are_not_found(city, login):
    make_plant("E0001", area=city.areas[0])
    make_plant("E0002", "乙厂", area=city.areas[1])
    theirs = Line.objects.get(enterprise__code="E0002")
    client = login(city.people["county"])
    for url in (
        reverse("sources:row", args=["E0002", "line", theirs.pk]),
        reverse("sources:row", args=["E0001", "line", theirs.pk]),
        reverse("sources:row", args=["E0001", "nonsense", theirs.pk]),
        reverse("sources:add", args=["E0002", "line"]),
        reverse("sources:history", args=["E0002"]),
    ):
        assert client.get(url).status_code == 404, url
    own = Line.objects.get(enterprise__code="E0001")
    inspector = login(city.people["inspector"])
    url = reverse("sources:row", args=["E0001", "line", own.pk])
    assert inspector.get(url).status_code == 200
    assert inspector.post(url, {"name": "x", "reason": "x"}).status_code == 403


def test_evidence_goes_into_the_file(city, login):
    one, content = make_plant(area=city.areas[0]), BytesIO()
    Image.new("RGB", (8, 8), "green").save(content, "PNG")
    client = login(city.people["county"])
    url = reverse("sources:papers", args=[one.code])
    upload = SimpleUploadedFile("permit.png", content.getvalue())
    answer = client.post(url, {"evidence_files": upload, "evidence_effective_on": "2020-01-01", "code": "E0001.DA001"})
    assert answer.status_code == 302
    paper = Paper.objects.get()
    assert (paper.enterprise, paper.code, paper.evidence.place) == (one, "E0001.DA001", city.areas[0])
    for who, status in [("enterprise", 200), ("county2", 404)]:
        got = login(city.people[who]).get(reverse("records:evidence", args=[paper.evidence.pk]))
        assert got.status_code == status, who


def test_other_rooms_put_their_parts_on_the_page(city, login, monkeypatch):
    monkeypatch.setattr(parts, "_parts", {})
    parts.register("late", 20, lambda request, code: f"<p>late {code}</p>")
    parts.register("early", 10, lambda request, code: "<p>early</p>")
    parts.register("none", 5, lambda request, code: None)
    with pytest.raises(ValueError, match="late"):
        parts.register("late", 21, lambda request, code: None)
    one = make_plant()
    body = login(city.people["office"]).get(page_of(one)).content.decode()
    assert body.index("<p>early</p>") < body.index("<p>late E0001</p>")
    assert "part-none" not in body


def test_a_merged_code_leads_to_the_one_kept(city, login):
    kept = make_plant()
    gone = make_enterprise("E0009", "旧名", merged_into=kept)
    assert login(city.people["office"]).get(page_of(gone))["Location"] == page_of(kept)


def test_pages_take_a_constant_number_of_queries(city, login):
    one = make_plant(area=city.areas[0])
    client = login(city.people["office"])
    listed, file = reverse("sources:list"), page_of(one)
    few = count(client, listed), count(client, file)
    for n in range(2, 30):
        make_plant(f"E{n:04}", f"厂{n}", area=city.areas[n % 3])
        Equipment.objects.create(enterprise=one, code=f"E0001.P{n:02}9", name=f"机{n}", role="production")
        Change.objects.create(
            enterprise=one, kind="enterprise", row=one.pk, code=one.code, act="update", at=one.changed_at, by_name="x"
        )
    assert (count(client, listed), count(client, file)) == few
    assert few[0] <= 16
    assert few[1] <= 60


def test_search_finds_enterprises(city):
    from lantian.city.access import scope_of

    make_plant(area=city.areas[0], aliases=["青川窑厂"])
    for words in ("青川砖", "E0001.DA001", "窑厂"):
        hits = {s.kind: h for s, h in search(scope_of(city.people["county"]), words)}
        assert [hit.url for hit in hits["enterprise"]] == ["/sources/enterprises/E0001/"]
    assert "enterprise" not in {s.kind for s, _h in search(scope_of(city.people["county2"]), "青川砖")}


def test_assignments_of_the_plan_stand_on_the_page(ledger, login):
    from lantian.plan.models import Assignment, Measure

    city, version = ledger
    one = make_plant("E0001", "青川砖厂", area=city.areas[0])
    other = make_plant("E0002", "乙厂", area=city.areas[0])
    measure = Measure.objects.filter(clause__task__version=version).order_by("pk")[0]
    mine = Assignment.objects.filter(measure=measure).first()
    Assignment.objects.filter(pk=mine.pk).update(holder="enterprise", enterprise="青川砖厂", place=city.areas[0])
    for who in ("office", "enterprise"):
        assert reverse("plan:assignment", args=[mine.pk]) in login(city.people[who]).get(page_of(one)).content.decode()
    assert "计划对该企业的要求" not in login(city.people["office"]).get(page_of(other)).content.decode()
