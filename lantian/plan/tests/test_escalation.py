"""Escalation over the ledger: facts, proposals, decisions, notices with delivery and reading."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import LoadedPack
from lantian.kit.errors import Conflict, DomainError, NotAllowed
from lantian.plan import escalation_facts as facts
from lantian.plan import services as ledger_services
from lantian.plan.models import Assignment, EscalationProposal, MeasureTarget, Notice, NoticeReceipt
from lantian.plan.rules.escalation import Subject
from lantian.plan.services import escalation, rounds
from lantian.plan.tests import ledger as lib
from lantian.plan.thresholds import thresholds
from lantian.records.models import AuditEntry, Notification
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(go, ledger):
    """The small city on 2020-06-20; only area 0 is late: its three assignments were due in May."""
    city = ledger[0]
    of(city).update(deadline=dt.date(2020, 5, 31))
    # Silence is judged in tests of its own.
    LoadedPack.objects.update(
        escalation=[
            {"rule": name, "settings": {"enabled": False}} for name in ("stale-remind", "plan-remind", "plan-circular")
        ]
    )
    return city


def of(city, area: int = 0):
    return Assignment.objects.filter(area=city.areas[area]).order_by("pk")


def waiting():
    return EscalationProposal.objects.filter(state="proposed").order_by("pk")


def only() -> EscalationProposal:
    return waiting().get()


def accept(city, proposal=None, **values):
    proposal = proposal or only()
    return escalation.decide(
        city.people["office"], proposal, accept=True, **{"reply_due_on": dt.date(2020, 6, 25), **values}
    )


# --- facts


def fact(found, name, subject):
    return next(f for f in found if (f.name, f.subject) == (name, subject))


def test_lateness_counts_open_work_past_its_deadline(city):
    found = facts.lateness(facts.duties(), clock.today(), thresholds())
    here, there = Subject("place", city.areas[0].pk), Subject("place", city.areas[1].pk)
    assert [ref.figure for ref in fact(found, "days_late", here).parts] == [20, 20, 20]
    assert (fact(found, "share_late", here).figure, fact(found, "share_late", here).n) == (Decimal(100), 3)
    assert fact(found, "share_late", there).figure == 0
    lib.submit(city, of(city)[0])
    found = facts.lateness(facts.duties(), clock.today(), thresholds())
    assert len(fact(found, "days_late", here).parts) == 2


def test_silence_is_measured_from_the_last_word_by_the_rhythm(city, go):
    here = Subject("place", city.areas[0].pk)
    Assignment.objects.update(created_at=clock.now())
    ledger_services.report(city.people["county"], of(city)[0], percent=5, text="开工")
    go(dt.date(2020, 8, 20))
    found = facts.silence(facts.duties(), clock.today(), thresholds())
    days = {ref.id: ref.figure for ref in fact(found, "days_stale", here).parts}
    assert set(days.values()) == {Decimal(61 - 35)}


def test_missed_rounds_count_without_a_gap(city, go):
    document = of(city)[0].measure.clause.task.version.document
    office, here = city.people["office"], Subject("place", city.areas[0].pk)
    for month in (6, 7, 8):
        go(dt.date(2020, month, 20))
        made = rounds.open_round(office, document)
        if month == 6:
            ledger_services.report(city.people["county"], of(city)[0], percent=5, text="开工")
        rounds.close_round(office, made)
    found = facts.missed_rounds()
    assert fact(found, "rounds_missed", here).figure == 2
    assert fact(found, "rounds_missed", Subject("place", city.areas[1].pk)).figure == 3
    assert [ref.label for ref in fact(found, "rounds_missed", here).refs] == [
        r.title for r in document.rounds.order_by("-month")[:2]
    ]


def test_returns_and_rebounds_are_counted_by_assignment(city, go):
    a = lib.led(city)
    for _ in range(2):
        lib.submit(city, a)
        ledger_services.return_(city.people["dept"], a, reason="缺少照片")
    found = facts.setbacks(facts.duties())
    assert fact(found, "returns", Subject("assignment", a.pk)).figure == 2
    assert [f.name for f in found] == ["returns"]


def test_an_indicator_is_behind_only_against_what_is_asked_by_today(city, monkeypatch):
    from lantian.indicators.value import Value

    target = MeasureTarget.objects.get(unit="%")
    MeasureTarget.objects.filter(pk=target.pk).update(
        indicator="low_nox_share", indicator_comparator=">=", indicator_value=90
    )
    of(city).update(deadline=dt.date(2020, 12, 31))
    version = target.measure.clause.task.version
    version.issued_on = dt.date(2020, 4, 3)
    version.save()
    numbers = {city.areas[0].pk: Decimal(10), city.areas[1].pk: Decimal(60)}

    def current(code, place, context):
        if place.pk in numbers:
            return Value.of(numbers[place.pk], "%", rule_version="1")
        from lantian.indicators.value import ReasonCode

        return Value.none(ReasonCode.NO_ENTRY, "nothing", "%", rule_version="1")

    monkeypatch.setattr(facts.indicators, "current", current)
    found = facts.off_pace(facts.duties(), clock.today())
    # 78 of 272 days have passed: 25.8 % are asked for by now; area 0 has 10 %.
    (behind,) = found
    assert behind.subject == Subject("place", city.areas[0].pk)
    assert behind.parts[0].figure == Decimal("17.6")


def test_areas_without_a_plan_are_counted_from_the_day_of_issue(city):
    version = of(city)[0].measure.clause.task.version
    version.issued_on = dt.date(2020, 4, 3)
    version.save()
    found = facts.missing_plans(clock.today())
    assert {f.subject.id for f in found} == {place.pk for place in city.areas}
    assert {f.figure for f in found} == {Decimal(78)}


# --- proposing


def test_proposing_twice_proposes_once_and_tells_the_office_once(city):
    first = escalation.propose(city.people["office"])
    again = escalation.propose(None)
    assert (first.new, again.new, again.kept) == (1, 0, 1)
    proposal = only()
    assert (proposal.level, proposal.place, proposal.rule) == ("warn", city.areas[0], "late-warn")
    assert proposal.reasons[0]["figure"] == "20"
    assert len(proposal.reasons[0]["refs"]) == 3
    told = Notification.objects.filter(kind="plan.escalation_proposed")
    assert set(told.values_list("recipient__username", flat=True)) == {"office", "office2"}
    assert AuditEntry.objects.filter(action="plan.propose_escalation").count() == 1


def test_a_reason_that_goes_lets_the_proposal_lapse(city):
    escalation.propose(None)
    of(city).update(deadline=dt.date(2020, 12, 31))
    assert escalation.propose(None).lapsed == 1
    gone = EscalationProposal.objects.get()
    assert (gone.state, gone.lapse) == ("lapsed", "gone")


def test_a_worse_situation_replaces_the_proposal_by_a_higher_one(city, go):
    escalation.propose(None)
    go(dt.date(2020, 7, 5))
    done = escalation.propose(None)
    assert (done.new, done.lapsed) == (1, 1)
    assert only().level == "circular"
    assert EscalationProposal.objects.get(state="lapsed").lapse == "raised"


def test_standing_proposals_show_present_figures(city, go):
    escalation.propose(None)
    before = only()
    go(dt.date(2020, 6, 22))
    escalation.propose(None)
    after = only()
    assert (after.pk, after.reasons[0]["figure"]) == (before.pk, "22")
    with pytest.raises(Conflict):
        escalation.decide(city.people["office"], before, accept=True, seen_version=before.version)


def test_faulty_settings_of_the_pack_are_named(city):
    LoadedPack.objects.update(escalation=[{"rule": "late-wrn", "settings": {"threshold": 3}}])
    with pytest.raises(DomainError, match="late-wrn"):
        escalation.propose(None)


def test_a_pack_changes_a_threshold(city):
    LoadedPack.objects.update(escalation=[{"rule": "late-warn", "settings": {"threshold": 21}}])
    escalation.propose(None)
    assert waiting().get(family="late").level == "remind"


# --- deciding


def test_accepting_sends_a_notice_with_receipts(city):
    escalation.propose(None)
    done = accept(city)
    notice = Notice.objects.get()
    assert (done.state, notice.level, notice.place) == ("accepted", "warn", city.areas[0])
    (receipt,) = notice.receipts.all()
    assert receipt.notification.recipient == city.people["county"]
    assert receipt.notification.link == reverse("plan:notice", args=[notice.pk])
    assert "1-1-1" in notice.body
    assert notice.body.count("2020-06-25") == 1
    assert AuditEntry.objects.get(action="plan.issue_notice").data["people"] == ["county"]


def test_the_same_key_decides_once_and_another_decision_is_refused(city):
    escalation.propose(None)
    proposal = only()
    accept(city, proposal, key="k1")
    accept(city, proposal, key="k1")
    assert Notice.objects.count() == 1
    with pytest.raises(Conflict, match="office"):
        escalation.decide(city.people["office2"], proposal, accept=False, reason="不同意", key="k2")


def test_rejecting_and_another_level_need_a_reason(city):
    escalation.propose(None)
    office = city.people["office"]
    for values in ({"accept": False}, {"accept": True, "level": "circular"}):
        with pytest.raises(DomainError) as caught:
            escalation.decide(office, only(), **values)
        assert caught.value.field == "reason"
    done = escalation.decide(
        office, only(), accept=True, level="remind", reason="首次从轻", title="提醒", body="请抓紧"
    )
    assert (done.level, done.proposed_level) == ("remind", "warn")
    assert Notice.objects.get().body == "请抓紧"  # no answer was asked for


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"level": "shout"}, "level"),
        ({"title": "x" * 201}, "title"),
        ({"body": "x" * 8001}, "body"),
        ({"reply_due_on": dt.date(2020, 6, 1)}, "reply_due_on"),
    ],
)
def test_a_refused_decision_leaves_the_proposal_open(city, values, field):
    escalation.propose(None)
    with pytest.raises(DomainError) as caught:
        accept(city, **values)
    assert caught.value.field == field
    assert only()
    assert Notice.objects.count() == 0


def test_a_rejected_proposal_stays_quiet_for_a_while(city, go):
    escalation.propose(None)
    escalation.decide(city.people["office"], only(), accept=False, reason="正在协调")
    assert escalation.propose(None).new == 0
    go(dt.date(2020, 6, 29))
    assert escalation.propose(None).new == 0
    go(dt.date(2020, 6, 30))
    assert escalation.propose(None).new == 1


def test_an_unanswered_notice_climbs_and_an_answered_one_does_not(city, go):
    escalation.propose(None)
    accept(city, reply_due_on=dt.date(2020, 6, 23))
    of(city).update(deadline=dt.date(2020, 12, 31))
    go(dt.date(2020, 6, 27))
    escalation.propose(None)
    climbing = only()
    assert (climbing.family, climbing.level) == ("unanswered", "circular")
    assert climbing.reasons[0]["refs"][0]["kind"] == "notice"
    escalation.answer(city.people["county"], Notice.objects.get(), reply="已整改")
    assert escalation.propose(None).lapsed == 1


def test_a_notice_that_did_not_help_climbs(city, go):
    escalation.propose(None)
    accept(city)
    escalation.answer(city.people["county"], Notice.objects.get(), reply="已部署")
    go(dt.date(2020, 7, 12))
    escalation.propose(None)
    assert only().level == "circular"
    assert "unmended-warn" in {reason["rule"] for reason in only().reasons}


@pytest.mark.parametrize("who", ["dept", "county", "inspector", "town", "enterprise", "admin", "nobody"])
def test_only_the_office_proposes_and_decides(city, who):
    escalation.propose(None)
    person = city.people[who]
    with pytest.raises(NotAllowed):
        escalation.propose(person)
    with pytest.raises(NotAllowed):
        escalation.decide(person, only(), accept=True)


# --- notices


def test_reading_and_answering_are_recorded(city, go):
    escalation.propose(None)
    accept(city)
    notice = Notice.objects.get()
    county = city.people["county"]
    assert escalation.read_notice(city.people["office"], notice) is None
    receipt = escalation.read_notice(county, notice)
    assert receipt.notification.read_at == clock.now()
    answered = escalation.answer(county, notice, reply=" 已整改 ")
    assert (answered.reply, answered.replied_at) == ("已整改", clock.now())
    assert escalation.answer(county, notice, reply="已整改") == answered
    with pytest.raises(Conflict):
        escalation.answer(county, notice, reply="又有进展")
    with pytest.raises(NotAllowed):
        escalation.answer(city.people["county2"], notice, reply="代答")
    assert Notification.objects.get(kind="plan.notice_answered").recipient == city.people["office"]


def test_a_notice_to_nobody_is_recorded_and_says_so(city, login):
    of(city).update(deadline=dt.date(2020, 12, 31))
    of(city, 2).update(deadline=dt.date(2020, 5, 31))  # the third county has no people
    escalation.propose(None)
    client = login(city.people["office"])
    page = client.get(reverse("plan:escalation", args=[only().pk]))
    assert "alert-warning" in page.text
    form = page.context["form"]
    answer = client.post(
        reverse("plan:escalation", args=[only().pk]),
        {
            "decision": "accept",
            "level": "warn",
            "title_of_notice": "预警",
            "body": "请整改",
            "version": form.initial["version"],
            "key": "k",
        },
        follow=True,
    )
    assert "alert-warning" in answer.text
    assert NoticeReceipt.objects.count() == 0


# --- pages


def test_who_sees_what(city, login):
    escalation.propose(None)
    proposal = only()
    address = reverse("plan:escalation", args=[proposal.pk])
    before = {"office": 200, "inspector": 200, "county": 404, "county2": 404, "dept": 404, "town": 403, "nobody": 403}
    for who, code in before.items():
        assert login(city.people[who]).get(address).status_code == code, who
    accept(city)
    assert login(city.people["county"]).get(address).status_code == 200
    assert login(city.people["county2"]).get(address).status_code == 404
    notice = reverse("plan:notice", args=[Notice.objects.get().pk])
    seen = {"office": 200, "inspector": 200, "county": 200, "county2": 404, "town": 404, "nobody": 404, "public": 404}
    for who, code in seen.items():
        assert login(city.people[who]).get(notice).status_code == code, who
    assert login(city.people["county2"]).get(reverse("plan:notices")).context["table"].rows.__len__() == 0
    assert escalation.notices_visible_to(scope_of(None)).count() == 0


def test_the_office_works_the_inbox_and_the_county_answers(city, login):
    office = login(city.people["office"])
    office.post(reverse("plan:propose_escalations"))
    page = office.get(reverse("plan:escalations"))
    assert city.areas[0].name in page.text
    assert office.get(reverse("plan:escalation_rules")).status_code == 200
    address = reverse("plan:escalation", args=[only().pk])
    form = office.get(address).context["form"]
    data = {
        "level": "warn",
        "title_of_notice": "预警函",
        "body": "请整改",
        "reply_due_on": "2020-06-25",
        "version": form.initial["version"],
        "key": "k",
    }
    refused = office.post(address, {**data, "decision": "reject"})
    assert refused.status_code == 400
    assert "请整改" in refused.text
    assert office.post(address, {**data, "decision": "accept"}).status_code == 302
    county = login(city.people["county"])
    notice = reverse("plan:notice", args=[Notice.objects.get().pk])
    assert county.get(notice).context["mine"].notification.read_at is not None
    assert county.post(notice, {"reply": ""}).status_code == 422
    assert county.post(notice, {"reply": "已整改"}).status_code == 302
    assert "已整改" in login(city.people["office"]).get(notice).text
    assert login(city.people["county"]).post(reverse("plan:propose_escalations")).status_code == 403
    assert login(city.people["inspector"]).post(address, {**data, "decision": "accept"}).status_code == 403


def test_gathering_costs_a_constant_number_of_queries(city, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        facts.gather(clock.today())


def test_a_notice_names_the_first_assignments_and_says_how_many_more(city, monkeypatch):
    escalation.propose(None)
    proposal = only()
    assert "（1-1-1、1-1-2、2-1-1）" in escalation.draft(proposal).body, "the addressee is not repeated with each"
    monkeypatch.setattr(escalation, "NAMED", 2)
    assert "（1-1-1、1-1-2，另有1项）" in escalation.draft(proposal).body


def test_a_proposal_is_called_by_its_addressee(city):
    escalation.propose(None)
    assert str(only()).endswith(" · 甲县")


def test_an_addressee_sees_how_many_a_notice_reached_and_not_only_themselves(city):
    make_user("county1b", "county", place=city.areas[0])
    escalation.propose(None)
    accept(city)
    seen = scope_of(city.people["county"])
    # Somebody who moved on: the notice reached them, the area is no longer theirs.
    by_receipt = dataclasses.replace(seen, place_ids=frozenset())
    for scope in (seen, by_receipt, scope_of(city.people["office"])):
        rows = escalation.notices_visible_to(scope).annotate(people=Count("receipts", distinct=True))
        assert rows.get().people == 2


def test_the_page_of_a_proposal_reads_the_rules_once(city, login):
    escalation.propose(None)
    proposal, browser = only(), login(city.people["inspector"])
    address = reverse("plan:escalation", args=[proposal.pk])
    browser.get(address)
    counts = []
    for reasons in (proposal.reasons, proposal.reasons * 20):
        EscalationProposal.objects.filter(pk=proposal.pk).update(reasons=reasons)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_cards_on_top_are_the_highest_and_not_without_end(city, login, monkeypatch):
    from lantian.plan.views import escalations

    monkeypatch.setattr(escalations, "CARDS", 1)
    escalation.propose(None)
    first = only()
    higher = EscalationProposal.objects.create(
        rule="late-circular", rule_version="1", level="circular", family="late", place=city.areas[1], reasons=first.reasons,
        subject_key=f"late:place:{city.areas[1].pk}", proposed_at=clock.now(),
    )  # fmt: skip
    page = login(city.people["office"]).get(reverse("plan:escalations"))
    assert [card[0] for card in page.context["waiting"]] == [higher]
    assert page.context["n_waiting"] == 2
    assert "?state=proposed" in page.text
