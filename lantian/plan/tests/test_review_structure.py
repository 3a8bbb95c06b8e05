"""Clauses and tasks that the reader passed over are added by hand, and what is no clause is taken out; undone exactly."""

from __future__ import annotations

import pytest

from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.plan.models import Assignment, Clause, DocumentVersion, Measure, ReviewAction, Task
from lantian.plan.services import review
from lantian.plan.services.adoption import adopt
from lantian.plan.services.blockers import blockers
from lantian.plan.services.review_clauses import set_roles
from lantian.plan.services.review_structure import add_clause, delete_clause, pieces_of
from lantian.plan.services.review_undo import undo
from lantian.plan.services.succession import comparison_of
from lantian.records.models import AuditEntry
from tests.builders import make_plan

pytestmark = pytest.mark.django_db

MISSED = "2020年6月底前，完成100家企业治理；到年底，整治率不低于95%。"
WHO = "请能源局同志们多多费心"


@pytest.fixture
def draft(city):
    """The small plan with a stretch that the reader passed over: in task 1, behind its clause, and a third task."""
    version = make_plan(city, state="in_review")
    second = Task.objects.get(version=version, number="2")
    at = second.start
    missed = f"{MISSED}{WHO}。\n"
    version.text = version.text[:at] + missed + version.text[at:] + "\n三、整治散煤。11月底前，拆除散煤点位。"
    version.save()
    shift = len(missed)
    for rows in (Task.objects.filter(pk=second.pk), Clause.objects.filter(task=second)):
        for row in rows:
            rows.filter(pk=row.pk).update(start=row.start + shift, end=row.end + shift)
    for measure in Measure.objects.filter(clause__task=second):
        Measure.objects.filter(pk=measure.pk).update(start=measure.start + shift, end=measure.end + shift)
    Clause.objects.filter(task__version=version).update(review="accepted")
    return version


def span(version, words: str) -> tuple[int, int]:
    at = version.text.index(words)
    return at, at + len(words)


def added(city, draft, **more) -> Clause:
    start, end = span(draft, MISSED)
    values = {"agencies": [(city.agencies["能源局"], "lead")], "areas": "named", "places": city.areas[:2]}
    values |= {"start": start, "end": end, "who": span(draft, WHO)} | more
    return add_clause(city.people["office"], draft, **values)


def codes(version) -> list[str]:
    return list(Measure.objects.filter(clause__task__version=version).values_list("code", flat=True))


def everything(version) -> list[object]:
    """All that stands in the text's rows, without lock versions."""
    tasks = list(Task.objects.filter(version=version).values())
    clauses = [
        {k: v for k, v in row.items() if k != "version"}
        | {"agencies": sorted(Clause.objects.get(pk=row["id"]).agencies.values_list("agency", "role"))}
        | {"areas_": sorted(Clause.objects.get(pk=row["id"]).area_links.values_list("place", flat=True))}
        for row in Clause.objects.filter(task__version=version).values()
    ]
    measures = [
        {k: v for k, v in row.items() if k != "version"}
        | {"targets": list(Measure.objects.get(pk=row["id"]).targets.values_list("object", "value", "unit", "start"))}
        for row in Measure.objects.filter(clause__task__version=version).values()
    ]
    return [*tasks, *clauses, *measures]


def test_a_missed_clause_comes_with_its_measures(city, draft):
    clause = added(city, draft)
    assert (str(clause), clause.review, clause.reviewed_by) == ("1-2", "added", city.people["office"])
    assert draft.text[clause.clause_start : clause.clause_end] == WHO
    assert draft.text[clause.start : clause.end].startswith(MISSED)
    one, two = clause.measures.all()
    assert (one.code, one.deadlines, one.review) == ("1-2-1", ["2020-06-30"], "added")
    assert (two.code, two.review) == ("1-2-2", "added")
    (rate,) = two.targets.all()
    assert (rate.comparator, rate.value, rate.unit, rate.object) == (">=", 95, "%", "整治率")
    assert draft.text[one.start : one.end].startswith("2020年6月底前")
    assert codes(draft) == ["1-1-1", "1-1-2", "1-2-1", "1-2-2", "2-1-1"]
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry.action == "plan.review.add_clause"
    assert entry.changes["agencies"] == [None, ["lead: 能源局"]]
    assert len(entry.changes["measures"][1]) == 2


def test_what_a_clause_would_hold_can_be_seen_before(city, draft):
    pieces = pieces_of(draft, *span(draft, MISSED))
    assert [piece["deadlines"][:1] for piece in pieces] == [["2020-06-30"], ["2020-12-31"]]
    assert Clause.objects.filter(task__version=draft).count() == 2


@pytest.mark.parametrize(("cut", "n"), [("one", 1), ("none", 0)])
def test_the_words_may_stay_whole_or_wait(city, draft, cut, n):
    clause = added(city, draft, cut=cut)
    assert clause.measures.count() == n
    if n:
        assert clause.measures.get().text == MISSED


def test_the_words_that_say_who_are_no_measure_even_inside(city, draft):
    start, end = span(draft, MISSED + WHO)
    clause = added(city, draft, start=start, end=end)
    assert WHO not in "".join(m.text for m in clause.measures.all())
    assert clause.measures.count() == 2


def test_a_clause_before_others_moves_their_numbers(city, draft):
    words = "2020年9月底前，淘汰每小时10蒸吨及以下燃煤锅炉。"
    start, end = span(draft, words)
    there = Measure.objects.get(clause__task__version=draft, start=start)
    review.delete(city.people["office"], there, reason="由另一条款承担")
    Clause.objects.filter(task__version=draft, task__number="1").update(start=end)
    clause = added(city, draft, start=start, end=end, who=None)
    assert str(clause) == "1-1"
    assert [(m.code, m.text[:4]) for m in Measure.objects.filter(clause__task=clause.task)] == [
        ("1-1-1", "2020"),
        ("1-2-1", "燃气锅炉"),
    ]


def test_a_whole_missed_task(city, draft):
    start, end = span(draft, "11月底前，拆除散煤点位。")
    clause = added(city, draft, start=start, end=end, who=None, title="三、整治散煤")
    task = clause.task
    assert (task.number, task.title, task.position) == ("三", "整治散煤", 3)
    assert task.start == draft.text.index("三、整治散煤")
    assert codes(draft)[-1] == "三-1-1"
    assert clause.measures.get().deadlines == ["2020-11-30"]


def test_a_task_without_number_gets_the_next_and_one_that_is_there_is_refused(city, draft):
    start, end = span(draft, "11月底前，拆除散煤点位。")
    with pytest.raises(DomainError) as refused:
        added(city, draft, start=start, end=end, who=None, title="整治散煤", number="2")
    assert refused.value.field == "task_number"
    assert added(city, draft, start=start, end=end, who=None, title="整治散煤").task.number == "3"


def test_words_of_other_measures_are_refused_by_name(city, draft):
    start, end = span(draft, "燃气锅炉低氮改造率达到90%以上。")
    with pytest.raises(DomainError) as refused:
        added(city, draft, start=start, end=end)
    assert "1-1-2" in str(refused.value)
    assert refused.value.field == "words"
    assert Clause.objects.filter(task__version=draft).count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"start": 5, "end": 5, "who": None}, "words"),
        ({"who": (3, 3)}, "who_words"),
        ({"areas": "wish"}, "areas"),
        ({"cut": "wish"}, "cut"),
        ({"start": 10**9, "end": 10**9 + 5}, "words"),
        ({"title": "。"}, "task_title"),
        ({"number": "9"}, "task_title"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(city, draft, wrong, field):
    with pytest.raises(DomainError) as refused:
        added(city, draft, **wrong)
    assert refused.value.field == field
    assert (ReviewAction.objects.count(), Task.objects.filter(version=draft).count()) == (0, 2)


def test_a_task_of_another_text_and_both_answers_are_refused(city, draft):
    other = Task.objects.filter(version=make_plan(city)).first()
    own = Task.objects.filter(version=draft).first()
    for more in ({"task": other}, {"task": own, "title": "整治散煤"}):
        with pytest.raises(DomainError) as refused:
            added(city, draft, **more)
        assert refused.value.field == "task"


def test_roles_are_checked_as_in_the_roles_form(city, draft):
    energy = city.agencies["能源局"]
    with pytest.raises(DomainError):
        added(city, draft, agencies=[(energy, "lead"), (energy, "each")])
    with pytest.raises(DomainError):
        added(city, draft, places=[city.towns[0]])
    assert added(city, draft, areas="all", places=()).area_links.count() == 3  # every county, not the zone


def test_the_same_click_twice_counts_once(city, draft):
    one = added(city, draft, key="k")
    assert added(city, draft, key="k") == one
    assert Clause.objects.filter(task__version=draft).count() == 3
    delete_clause(city.people["office"], one, reason="不是", with_measures=True, key="d")
    delete_clause(city.people["office"], one, reason="不是", with_measures=True, key="d")
    with pytest.raises(Conflict):
        added(city, draft, key="k")


def test_a_clause_with_measures_goes_only_when_they_may(city, draft):
    office = city.people["office"]
    clause = Clause.objects.get(task__version=draft, task__number="1")
    with pytest.raises(DomainError) as refused:
        delete_clause(office, clause, reason="不是条款")
    assert refused.value.field == "with_measures"
    assert "1-1-1" in str(refused.value)
    with pytest.raises(DomainError) as refused:
        delete_clause(office, clause, reason=" ", with_measures=True)
    assert refused.value.field == "reason"
    with pytest.raises(Conflict):
        delete_clause(office, clause, reason="不是条款", with_measures=True, seen_version=99)
    added(city, draft)
    with pytest.raises(DomainError) as refused:
        delete_clause(office, clause, reason="不是条款", with_measures=True, with_task=True)
    assert refused.value.field == "with_task"
    delete_clause(office, clause, reason="不是条款", with_measures=True, seen_version=clause.version)
    assert codes(draft) == ["1-1-1", "1-1-2", "2-1-1"]
    entry = AuditEntry.objects.order_by("-seq").first()
    assert (entry.action, entry.reason) == ("plan.review.delete_clause", "不是条款")
    assert entry.changes["measures"][1] is None
    with pytest.raises(Conflict):
        set_roles(office, clause, agencies=[], areas="all")


def test_a_task_goes_with_its_only_clause(city, draft):
    clause = Clause.objects.get(task__version=draft, task__number="1")
    delete_clause(city.people["office"], clause, reason="只是说明", with_measures=True, with_task=True)
    assert list(Task.objects.filter(version=draft).values_list("number", "position")) == [("2", 1)]


@pytest.mark.parametrize("what", ["add", "add_task", "delete", "delete_task"])
def test_undo_restores_exactly(city, draft, what):
    office = city.people["office"]
    clause = Clause.objects.get(task__version=draft, task__number="1")
    before = everything(draft)
    if what == "add":
        added(city, draft)
    elif what == "add_task":
        added(city, draft, title="新的任务", number="9")
    else:
        delete_clause(office, clause, reason="不是", with_measures=True, with_task=what == "delete_task")
    assert everything(draft) != before
    undo(office, draft, key="u")
    undo(office, draft, key="u")
    assert everything(draft) == before
    with pytest.raises(DomainError):
        undo(office, draft)


def test_many_steps_are_undone_one_by_one(city, draft):
    office = city.people["office"]
    before = everything(draft)
    clause = added(city, draft, title="新的任务")
    review.split(office, clause.measures.first(), offset=clause.measures.first().start + 9)
    review.delete(office, clause.measures.last(), reason="重复")
    set_roles(office, clause, agencies=[], areas="all")
    delete_clause(office, clause, reason="还是不要", with_measures=True, with_task=True)
    for _step in range(5):
        undo(office, draft)
    assert everything(draft) == before


def test_undo_refuses_what_others_put_in_or_took_again(city, draft):
    office, office2 = city.people["office"], city.people["office2"]
    clause = added(city, draft, cut="none")
    start, end = span(draft, MISSED)
    review.add(office2, draft, start=start, end=end, clause=clause)
    with pytest.raises(Conflict):
        undo(office, draft)
    undo(office2, draft)
    undo(office, draft)
    assert not Clause.objects.filter(pk=clause.pk).exists()
    first = Clause.objects.get(task__version=draft, task__number="1")
    delete_clause(office, first, reason="不是", with_measures=True)
    low, high = span(draft, "燃气锅炉低氮改造率达到90%以上。")
    roles = {"agencies": [(city.agencies["能源局"], "lead")], "areas": "all"}
    add_clause(office2, draft, start=low, end=high, **roles)
    with pytest.raises(Conflict):
        undo(office, draft)


def test_a_deleted_measure_does_not_come_back_into_a_deleted_clause(city, draft):
    office, office2 = city.people["office"], city.people["office2"]
    clause = Clause.objects.get(task__version=draft, task__number="2")
    review.delete(office, clause.measures.get(), reason="重复")
    delete_clause(office2, clause, reason="空的")
    with pytest.raises(Conflict):
        undo(office, draft)


@pytest.mark.parametrize("who", ["dept", "county", "enterprise", "inspector", "admin", "nobody"])
def test_only_who_may_review(city, draft, who):
    clause = Clause.objects.filter(task__version=draft).first()
    start, end = span(draft, MISSED)
    with pytest.raises(NotAllowed):
        add_clause(city.people[who], draft, start=start, end=end, agencies=[], areas="all")
    with pytest.raises(NotAllowed):
        delete_clause(city.people[who], clause, reason="x", with_measures=True)


def test_an_adopted_text_is_frozen(city, draft):
    clause = Clause.objects.filter(task__version=draft).first()
    DocumentVersion.objects.filter(pk=draft.pk).update(
        state="adopted", adopted_at=draft.imported_at, adopted_by=city.people["office"]
    )
    with pytest.raises(Unlawful):
        added(city, draft)
    with pytest.raises(Unlawful):
        delete_clause(city.people["office"], clause, reason="x", with_measures=True)


def test_an_added_clause_keeps_from_adopting_until_somebody_answers(city, draft):
    review.accept_all(city.people["office"], draft, confidence=0)
    assert blockers(draft) == []
    clause = added(city, draft, agencies=[], places=[])
    assert [(d.kind, d.anchor) for d in blockers(draft)] == [("nobody", f"c{clause.pk}")]
    undo(city.people["office"], draft)
    added(city, draft)
    assert blockers(draft) == []


def test_adoption_makes_the_assignments_of_an_added_clause(city, draft):
    office = city.people["office"]
    review.accept_all(office, draft, confidence=0)
    clause = added(city, draft)
    adopt(office, draft)
    for measure in clause.measures.all():
        made = Assignment.objects.filter(measure=measure)
        assert {row.place for row in made if row.holder == "area"} == set(city.areas[:2])


def test_a_reissued_text_is_compared_with_the_added_clause(city, draft):
    office = city.people["office"]
    review.accept_all(office, draft, confidence=0)
    clause = added(city, draft)
    adopt(office, draft)
    again = make_plan(city, state="in_review")
    again.document, again.ordinal = draft.document, draft.ordinal + 1
    again.text = draft.text
    again.save()
    missing = comparison_of(draft, again)
    gone = {pair.old.key for pair in missing.pairs if pair.new is None}
    assert gone == {m.pk for m in clause.measures.all()}
    Measure.objects.filter(clause__task__version=again, clause__task__number="2").delete()
    added(city, again)
    pairs = comparison_of(draft, again).pairs
    assert {m.pk for m in clause.measures.all()} <= {p.old.key for p in pairs if p.old and p.new}
