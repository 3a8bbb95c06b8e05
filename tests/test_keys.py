"""A form's key is one person's, for one thing: used for something else it is refused, wherever it is used."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse

from lantian.bulletins import services as bulletins
from lantian.city import clock
from lantian.indicators import period
from lantian.indicators.services import Statement, correct_value, enter_value, withdraw_value
from lantian.indicators.tests.samples import define
from lantian.kit.errors import Conflict
from lantian.plan import services
from lantian.plan.models import Assignment, EscalationProposal, Measure
from lantian.plan.services import documents, escalation, review, review_clauses, rounds
from lantian.records.services import add_evidence
from tests.builders import make_plan

pytestmark = pytest.mark.django_db
TODAY = dt.date(2020, 6, 20)
KEY = "the-same-key"


@pytest.fixture(autouse=True)
def _june():
    with clock.travel(TODAY):
        yield


@pytest.fixture
def drafts(city):
    return city, make_plan(city, state="in_review")


def text(words: str) -> ContentFile:
    return ContentFile(words.encode(), name="proof.txt")


def other():
    return pytest.raises(Conflict, match=r"内容不同|something else")


def test_a_report_with_other_words_is_not_swallowed(ledger):
    """Who goes back in the browser, changes the words and sends again must not read that it was recorded."""
    city, _version = ledger
    county = city.people["county"]
    one = Assignment.objects.filter(place=city.areas[0]).first()
    made = services.report(county, one, percent=10, text="开工", key=KEY)
    assert services.report(county, one, percent=10, text=" 开工 ", key=KEY) == made
    with other():
        services.report(county, one, percent=90, text="基本完成", key=KEY)
    assert one.reports.count() == 1


def test_a_step_with_another_reason_is_not_swallowed(ledger):
    city, _version = ledger
    office = city.people["office"]
    one = Assignment.objects.filter(place=city.areas[0]).first()
    day = dt.date(2020, 9, 1)
    services.set_deadline(office, one, deadline=day, reason="统一调整", key=KEY)
    services.set_deadline(office, one, deadline=day, reason="统一调整", key=KEY)
    with other():
        services.set_deadline(office, one, deadline=day, reason="另有原因", key=KEY)


def test_an_act_of_a_review_is_about_one_thing(drafts):
    city, version = drafts
    office, second = city.people["office"], city.people["office2"]
    one, two = Measure.objects.filter(clause__task__version=version)[:2]
    review.accept(office, one, key=KEY)
    review.accept(office, one, key=KEY)
    with other():
        review.accept(office, two, key=KEY)
    with other():
        review.accept(second, one, key=KEY)
    with other():
        review.delete(office, one, reason="x", key=KEY)
    with other():
        review.add(office, version, start=0, end=5, key=KEY)
    with other():
        review.accept_all(office, version, confidence=0.5, key=KEY)
    with other():
        review_clauses.accept_clause(office, one.clause, key=KEY)
    with other():
        documents.discard(office, version, reason="重新印发", key=KEY)
    with other():
        documents.adopt(office, version, key=KEY)
    two.refresh_from_db()
    assert two.review == "unreviewed"


def test_an_import_is_one_persons(city):
    content = "一、重点任务\n1. 控制扬尘。每月开展检查。（各县人民政府负责落实）\n".encode()
    asked = {"kind": "city_plan", "place": city.city, "name": "plan.txt", "key": KEY}
    made = documents.import_document(city.people["office"], content, **asked)
    assert documents.import_document(city.people["office"], content, **asked) == made
    with other():
        documents.import_document(city.people["office2"], content, **asked)


def test_evidence_is_about_one_place_and_one_predecessor(city):
    county = city.people["county"]
    one = add_evidence(county, text("一"), effective_on=TODAY, place=city.areas[0], key=KEY)
    assert add_evidence(county, text("一"), effective_on=TODAY, place=city.areas[0], key=KEY) == one
    with other():
        add_evidence(county, text("二"), effective_on=TODAY, place=city.towns[0], key=KEY)
    with other():
        add_evidence(county, text("二"), effective_on=TODAY, place=city.areas[0], replaces=one, key=KEY)
    with other():
        add_evidence(city.people["town"], text("一"), effective_on=TODAY, place=city.areas[0], key=KEY)


def test_a_value_is_of_one_indicator_place_and_period(city):
    define()
    county, said = city.people["county"], Statement(Decimal(8))
    may, june = (period.month(dt.date(2020, month, 1)) for month in (5, 6))
    made = enter_value(county, "dustfall", city.areas[0], may, said, key=KEY)
    assert enter_value(county, "dustfall", city.areas[0], may, said, key=KEY) == made
    with other():
        enter_value(county, "dustfall", city.areas[0], june, said, key=KEY)
    with other():
        correct_value(county, made, said, reason="更正", key=KEY)
    with other():
        withdraw_value(county, made, reason="撤回", key=KEY)


def test_a_decision_is_about_one_proposal(ledger):
    city, _version = ledger
    one, two = (
        EscalationProposal.objects.create(
            rule="late-remind", rule_version="1", level="remind", family="late", place=city.areas[at], reasons=[],
            subject_key=f"late:place:{city.areas[at].pk}", proposed_at=clock.now(),
        )
        for at in (0, 1)
    )  # fmt: skip
    office = city.people["office"]
    escalation.decide(office, one, accept=False, reason="已整改", key=KEY)
    escalation.decide(office, one, accept=False, reason="已整改", key=KEY)
    with other():
        escalation.decide(office, two, accept=False, reason="已整改", key=KEY)


def test_a_circular_is_of_one_round(ledger):
    city, version = ledger
    office = city.people["office"]
    first = rounds.open_round(office, version.document, due_on=dt.date(2020, 6, 25))
    made = bulletins.make(office, first, print_reasons=True, key=KEY)
    assert bulletins.make(office, first, print_reasons=True, key=KEY) == made
    rounds.close_round(office, first)
    second = rounds.open_round(office, version.document, month=dt.date(2020, 7, 1), due_on=dt.date(2020, 7, 25))
    with other():
        bulletins.make(office, second, print_reasons=True, key=KEY)


def test_two_people_who_import_one_text_at_once_make_one_document(city, monkeypatch):
    """The second one looked before the first had written: it looks again once it may write."""
    content = "一、重点任务\n1. 控制扬尘。每月开展检查。（各县人民政府负责落实）\n".encode()
    asked = {"kind": "city_plan", "place": city.city, "name": "plan.txt"}
    first = documents.import_document(city.people["office"], content, **asked)
    real, answers = documents._same_bytes, [None]
    monkeypatch.setattr(documents, "_same_bytes", lambda *args: answers.pop() if answers else real(*args))
    second = documents.import_document(city.people["office2"], content, **asked)
    assert (second, second.was_there) == (first, True)


def test_an_unknown_area_does_not_remind_everybody(ledger, login):
    city, version = ledger
    made = rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 6, 25))
    browser = login(city.people["office"])
    assert browser.post(reverse("plan:remind_round", args=[made.pk]), {"area": "999999"}).status_code == 404
    assert not made.entries.filter(reminders__gt=0).exists()


def test_what_a_constraint_refuses_is_a_conflict_on_a_page_too(ledger, login, monkeypatch):
    """Two people at the same moment: the database keeps the second one from doubling the first, the page says so."""
    city, _version = ledger
    one = Assignment.objects.filter(place=city.areas[0]).first()

    @transaction.atomic
    def doubled(*args, **kwargs):
        Assignment.objects.create(
            measure=one.measure, holder="area", place=one.place, area=one.area, holder_key=one.holder_key,
            state_since=clock.now(), created_at=clock.now(), deadline_basis=one.deadline_basis,
        )  # fmt: skip

    monkeypatch.setattr(services, "decompose", doubled)
    browser = login(city.people["county"])
    town = city.towns[0]
    answer = browser.post(reverse("plan:divide", args=[one.pk]), {"places": [town.pk], "enterprises": "青川砖厂"})
    assert answer.status_code == 409
    assert "重新加载" in answer.text
