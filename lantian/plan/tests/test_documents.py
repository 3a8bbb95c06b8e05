"""Texts come in, are adopted, re-issued; a county's plan is traced. On invented plans of an invented city."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lantian.city.access import scope_of
from lantian.city.models import Agency
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.plan.county_tracing import handed_in, tracing
from lantian.plan.models import (
    Assignment,
    Clause,
    Document,
    DocumentVersion,
    Measure,
    MeasureTarget,
    ProgressReport,
    TargetSplit,
    Task,
    Trace,
)
from lantian.plan.services import cancel, report
from lantian.plan.services.blockers import blockers, doubts
from lantian.plan.services.documents import adopt, discard, import_document
from lantian.plan.services.review import accept, accept_all, delete, edit
from lantian.plan.services.review_clauses import resolve_name
from lantian.plan.services.succession import consequences
from lantian.plan.services.traces import add_trace, decide_trace, suggest_traces
from lantian.records.models import AuditEntry, Notification, StoredFile

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent / "data"
FIRST, AGAIN, COUNTY = (
    DATA / name for name in ("qingchuan-2020.txt", "qingchuan-2020-reissued.txt", "qingchuan-county.md")
)


def bring(city, path=FIRST, who="office", **values):
    values = {"kind": "city_plan", "place": city.city, **values}
    return import_document(city.people[who], path, **values)


def put_in_force(city, version):
    accept_all(city.people["office"], version, confidence=0)
    version.refresh_from_db()
    return adopt(city.people["office"], version)


@pytest.fixture
def first(city):
    return put_in_force(city, bring(city))


def texts(version, **where):
    return list(Measure.objects.filter(clause__task__version=version, **where).values_list("text", flat=True))


# ---- importing


def test_a_plan_becomes_rows(city):
    version = bring(city)
    assert (version.title, version.number) == ("青川市2020年蓝天计划", "青政办发〔2020〕8号")
    assert (version.issued_on, version.period_from, version.period_to) == (
        dt.date(2020, 3, 10),
        dt.date(2020, 1, 1),
        dt.date(2020, 12, 31),
    )
    assert [t.title for t in Task.objects.filter(version=version)] == [
        "整治燃煤锅炉",
        "控制扬尘污染",
        "管住散煤",
        "做好预报会商",
    ]
    clauses = list(Clause.objects.filter(task__version=version))
    assert [c.areas for c in clauses] == ["all", "all", "named", "some", "named"]
    assert [c.area_links.count() for c in clauses] == [4, 3, 2, 0, 0]
    assert [(a.agency.short, a.role) for a in clauses[0].agencies.order_by("position")] == [
        ("生态环境局", "lead"),
        ("市场监管局", "cooperate"),
    ]
    assert [a.role for a in clauses[4].agencies.all()] == ["each", "each"]
    measures = list(Measure.objects.filter(clause__task__version=version))
    assert [m.code for m in measures] == ["1-1-1", "1-1-2", "1-1-3", "2-1-1", "2-1-2", "2-2-1", "3-1-1", "4-1-1"]
    assert [str(t) for t in measures[1].targets.all()] == ["燃气锅炉低氮改造率 >= 90 %"]
    for measure in measures:
        assert version.text[measure.start : measure.end] == measure.text
    assert AuditEntry.objects.filter(action="plan.import", target_id=str(version.pk)).count() == 1
    assert StoredFile.objects.get(pk=version.file_id).size == FIRST.stat().st_size


def test_the_same_bytes_again_are_the_same_version(city):
    version = bring(city)
    again = bring(city, SimpleUploadedFile("other-name.txt", FIRST.read_bytes()))
    assert (again.pk, again.was_there, version.was_there) == (version.pk, True, False)
    assert DocumentVersion.objects.count() == 1


def test_the_same_click_twice_imports_once(city):
    assert bring(city, key="k").pk == bring(city, AGAIN, key="k").pk


def test_a_second_text_waits_for_the_first_review(city):
    bring(city)
    with pytest.raises(Conflict):
        bring(city, AGAIN)


def test_discarded_bytes_may_come_again(city):
    version = bring(city)
    with pytest.raises(DomainError):
        discard(city.people["office"], version, reason="")
    discard(city.people["office"], version, reason="选错了文件", key="d")
    assert discard(city.people["office"], version, reason="选错了文件", key="d").state == "discarded"
    again = bring(city)
    assert (again.ordinal, again.document_id) == (2, version.document_id)
    with pytest.raises(Unlawful):
        discard(city.people["office"], version, reason="再来")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.exe", b"MZ\x90\x00" + b"\x00" * 200),
        ("plan.pdf", "这不是PDF".encode()),
        ("plan.docx", b"PK\x03\x04broken"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 200),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
        ("empty.txt", b""),
        ("letter.txt", "今天天气很好。".encode()),
    ],
)
def test_wrong_files_are_refused_with_what_to_do_and_leave_nothing(city, name, content):
    with pytest.raises(DomainError) as refused:
        bring(city, SimpleUploadedFile(name, content))
    assert refused.value.hint or name in refused.value.message
    assert DocumentVersion.objects.count() == Document.objects.count() == 0


def test_a_file_too_large_is_refused(city, settings):
    settings.MAX_DOCUMENT_BYTES = 1000
    with pytest.raises(DomainError):
        bring(city, SimpleUploadedFile("big.txt", FIRST.read_bytes()))


def test_an_agency_that_nobody_knows_is_kept_and_blocks(city):
    text = FIRST.read_text(encoding="utf-8").replace("市气象局", "市蓝天作战局")
    version = bring(city, text.encode(), name="plan.txt")
    clause = Clause.objects.get(task__version=version, task__number="4")
    assert [(u["name"], u["role"], u["kind"]) for u in clause.unresolved] == [("蓝天作战局", "each", "agency")]
    start, end = clause.unresolved[0]["start"], clause.unresolved[0]["end"]
    assert "蓝天作战局" in version.text[start:end]
    accept_all(city.people["office"], version, confidence=0)
    version.refresh_from_db()
    with pytest.raises(DomainError, match="蓝天作战局"):
        adopt(city.people["office"], version)
    resolve_name(city.people["office"], version, name="蓝天作战局", new_agency={"short": "蓝天作战局"})
    version.refresh_from_db()
    assert blockers(version) == []
    assert Agency.objects.filter(short="蓝天作战局").exists()


def test_who_may_import(city):
    for who in ("dept", "county", "town", "enterprise", "inspector", "public", "admin", "nobody"):
        with pytest.raises(NotAllowed):
            bring(city, who=who)


def test_a_text_goes_where_it_belongs(city, first):
    office = city.people["office"]
    with pytest.raises(DomainError):
        import_document(office, AGAIN, kind="city_plan", place=city.areas[0])
    with pytest.raises(DomainError):
        import_document(office, COUNTY, kind="county_plan", place=city.areas[0])
    with pytest.raises(DomainError):
        import_document(office, COUNTY, kind="county_plan", place=city.towns[0], serves=first.document)
    with pytest.raises(DomainError):
        import_document(office, COUNTY, kind="wish", place=city.city)


# ---- adopting


def test_doubts_block_and_are_all_listed(city):
    version = bring(city)
    Measure.objects.filter(code__in=["1-1-1", "2-1-1"]).update(confidence=0.3)
    Clause.objects.filter(task__number="2", position=2).update(areas="named", implement_text=["某区"])
    Clause.objects.get(task__number="2", position=2).area_links.all().delete()
    found = blockers(version)
    assert [d.kind for d in found] == ["areas", "clause", "measure", "measure", "measure"]
    with pytest.raises(DomainError) as refused:
        adopt(city.people["office"], version)
    assert all(d.message in refused.value.message for d in found)
    version.refresh_from_db()
    assert version.state == "in_review"


def test_areas_to_be_named_are_said_but_do_not_block(city):
    version = bring(city)
    accept_all(city.people["office"], version, confidence=0)
    kinds = {(d.kind, d.blocks) for d in doubts(version)}
    assert ("areas", False) in kinds


def test_adopting_freezes_and_makes_assignments(city, first):
    assert (first.state, first.adopted_by) == ("adopted", city.people["office"])
    made = Assignment.objects.filter(measure__clause__task__version=first)
    # 3 measures x 4 areas, 2 x 3, 1 x 2, none yet where areas are to be named, 2 agencies by their duty
    assert made.count() == 12 + 6 + 2 + 0 + 2
    measure = Measure.objects.filter(clause__task__version=first).first()
    for act in (accept, lambda a, m: edit(a, m, {"nature": "task"}), lambda a, m: delete(a, m, reason="x")):
        with pytest.raises(Unlawful):
            act(city.people["office"], measure)


def test_adopting_twice_with_one_key_is_once(city):
    version = bring(city)
    accept_all(city.people["office"], version, confidence=0)
    version.refresh_from_db()
    seen = version.version
    adopt(city.people["office"], version, seen_version=seen, key="a")
    adopt(city.people["office"], version, seen_version=seen, key="a")
    with pytest.raises(Unlawful):
        adopt(city.people["office"], version, key="b")
    assert AuditEntry.objects.filter(action="plan.adopt").count() == 1


def test_who_may_adopt(city):
    version = bring(city)
    for who in ("dept", "county", "inspector", "public", "admin", "nobody"):
        with pytest.raises(NotAllowed):
            adopt(city.people[who], version)


# ---- a re-issued text


@pytest.fixture
def again(city, first):
    """The re-issued text in review, after some work under the first."""
    return bring(city, AGAIN)


def assignment(version, code, place) -> Assignment:
    return Assignment.objects.get(measure__clause__task__version=version, measure__code=code, place=place)


def test_a_reissued_text_is_a_version_of_the_same_document(city, first, again):
    assert (again.document_id, again.ordinal) == (first.document_id, 2)


def test_what_was_reviewed_before_is_not_reviewed_again(city):
    version = bring(city)
    changed = Measure.objects.get(code="2-1-1")
    target = {"role": "target", "comparator": ">=", "value": "2", "unit": "次", "object": "检查"}
    edit(city.people["office"], changed, {"deadlines": ["2020-12-31"], "targets": [target]})
    put_in_force(city, version)
    again = bring(city, AGAIN)
    found = {m.code: m for m in Measure.objects.filter(clause__task__version=again)}
    assert (found["2-1-1"].review, found["2-1-1"].deadlines) == ("edited", ["2020-12-31"])
    assert [str(t) for t in found["2-1-1"].targets.all()] == ["检查 >= 2 次"]
    assert (found["2-1-2"].review, found["2-1-2"].reviewed_by) == ("accepted", city.people["office"])
    assert {c for c, m in found.items() if m.review == "unreviewed"} == {"1-1-1", "1-1-2", "2-1-3"}
    assert [c.review for c in Clause.objects.filter(task__version=again)].count("unreviewed") == 1  # 2-2: one area less


def test_what_adopting_will_do_is_known_before(city, first, again):
    planned = consequences(again)
    assert planned.previous == first
    assert planned.comparison.counts == {"same": 4, "changed": 4, "moved": 0, "added": 1, "removed": 0}
    # 乙县 is not named any more for the building sites; the register of boilers moved to a clause without areas.
    ended = {(a.measure.code, str(a.place)) for a, _ in planned.ends}
    assert ended == {("2-2-1", "乙县"), *(("1-1-3", str(p)) for p in city.areas)}
    assert {(a.measure.code, old, new) for a, old, new in planned.new_days} == {
        ("1-1-1", dt.date(2020, 9, 30), dt.date(2020, 8, 31))
    }
    assert planned.begins == 3  # the new measure in three counties


def test_adopting_a_reissued_text_carries_over(city, first, again):
    office = city.people["office"]
    county = city.people["county"]
    held = assignment(first, "1-1-1", city.areas[0])
    report(county, held, percent=40, text="已淘汰四成", effective_on=dt.date(2020, 5, 1))
    by_hand = assignment(first, "1-1-1", city.areas[1])
    Assignment.objects.filter(pk=by_hand.pk).update(deadline=dt.date(2020, 7, 1), deadline_basis="manual")
    target = MeasureTarget.objects.get(measure__code="1-1-2", measure__clause__task__version=first)
    split = TargetSplit.objects.create(target=target, method="same")
    gone = assignment(first, "2-1-1", city.areas[2])
    cancel(office, gone, reason="已无此项工作")
    planned = consequences(again)

    put_in_force(city, again)

    first.refresh_from_db()
    assert first.state == "superseded"
    held.refresh_from_db()
    assert (held.measure.clause.task.version, held.measure.code) == (again, "1-1-1")
    assert (held.deadline, held.state) == (dt.date(2020, 8, 31), "in_progress")
    assert ProgressReport.objects.get().assignment == held
    by_hand.refresh_from_db()
    assert (by_hand.deadline, by_hand.measure.clause.task.version) == (dt.date(2020, 7, 1), again)
    split.refresh_from_db()
    assert split.target.measure.clause.task.version == again
    gone.refresh_from_db()
    assert gone.state == "cancelled"
    ended = Assignment.objects.get(pk=next(a.pk for a, _ in planned.ends if a.measure.code == "2-2-1"))
    assert ended.state == "cancelled"
    assert "重新印发" in ended.steps.last().reason
    made = assignment(again, "2-1-3", city.areas[0])
    assert made.state == "not_started"
    assert AuditEntry.objects.filter(action="plan.carry_over", target_id=str(held.pk)).exists()
    told = Notification.objects.filter(kind="plan.deadlines_moved", recipient=county)
    assert told.count() == 1


def test_nothing_is_carried_over_when_the_text_is_discarded(city, first, again):
    discard(city.people["office"], again, reason="有误")
    assert Assignment.objects.filter(measure__clause__task__version=first).count() == 22
    first.refresh_from_db()
    assert first.state == "adopted"


# ---- county plans


@pytest.fixture
def county_plan(city, first):
    return bring(city, COUNTY, who="county", kind="county_plan", place=city.areas[0], serves=first.document)


def trace(version, code) -> Trace:
    return Trace.objects.get(county_measure__clause__task__version=version, county_measure__code=code)


def test_a_county_hands_in_its_own_plan_only(city, first):
    with pytest.raises(NotAllowed):
        bring(city, COUNTY, who="county2", kind="county_plan", place=city.areas[0], serves=first.document)
    with pytest.raises(NotAllowed):
        bring(city, COUNTY, who="dept", kind="county_plan", place=city.areas[0], serves=first.document)


def test_names_in_a_county_plan_stay_as_written(city, county_plan):
    clauses = list(Clause.objects.filter(task__version=county_plan))
    assert [c.unresolved for c in clauses] == [[], [], []]
    assert [c.agencies.count() for c in clauses] == [0, 0, 0]
    assert clauses[1].extras["written_roles"] == {"lead": ["住建局"]}
    assert clauses[1].implement_text == ["第一镇", "第二镇"]


def test_traces_are_suggested_and_decided(city, first, county_plan):
    found = tracing(county_plan)
    assert {(t.county_measure.code, t.city_measure.code) for t in Trace.objects.all()} == {
        ("1-1-1", "1-1-1"), ("1-1-2", "1-1-2"), ("2-1-1", "2-1-1"),
    }  # fmt: skip
    assert found.percent == 0
    assert [m.code for m in found.loose_ends] == ["3-1-1"]
    decide_trace(city.people["county"], trace(county_plan, "1-1-1"), state="confirmed")
    decide_trace(city.people["office"], trace(county_plan, "2-1-1"), state="rejected", reason="只写了城区")
    found = tracing(county_plan)
    assert (len(found.coverage.covered), len(found.coverage.owed)) == (1, 6)
    assert [r.state for r in found.rows] == ["covered", "suggested", "missing", "missing", "missing", "missing"]
    assert AuditEntry.objects.filter(action="plan.trace_decide").count() == 2


def test_looser_than_the_city_is_flagged(city, county_plan):
    rows = {row.measure.code: row for row in tracing(county_plan).rows}
    assert [one.what for one in rows["1-1-1"].looser] == []
    assert [(o.what, o.county) for o in rows["1-1-2"].looser] == [
        ("deadline", "2020-12-31"),
        ("target", "燃气锅炉低氮改造率 >= 80%"),
    ]


def test_a_trace_by_hand_and_suggesting_again_keep_decisions(city, first, county_plan):
    own = Measure.objects.get(clause__task__version=county_plan, code="3-1-1")
    theirs = Measure.objects.get(clause__task__version=first, code="2-1-2")
    made = add_trace(city.people["county"], county_plan, county_measure=own, city_measure=theirs)
    assert (made.state, made.decided_by) == ("confirmed", city.people["county"])
    decide_trace(city.people["county"], trace(county_plan, "2-1-1"), state="rejected")
    assert suggest_traces(city.people["office"], county_plan) == 2
    assert sorted(Trace.objects.values_list("state", flat=True)) == ["confirmed", "rejected", "suggested", "suggested"]
    with pytest.raises(DomainError):
        add_trace(city.people["county"], county_plan, county_measure=theirs, city_measure=own)


def test_who_may_decide_traces(city, county_plan):
    for who in ("county2", "dept", "inspector", "public", "admin", "nobody"):
        with pytest.raises(NotAllowed):
            decide_trace(city.people[who], trace(county_plan, "1-1-1"), state="confirmed")


def test_the_list_says_who_handed_in_and_when_it_was_due(city, first, county_plan):
    DocumentVersion.objects.filter(pk=county_plan.pk).update(imported_at=dt.datetime(2020, 4, 2, tzinfo=dt.UTC))
    rows = handed_in(first, scope_of(city.people["office"]))
    assert [(str(r.place), r.timely) for r in rows] == [
        ("甲县", "in_time"), ("乙县", "missing"), ("丙县", "missing"), ("青川经济开发区", "missing"),
    ]  # fmt: skip
    assert rows[0].due == dt.date(2020, 4, 9)
    assert rows[0].visible
    assert not handed_in(first, scope_of(city.people["public"]))[0].visible


def test_a_county_adopts_its_own_plan_and_no_assignments_come_of_it(city, first, county_plan):
    before = Assignment.objects.count()
    accept_all(city.people["county"], county_plan, confidence=0)
    county_plan.refresh_from_db()
    with pytest.raises(NotAllowed):
        adopt(city.people["county2"], county_plan)
    adopt(city.people["county"], county_plan)
    assert Assignment.objects.count() == before
    assert handed_in(first, scope_of(city.people["public"]))[0].visible


def test_traces_go_on_with_a_reissued_city_text(city, first, county_plan):
    confirmed = trace(county_plan, "1-1-1")
    decide_trace(city.people["county"], confirmed, state="confirmed")
    again = put_in_force(city, bring(city, AGAIN))
    found = tracing(county_plan)
    assert found.city == again
    row = next(r for r in found.rows if r.measure.code == "1-1-1")
    assert (row.state, row.traces[0].trace.decided_by) == ("covered", city.people["county"])


def test_traces_go_on_with_a_reissued_county_text(city, first, county_plan):
    decide_trace(city.people["county"], trace(county_plan, "1-1-1"), state="confirmed")
    accept_all(city.people["county"], county_plan, confidence=0)
    county_plan.refresh_from_db()
    adopt(city.people["county"], county_plan)
    text = COUNTY.read_text(encoding="utf-8").replace("80%", "90%").encode()
    again = bring(
        city, text, name="again.md", who="county", kind="county_plan", place=city.areas[0], serves=first.document
    )
    accept_all(city.people["county"], again, confidence=0)
    again.refresh_from_db()
    adopt(city.people["county"], again)
    assert trace(again, "1-1-1").state == "confirmed"
    assert next(r for r in tracing(again).rows if r.measure.code == "1-1-1").state == "covered"
