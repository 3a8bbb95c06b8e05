"""The ledger, the texts, evidence and indicators through the HTTP API: from a report to the sign-off."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from lantian.plan.models import Assignment, Clause, ClauseAgency, Measure, MeasureTarget, Publicity
from lantian.records.models import AuditEntry, Evidence
from tests.api import Api
from tests.builders import TEXT

pytestmark = pytest.mark.django_db
TODAY = dt.date.today().isoformat()


def picture(name: str = "照片.png") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "green").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/png")


def upload(user, path: str, file, **data):
    """POST multipart with a user's token."""
    headers = Api(user).headers
    return Client().post(f"/api/v1{path}", {**data, "file": file}, headers=headers)


@pytest.fixture
def world(ledger):
    """The small ledger, and the assignment of area 0 for the first measure, led by 生态环境局."""
    city, version = ledger
    first = Measure.objects.get(clause__task__version=version, code="1-1-1")
    return city, version, Assignment.objects.get(measure=first, place=city.areas[0])


def proof(world) -> int:
    city, _version, duty = world
    answer = upload(city.people["county"], f"/assignments/{duty.pk}/evidence", picture(), effective_on=TODAY)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_the_list_is_what_the_caller_sees(world):
    city, _version, _duty = world
    assert Api(city.people["office"]).get("/assignments").json()["count"] == Assignment.objects.count()
    mine = Api(city.people["county"]).get("/assignments").json()
    assert {row["area"]["code"] for row in mine["items"]} == {city.areas[0].code}
    assert Api(city.people["enterprise"]).get("/assignments").json()["count"] == 0
    assert Api(city.people["public"]).get("/assignments").status_code == 403


def test_the_filters_are_those_of_the_page(world):
    city, _version, _duty = world
    api = Api(city.people["office"])
    assert api.get(f"/assignments?area={city.areas[1].code}&status=overdue").json()["count"] == 3
    assert api.get(f"/assignments?agency={city.agencies['市场监管局'].pk}").json()["count"] == 8
    assert api.get("/assignments?q=道路").json()["count"] == 4
    assert api.get("/assignments?parts=only").json()["count"] == 0
    refused = api.get("/assignments?task=999999")
    assert (refused.status_code, refused.json()["field"]) == (422, "task")


def test_a_list_costs_the_same_queries_whatever_its_length(world, django_assert_max_num_queries):
    city, _version, _duty = world
    api = Api(city.people["office"])
    with django_assert_max_num_queries(14):
        assert len(api.get("/assignments?limit=200").json()["items"]) == 12


def test_another_countys_assignment_is_not_there(world):
    city, _version, duty = world
    other = Api(city.people["county2"])
    for method, path in (
        ("GET", f"/assignments/{duty.pk}"),
        ("GET", f"/assignments/{duty.pk}/steps"),
        ("GET", f"/assignments/{duty.pk}/reports"),
        ("GET", f"/assignments/{duty.pk}/objections"),
    ):
        assert other(method, path).status_code == 404
    assert other.post(f"/assignments/{duty.pk}/reports", {"percent": 1, "text": "不是我的"}).status_code == 404
    refused = upload(city.people["county2"], f"/assignments/{duty.pk}/evidence", picture(), effective_on=TODAY)
    assert refused.status_code == 404


def test_from_the_report_to_the_sign_off(world):
    city, _version, duty = world
    county, dept, office = (Api(city.people[who]) for who in ("county", "dept", "office"))
    at = f"/assignments/{duty.pk}"
    seen = county.get(at)
    assert seen.json()["possible"][:1] == ["start"]
    said = county.post(f"{at}/reports", {"percent": 100, "text": "全部拆除", "version": 1})
    assert said.status_code == 201, said.text
    handed = county.post(f"{at}/submit", {"statement": "自查合格", "evidence": [proof(world)]})
    assert (handed.status_code, handed.json()["state"]) == (200, "submitted"), handed.text
    assert dept.get("/work?queue=to_verify").json()["count"] == 1
    check = {"on": TODAY, "location": "甲县", "method": "现场", "found": "已拆除", "passed": True}
    assert county.post(f"{at}/verify", {"reason": "好", "check": check}).status_code == 403
    verified = dept.post(f"{at}/verify", {"reason": "属实", "check": check})
    assert verified.json()["state"] == "verified", verified.text
    assert office.post(f"{at}/approve", {"reason": "同意"}).status_code == 409
    public = office.post(f"{at}/publicise", {"reason": "公示"})
    assert public.json()["public_until"] > TODAY, public.text
    assert Api(city.people["public"]).get("/publicity").json()["count"] == 1
    yesterday = dt.date.today() - dt.timedelta(days=1)
    Publicity.objects.update(starts_on=yesterday - dt.timedelta(days=7), ends_on=yesterday)
    done = office.post(f"{at}/approve", {"reason": "同意销号"})
    assert done.json()["state"] == "signed_off", done.text
    steps = county.get(f"{at}/steps").json()["items"]
    assert [step["action"] for step in steps] == ["start", "submit", "verify", "publicise", "approve"]
    assert steps[2]["spot_check"]["passed"] is True
    assert steps[1]["evidence"][0]["sha256"]


def test_an_older_version_changes_nothing(world):
    city, _version, duty = world
    county = Api(city.people["county"])
    at = f"/assignments/{duty.pk}"
    county.post(f"{at}/reports", {"percent": 10, "text": "开工"})
    body = {"statement": "自查合格", "evidence": [proof(world)]}
    old = county.post(f"{at}/submit", body, if_match='"1"')
    assert (old.status_code, old.json()["error"]) == (409, "conflict")
    assert county.get(at).json()["state"] == "in_progress"
    now = county.get(at).headers["ETag"]
    assert county.post(f"{at}/submit", body, if_match=now).status_code == 200


def test_a_wrong_transition_is_a_conflict_in_words(world):
    city, _version, duty = world
    answer = Api(city.people["office"]).post(f"/assignments/{duty.pk}/approve", {"reason": "太早"})
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert answer.json()["message"]
    assert Assignment.objects.get(pk=duty.pk).state == "not_started"


def test_evidence_of_others_cannot_be_used(world):
    city, _version, duty = world
    foreign = upload(city.people["county2"], "/evidence", picture(), effective_on=TODAY, place=city.areas[1].code)
    assert foreign.status_code == 201, foreign.text
    county = Api(city.people["county"])
    body = {"statement": "自查合格", "evidence": [foreign.json()["id"]]}
    assert county.post(f"/assignments/{duty.pk}/submit", body).status_code == 400
    assert county.post(f"/assignments/{duty.pk}/submit", {**body, "evidence": [999999]}).json()["field"] == "evidence"
    assert county.get(f"/evidence/{foreign.json()['id']}").status_code == 404


def test_evidence_is_stored_served_and_reviewed(world):
    city, _version, _duty = world
    pk = proof(world)
    county, dept = Api(city.people["county"]), Api(city.people["dept"])
    file = county.get(f"/evidence/{pk}/content")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert b"".join(file.streaming_content).startswith(b"\x89PNG")
    assert county.post(f"/evidence/{pk}/review", {"accept": True}).status_code == 403
    Evidence.objects.filter(pk=pk).update(agency=city.agencies["生态环境局"])
    answer = dept.post(f"/evidence/{pk}/review", {"accept": False})
    assert (answer.status_code, answer.json()["field"]) in {(400, "note"), (403, "")}


@pytest.mark.parametrize("name", ["病毒.exe", "网页.html", "照片.png"])
def test_a_file_that_is_not_what_it_says_is_refused(world, name):
    city, _version, duty = world
    bad = SimpleUploadedFile(name, b"MZ\x90\x00" + b"\x00" * 100, content_type="image/png")
    answer = upload(city.people["county"], f"/assignments/{duty.pk}/evidence", bad, effective_on=TODAY)
    assert answer.status_code in {400, 415}, answer.text
    assert answer.json()["message"]
    assert not Evidence.objects.exists()


def test_evidence_for_anothers_place_is_refused(world):
    city, _version, _duty = world
    answer = upload(city.people["county"], "/evidence", picture(), effective_on=TODAY, place=city.areas[1].code)
    assert answer.status_code == 403
    future = (dt.date.today() + dt.timedelta(days=2)).isoformat()
    late = upload(city.people["county"], "/evidence", picture(), effective_on=future)
    assert (late.status_code, late.json()["field"]) == (400, "effective_on")


def test_a_repeat_with_a_file_is_one_evidence(world):
    city, _version, duty = world
    headers = Api(city.people["county"]).headers | {"idempotency-key": "one-and-the-same"}
    path = f"/api/v1/assignments/{duty.pk}/evidence"
    answers = [
        Client().post(path, {"file": picture(), "effective_on": TODAY}, headers=headers).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert Evidence.objects.count() == 1
    other = Client().post(path, {"file": picture("另一张.png"), "effective_on": TODAY}, headers=headers)
    assert other.status_code == 422


def test_a_report_is_withdrawn_and_stays(world):
    city, _version, duty = world
    county = Api(city.people["county"])
    pk = county.post(f"/assignments/{duty.pk}/reports", {"percent": 30, "text": "进行中"}).json()["id"]
    assert Api(city.people["county2"]).post(f"/reports/{pk}/withdraw", {"reason": "x"}).status_code == 404
    assert county.post(f"/reports/{pk}/withdraw", {"reason": "填错了"}).json()["withdrawn_reason"] == "填错了"
    assert county.get(f"/assignments/{duty.pk}/reports").json()["count"] == 1


def test_parts_deadline_cancel_and_back(world):
    city, _version, duty = world
    county, office = Api(city.people["county"]), Api(city.people["office"])
    at = f"/assignments/{duty.pk}"
    parts = county.post(f"{at}/parts", {"parts": [{"place": city.towns[0].code}, {"enterprise": "青川砖厂"}]})
    assert len(parts.json()["parts"]) == 2, parts.text
    assert county.post(f"{at}/parts", {"parts": [{"place": "000"}]}).json()["field"] == "parts"
    assert county.post(f"{at}/parts", {"parts": [{}]}).json()["field"] == "parts"
    moved = office.post(f"{at}/deadline", {"deadline": "2031-01-31", "reason": "市长同意"})
    assert moved.json()["deadline"] == "2031-01-31", moved.text
    assert office.post(f"{at}/cancel", {"reason": "无锅炉"}).json()["state"] == "cancelled"
    assert office.post(f"{at}/reinstate", {"reason": "有锅炉"}).json()["state"] == "not_started"
    assert county.post(f"{at}/cancel", {"reason": "想撤"}).status_code == 403


def test_a_number_is_split_and_must_add_up(world):
    city, version, _duty = world
    office = Api(city.people["office"])
    target = MeasureTarget.objects.get(measure__code="1-1-2", measure__clause__task__version=version)
    rows = Assignment.objects.filter(measure=target.measure).order_by("pk")
    body = {"method": "same", "shares": [{"assignment": row.pk, "value": "90"} for row in rows]}
    assert Api(city.people["county"])("PUT", f"/plan/targets/{target.pk}/split", body).status_code == 403
    done = office("PUT", f"/plan/targets/{target.pk}/split", body)
    assert len(done.json()["shares"]) == len(rows), done.text
    assert len(Api(city.people["county"]).get(f"/plan/targets/{target.pk}/split").json()["shares"]) == 1
    short = {"method": "same", "shares": [{"assignment": rows[0].pk, "value": "50"}]}
    assert office("PUT", f"/plan/targets/{target.pk}/split", short).json()["field"] in {"explanation", "version", ""}


def test_texts_tasks_and_measures(world):
    city, version, _duty = world
    api = Api(city.people["public"])
    found = api.get("/plan/versions").json()["items"]
    assert [row["id"] for row in found] == [version.pk]
    assert api.get(f"/plan/versions/{version.pk}").json()["measures"] == 3
    assert api.get(f"/plan/versions/{version.pk}/text").json()["text"] == TEXT
    tasks = api.get(f"/plan/versions/{version.pk}/tasks").json()
    assert [task["number"] for task in tasks] == ["1", "2"]
    roles = {duty["agency"]["short"]: duty["role"] for duty in tasks[0]["clauses"][0]["agencies"]}
    assert roles == {"生态环境局": "lead", "市场监管局": "cooperate"}
    measures = api.get("/plan/measures?q=锅炉").json()
    assert [row["code"] for row in measures["items"]] == ["1-1-1", "1-1-2"]
    one = api.get(f"/plan/measures/{measures['items'][1]['id']}").json()
    assert (one["targets"][0]["comparator"], float(one["targets"][0]["value"])) == (">=", 90)
    assert api.get(f"/plan/tasks/{tasks[1]['id']}").json()["title"] == "控制扬尘"
    assert api.get(f"/plan/measures/{one['id']}/targets").status_code == 403


def test_a_draft_is_reviewed_and_adopted(city):
    office = Api(city.people["office"])
    text = SimpleUploadedFile("plan.txt", TEXT.encode(), content_type="text/plain")
    answer = upload(city.people["office"], "/plan/versions", text)
    assert answer.status_code == 201, answer.text
    pk = answer.json()["version"]["id"]
    again = upload(city.people["office"], "/plan/versions", SimpleUploadedFile("plan.txt", TEXT.encode()))
    assert again.json()["was_there"] is True
    for who in ("county", "dept", "public"):
        assert Api(city.people[who]).get(f"/plan/versions/{pk}").status_code == 404
    measures = office.get(f"/plan/measures?plan_version={pk}").json()["items"]
    assert measures
    first = measures[0]
    edited = office.patch(f"/plan/measures/{first['id']}", {"nature": "striving", "deadlines": ["2020-10-31"]})
    assert (edited.json()["nature"], edited.json()["review"]) == ("striving", "edited"), edited.text
    old = office.patch(f"/plan/measures/{first['id']}", {"nature": "task", "version": first["version"]})
    assert old.status_code == 409
    assert office.post(f"/plan/versions/{pk}/undo").status_code == 204
    assert office.get(f"/plan/measures/{first['id']}").json()["nature"] == first["nature"]
    office.post(f"/plan/versions/{pk}/accept-all", {"confidence": 0})
    assert office.patch(f"/plan/versions/{pk}", {"title": "青川市蓝天计划"}).json()["title"] == "青川市蓝天计划"
    doubts = office.get(f"/plan/versions/{pk}/doubts").json()
    adopted = office.post(f"/plan/versions/{pk}/adopt", {})
    expected = {409, 400} if any(doubt["blocks"] for doubt in doubts) else {200}
    assert adopted.status_code in expected, adopted.text


def test_roles_of_a_clause_are_corrected(city):
    answer = upload(city.people["office"], "/plan/versions", SimpleUploadedFile("plan.txt", TEXT.encode()))
    pk = answer.json()["version"]["id"]
    clause = Clause.objects.filter(task__version=pk).first()
    office = Api(city.people["office"])
    body = {
        "agencies": [{"agency": city.agencies["能源局"].pk, "role": "lead"}],
        "areas": "named",
        "places": [city.areas[0].code],
    }
    done = office("PUT", f"/plan/clauses/{clause.pk}/roles", body)
    assert [row["agency"]["short"] for row in done.json()["agencies"]] == ["能源局"], done.text
    assert ClauseAgency.objects.filter(clause=clause).count() == 1
    bad = office("PUT", f"/plan/clauses/{clause.pk}/roles", {**body, "places": ["0"]})
    assert bad.json()["field"] == "places"
    assert office.post(f"/plan/versions/{pk}/discard", {"reason": "重来"}).json()["state"] == "discarded"


def test_audit_and_inbox(world):
    city, _version, duty = world
    Api(city.people["county"]).post(f"/assignments/{duty.pk}/reports", {"percent": 5, "text": "开始"})
    office = Api(city.people["office"])
    found = office.get(f"/audit?action=plan.&target_id={duty.pk}").json()
    assert found["count"] == AuditEntry.objects.filter(action="plan.start").count() == 1
    seq = found["items"][0]["seq"]
    assert office.get(f"/audit/{seq}").json()["hash"]
    assert office.get("/audit/verification").json()["ok"] is True
    assert office.get("/audit/verification?anchor=nonsense").status_code == 400
    assert Api(city.people["county"]).get("/audit").status_code == 403
    inbox = Api(city.people["dept"]).get("/notifications?unread=true").json()
    assert Api(city.people["dept"]).post("/notifications/read", {}).json()["read"] == inbox["count"]


def test_indicators_and_statements(world):
    city, _version, _duty = world
    api = Api(city.people["office"])
    listed = api.get("/indicators?limit=200").json()["items"]
    computed = next(one for one in listed if not one["by_hand"])
    values = api.get(f"/indicators/{computed['code']}/values").json()["values"]
    for row in values:
        assert (row["value"]["number"] is None) == (row["value"]["reason"] is not None)
    assert api.get(f"/indicators/{computed['code']}/values?period=yesterday").json()["field"] == "period"
    assert api.get("/indicators/nothing").status_code == 404
    assert api.get(f"/indicators/{computed['code']}/history?place={city.areas[0].code}&count=3").status_code == 200
    assert api.get("/indicators/coverage").status_code == 200
    refused = api.post(
        f"/indicators/{computed['code']}/entries", {"value": 1, "place": city.areas[0].code, "period": "2020"}
    )
    assert refused.status_code in {400, 403}
    assert api.get("/entries").json()["count"] == 0


def test_times_are_told_with_their_zone(world):
    city, _version, duty = world
    since = Api(city.people["office"]).get(f"/assignments/{duty.pk}").json()["state_since"]
    assert dt.datetime.fromisoformat(since).utcoffset() is not None
    assert dt.datetime.fromisoformat(since) <= timezone.now()


def test_several_are_made_public_at_once_each_for_itself(world):
    city, _version, duty = world
    office = Api(city.people["office"])
    other = Assignment.objects.filter(place=city.areas[1]).first()
    Assignment.objects.filter(pk=duty.pk).update(state="verified")
    body = {"assignments": [duty.pk, other.pk, 999_999, duty.pk], "reason": "已完成，现予公示"}
    answer = office.post("/signoff/publicise", body, idempotency_key="publicise-all")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["done"] == [duty.pk]
    assert [row["assignment"] for row in found["refused"]] == [other.pk, 999_999]
    assert all(row["message"] for row in found["refused"])
    assert office.post("/signoff/publicise", body, idempotency_key="publicise-all").json() == found
    assert Publicity.objects.count() == AuditEntry.objects.filter(action="plan.publicise").count() == 1
    again = office.post("/signoff/approve", {"assignments": [duty.pk], "reason": "同意"}).json()
    assert (again["done"], again["refused"][0]["assignment"]) == ([], duty.pk), "its publicity is not over"
    assert Api(city.people["county"]).post("/signoff/approve", body).status_code == 403
    assert office.post("/signoff/approve", {"assignments": [], "reason": "同意"}).status_code == 422


def test_a_workbook_goes_out_comes_back_is_mended_and_applied(world):
    import openpyxl

    from lantian.plan.rules.sheet import COLUMNS
    from lantian.plan.services import rounds

    city, version, _duty = world
    made = rounds.open_round(city.people["office"], version.document)
    county, area = Api(city.people["county"]), city.areas[0].code
    out = county.get(f"/rounds/{made.pk}/workbook?area={area}")
    assert out.status_code == 200, out.text
    assert county.get(f"/rounds/{made.pk}/workbook?area={city.areas[1].code}").status_code == 400, "none of its rows"
    assert county.get(f"/rounds/{made.pk}/workbook").status_code == 400
    book = openpyxl.load_workbook(BytesIO(out.content))
    for row, percent in ((3, "约85%"), (4, 40)):
        for name, value in {"percent": percent, "text": "拆除两台"}.items():
            book.worksheets[0].cell(row, COLUMNS.index(name) + 1).value = value
    content = BytesIO()
    book.save(content)
    file = SimpleUploadedFile("甲县.xlsx", content.getvalue())
    sent = upload(city.people["county"], f"/rounds/{made.pk}/uploads", file).json()
    assert [row["ok"] for row in sent["rows"]] == [False, True]
    address = f"/uploads/{sent['id']}"
    left = county.post(f"{address}/apply", {"partly": True}).json()
    assert left["applied"] == 1
    assert county.patch(f"{address}/rows", {"rows": [{"row": 3}]}).status_code == 409, "it was applied"
    more = county.post(f"{address}/continue", {}).json()
    address = f"/uploads/{more['id']}"
    assert county.patch(f"{address}/rows", {"rows": [{"row": 77}]}).status_code == 400
    mending = {"rows": [{"row": 3, "values": {"percent": "85"}}], "version": 1}
    mended = county.patch(f"{address}/rows", mending)
    assert mended.status_code == 200, mended.text
    assert [row["ok"] for row in mended.json()["rows"]] == [True]
    assert county.patch(f"{address}/rows", mending).status_code == 409, "made from an older version"
    assert county.post(f"{address}/apply", {}).json()["applied"] == 1
    listed = county.get(f"/rounds/{made.pk}/uploads").json()
    assert [row["id"] for row in listed["items"]] == [more["id"], sent["id"]]
    assert Api(city.people["county2"]).get(f"/rounds/{made.pk}/uploads").json()["count"] == 0
    assert Api(city.people["county2"]).patch(f"{address}/rows", mending).status_code == 404
