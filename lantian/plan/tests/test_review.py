"""Correcting what was read: each act, its undo, who may, and what happens when two people do it at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from lantian.city.models import Agency
from lantian.kit.errors import Conflict, DomainError, NotAllowed, Unlawful
from lantian.plan.models import Clause, ClauseAgency, ClauseArea, DocumentVersion, Measure, Review, ReviewAction
from lantian.plan.services import review, review_clauses
from lantian.plan.services.review_acts import measure_snapshot
from lantian.plan.services.review_undo import undo
from lantian.records.models import AuditEntry
from tests.builders import make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(city):
    return make_plan(city, state="in_review")


def measures(version) -> list[Measure]:
    return list(Measure.objects.filter(clause__task__version=version))


def content(version) -> list[dict]:
    """Everything that a review can change, without lock versions and row numbers of targets."""
    rows = [measure_snapshot(m) for m in Measure.objects.filter(clause__task__version=version)]
    clauses = [
        (
            c.pk,
            c.areas,
            c.unresolved,
            c.review,
            sorted(c.agencies.values_list("agency_id", "role")),
            sorted(c.area_links.values_list("place_id", flat=True)),
        )
        for c in Clause.objects.filter(task__version=version)
    ]
    return [{k: v for k, v in row.items() if k != "version"} for row in rows] + clauses


def last_entry() -> AuditEntry:
    return AuditEntry.objects.order_by("-seq").first()


def test_accept_is_audited_and_counts_once(city, draft):
    first = measures(draft)[0]
    review.accept(city.people["office"], first, seen_version=1, key="k1")
    review.accept(city.people["office"], first, seen_version=1, key="k1")
    review.accept(city.people["office2"], first, seen_version=1)
    first.refresh_from_db()
    assert (first.review, first.reviewed_by, first.version) == ("accepted", city.people["office"], 2)
    assert ReviewAction.objects.count() == 1
    assert last_entry().action == "plan.review.accept"
    assert last_entry().changes == {"review": ["unreviewed", "accepted"]}


def test_edit_every_field(city, draft):
    first = measures(draft)[0]
    target = {
        "role": "target",
        "comparator": "range",
        "value": "2.5",
        "upper": "8",
        "unit": "mg/m3",
        "object": "氨逃逸",
    }
    target |= {"start": 10**40, "end": 10**41, "change": "wish", "basis": "2017年"}  # what cannot be is left out
    changes = {
        "text": "2020年10月底前，淘汰燃煤锅炉。",
        "nature": "striving",
        "deadlines": ["2020-10-31", "2020-06-30"],
        "recurrence": ["monthly"],
        "enterprises": ["青川砖厂"],
        "places": ["甲县"],
        "cites": ["《某办法》"],
        "targets": [target],
    }
    edited = review.edit(city.people["office"], first, changes, reason="读错了", seen_version=1)
    assert edited.review == Review.EDITED
    assert edited.deadlines == ["2020-06-30", "2020-10-31"]
    assert (edited.nature, edited.enterprises, edited.cites) == ("striving", ["青川砖厂"], ["《某办法》"])
    (stored,) = edited.targets.all()
    assert (stored.start, stored.change, stored.basis) == (None, "", "2017年")
    assert (stored.comparator, stored.value, stored.upper, stored.unit) == (
        "range",
        Decimal("2.5"),
        Decimal(8),
        "mg/m3",
    )
    entry = last_entry()
    assert entry.changes["deadlines"] == [["2020-09-30"], ["2020-06-30", "2020-10-31"]]
    assert entry.reason == "读错了"
    assert "clause_id" not in entry.changes


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"deadlines": ["2020-02-30"]}, "deadlines"),
        ({"text": " 。"}, "text"),
        ({"nature": "wish"}, "nature"),
        ({"targets": [{"comparator": "~", "value": "1"}]}, "targets"),
        ({"targets": [{"comparator": ">=", "value": "NaN"}]}, "targets"),
        ({"targets": [{"comparator": ">=", "value": "1e30"}]}, "targets"),
        ({"targets": [{"comparator": "range", "value": "5", "upper": "3"}]}, "targets"),
        ({"end": 10**6}, "start"),
        ({"version": 3}, "version"),
    ],
)
def test_impossible_values_are_refused_with_their_field(city, draft, changes, field):
    with pytest.raises(DomainError) as refused:
        review.edit(city.people["office"], measures(draft)[0], changes)
    assert refused.value.field == field
    assert ReviewAction.objects.count() == 0


def test_two_people_at_once(city, draft):
    first = measures(draft)[0]
    review.edit(city.people["office"], first, {"nature": "task"}, seen_version=1)
    with pytest.raises(Conflict):
        review.edit(city.people["office2"], first, {"nature": "striving"}, seen_version=1)


def test_merge_keeps_what_both_say(city, draft):
    one, two, three = measures(draft)
    joined = review.merge(city.people["office"], one, seen_version=1)
    assert joined.text == one.text + two.text
    assert (joined.start, joined.end, joined.deadlines) == (one.start, two.end, ["2020-09-30"])
    assert [t.object for t in joined.targets.all()] == ["燃煤锅炉", "燃气锅炉低氮改造率"]
    assert not Measure.objects.filter(pk=two.pk).exists()
    with pytest.raises(DomainError):
        review.merge(city.people["office"], joined)
    with pytest.raises(DomainError):
        review.merge(city.people["office"], three)


def test_split_shares_out_figures_and_numbers_anew(city, draft):
    one, two, _ = measures(draft)
    joined = review.merge(city.people["office"], one)
    left, right = review.split(city.people["office"], joined, offset=two.start, key="s1")
    assert (left.text, right.text) == (one.text, two.text)
    assert [m.code for m in measures(draft)] == ["1-1-1", "1-1-2", "2-1-1"]
    assert left.deadlines == right.deadlines == ["2020-09-30"]
    again = review.split(city.people["office"], joined, offset=two.start, key="s1")
    assert again == (left, right)


def test_a_split_needs_words_on_both_sides(city, draft):
    one = measures(draft)[0]
    for offset in (one.start, one.end, one.end - 1, 0, 10**6):
        with pytest.raises(DomainError):
            review.split(city.people["office"], one, offset=offset)


def test_add_from_a_selection_finds_its_clause(city, draft):
    start = draft.text.index("燃气锅炉低氮")
    made = review.add(city.people["office"], draft, start=start, end=start + 4)
    assert (made.text, made.code, made.review) == ("燃气锅炉", "1-1-2", "added")
    assert [m.code for m in measures(draft)] == ["1-1-1", "1-1-2", "1-1-3", "2-1-1"]
    with pytest.raises(DomainError, match=r"already|已"):
        review.add(city.people["office"], draft, start=start, end=start + 4)


def test_add_refuses_words_that_no_clause_covers(city, draft):
    with pytest.raises(DomainError):
        review.add(city.people["office"], draft, start=0, end=6)
    with pytest.raises(DomainError):
        review.add(city.people["office"], draft, start=5, end=5)


def test_delete_needs_a_reason_and_closes_the_gap(city, draft):
    one = measures(draft)[0]
    with pytest.raises(DomainError):
        review.delete(city.people["office"], one, reason=" ")
    review.delete(city.people["office"], one, reason="重复")
    assert [m.code for m in measures(draft)] == ["1-1-1", "2-1-1"]
    entry = last_entry()
    assert entry.action == "plan.review.delete"
    assert entry.changes["measure"][0]["text"] == one.text


def test_accept_all_above_a_confidence(city, draft):
    Measure.objects.filter(code="1-1-2").update(confidence=0.5)
    Clause.objects.filter(position=1).update(confidence=0.95)
    n = review.accept_all(city.people["office"], draft, confidence=0.9)
    assert n == 4
    assert [m.review for m in measures(draft)] == ["accepted", "unreviewed", "accepted"]
    assert review.accept_all(city.people["office"], draft, confidence=0.9) == 0
    assert ReviewAction.objects.count() == 1


def test_accept_all_leaves_clauses_with_open_names(city, draft):
    clause = Clause.objects.get(task__number="1", task__version=draft)
    Clause.objects.filter(pk=clause.pk).update(unresolved=[{"kind": "agency", "role": "lead", "name": "某局"}])
    Clause.objects.filter(task__number="2").update(areas="named", implement_text=["某区"])
    ClauseArea.objects.filter(clause__task__number="2").delete()
    review.accept_all(city.people["office"], draft, confidence=0)
    assert set(Clause.objects.values_list("review", flat=True)) == {"unreviewed"}


def test_roles_of_a_clause(city, draft):
    clause = Clause.objects.get(task__number="1", task__version=draft)
    energy = city.agencies["能源局"]
    changed = review_clauses.set_roles(
        city.people["office"], clause, agencies=[(energy, "lead")], areas="named", places=city.areas[:1], seen_version=1
    )
    assert [(a.agency, a.role) for a in changed.agencies.all()] == [(energy, "lead")]
    assert [a.place for a in changed.area_links.all()] == city.areas[:1]
    assert last_entry().changes["agencies"][1] == ["lead: 能源局"]
    with pytest.raises(DomainError):
        review_clauses.set_roles(
            city.people["office"], clause, agencies=[(energy, "lead"), (energy, "each")], areas="all"
        )
    with pytest.raises(Conflict):
        review_clauses.set_roles(city.people["office"], clause, agencies=[], areas="all", seen_version=1)


def unknown(draft, name="大气专班"):
    entry = {"kind": "agency", "role": "cooperate", "name": name, "start": 1, "end": 5}
    Clause.objects.filter(task__version=draft).update(unresolved=[entry])


def test_a_name_is_resolved_everywhere_and_remembered(city, draft):
    unknown(draft)
    met = city.agencies["气象局"]
    assert review_clauses.resolve_name(city.people["office"], draft, name="大气专班", agency=met) == 2
    assert ClauseAgency.objects.filter(agency=met, role="cooperate").count() == 2
    met.refresh_from_db()
    assert met.aliases == ["大气专班"]
    assert all(c.unresolved == [] for c in Clause.objects.all())


def test_a_new_agency_is_made_for_a_name(city, draft):
    unknown(draft)
    new = {"short": "大气专班", "full_name": "青川市大气工作专班", "kind": "group"}
    review_clauses.resolve_name(city.people["office"], draft, name="大气专班", new_agency=new)
    assert Agency.objects.get(short="大气专班").full_name == "青川市大气工作专班"
    assert AuditEntry.objects.filter(action="city.agency_create").count() == 1


def test_a_name_of_another_agency_is_not_given_away(city, draft):
    unknown(draft, "市场监管局")
    with pytest.raises(Conflict):
        review_clauses.resolve_name(city.people["office"], draft, name="市场监管局", agency=city.agencies["气象局"])


def test_a_name_may_be_nobody_with_a_reason_or_an_area(city, draft):
    unknown(draft)
    with pytest.raises(DomainError):
        review_clauses.resolve_name(city.people["office"], draft, name="大气专班")
    review_clauses.resolve_name(city.people["office"], draft, name="大气专班", nobody="不是单位")
    assert last_entry().reason == "不是单位"
    unknown(draft, "南部新区")
    ClauseArea.objects.filter(place=city.areas[3]).delete()
    review_clauses.resolve_name(city.people["office"], draft, name="南部新区", place=city.areas[3])
    assert ClauseArea.objects.filter(place=city.areas[3]).count() == 2


def test_areas_to_be_named_are_named_together(city, draft):
    ClauseArea.objects.all().delete()
    Clause.objects.update(areas="some")
    assert review_clauses.name_all_areas(city.people["office"], draft) == 2
    assert ClauseArea.objects.count() == 6  # counties only, not the zone


def test_the_heading_can_be_mended(city, draft):
    changed = review_clauses.edit_heading(city.people["office"], draft, {"number": "青政〔2020〕1号"}, seen_version=1)
    assert changed.number == "青政〔2020〕1号"
    with pytest.raises(DomainError):
        review_clauses.edit_heading(city.people["office"], draft, {"title": " "})
    undo(city.people["office"], draft)
    draft.refresh_from_db()
    assert draft.number == ""


def acts(city, draft):
    office = city.people["office"]
    clause = Clause.objects.get(task__number="1", task__version=draft)

    def one():
        return measures(draft)[0]

    start = draft.text.index("燃气锅炉低氮")
    return {
        "accept": lambda: review.accept(office, one()),
        "edit": lambda: review.edit(office, one(), {"text": "改过的措施", "deadlines": [], "targets": []}),
        "merge": lambda: review.merge(office, one()),
        "split": lambda: review.split(office, one(), offset=one().start + 11),
        "add": lambda: review.add(office, draft, start=start, end=start + 4),
        "delete": lambda: review.delete(office, one(), reason="重复"),
        "accept_all": lambda: review.accept_all(office, draft, confidence=0),
        "set_roles": lambda: review_clauses.set_roles(office, clause, agencies=[], areas="named"),
        "accept_clause": lambda: review_clauses.accept_clause(office, clause),
    }


@pytest.mark.parametrize(
    "verb", ["accept", "edit", "merge", "split", "add", "delete", "accept_all", "set_roles", "accept_clause"]
)
def test_undo_restores_exactly(city, draft, verb):
    before = content(draft)
    acts(city, draft)[verb]()
    assert content(draft) != before
    undo(city.people["office"], draft, key="u")
    undo(city.people["office"], draft, key="u")
    assert content(draft) == before
    assert last_entry().action == "plan.review.undo"
    with pytest.raises(DomainError):
        undo(city.people["office"], draft)


def test_undo_goes_back_step_by_step(city, draft):
    office = city.people["office"]
    before = content(draft)
    for verb in ("edit", "merge", "add", "accept_all", "delete"):
        acts(city, draft)[verb]()
    for _ in range(5):
        undo(office, draft)
    assert content(draft) == before


def test_undo_is_ones_own_and_refuses_what_others_changed(city, draft):
    one = measures(draft)[0]
    review.edit(city.people["office"], one, {"nature": "task"})
    with pytest.raises(DomainError):
        undo(city.people["office2"], draft)
    review.edit(city.people["office2"], one, {"nature": "striving"})
    with pytest.raises(Conflict):
        undo(city.people["office"], draft)


def test_a_deleted_measure_cannot_be_accepted(city, draft):
    one = measures(draft)[0]
    review.delete(city.people["office"], one, reason="重复")
    with pytest.raises(Conflict):
        review.accept(city.people["office2"], one, seen_version=1)


@pytest.mark.parametrize("state", ["adopted", "superseded", "discarded"])
def test_only_a_text_in_review_changes(city, draft, state):
    DocumentVersion.objects.filter(pk=draft.pk).update(
        state=state, adopted_at=draft.imported_at, adopted_by=city.people["office"]
    )
    for act in acts(city, draft).values():
        with pytest.raises(Unlawful):
            act()
    with pytest.raises(Unlawful):
        undo(city.people["office"], draft)
    assert ReviewAction.objects.count() == 0


@pytest.mark.parametrize("who", ["dept", "county", "town", "enterprise", "inspector", "public", "admin", "nobody"])
def test_only_the_office_reviews_the_city_plan(city, draft, who):
    person = city.people[who]
    with pytest.raises(NotAllowed):
        review.accept(person, measures(draft)[0])
    with pytest.raises(NotAllowed):
        review_clauses.resolve_name(person, draft, name="x", nobody="y")
    with pytest.raises(NotAllowed):
        undo(person, draft)


def test_a_county_reviews_its_own_plan_only(city):
    own = make_plan(city, state="in_review")
    own.document.kind = "county_plan"
    own.document.place = city.areas[0]
    own.document.save()
    assert review.accept(city.people["county"], measures(own)[0]).review == "accepted"
    with pytest.raises(NotAllowed):
        review.accept(city.people["county2"], measures(own)[1])


def test_only_areas_carry_a_clause_out(city, draft):
    """A town among them would become an assignment of an area, which no town can work on."""
    clause, office = Clause.objects.filter(task__version=draft).first(), city.people["office"]
    with pytest.raises(DomainError) as refused:
        review_clauses.set_roles(office, clause, agencies=[], areas="named", places=[city.areas[0], city.towns[0]])
    assert refused.value.field == "places"
    Clause.objects.filter(pk=clause.pk).update(unresolved=[{"name": "某地", "role": "implement", "kind": "area"}])
    with pytest.raises(DomainError):
        review_clauses.resolve_name(office, draft, name="某地", place=city.towns[0])
    assert not ClauseArea.objects.filter(clause=clause, place=city.towns[0]).exists()


def test_a_new_day_of_the_period_fits_the_one_that_is_there(city, draft):
    with pytest.raises(DomainError) as refused:
        review_clauses.edit_heading(city.people["office"], draft, {"period_to": dt.date(2019, 1, 1)})
    assert refused.value.field == "period_to"
