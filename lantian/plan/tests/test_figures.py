"""Figures of the ledger: pure counting over duties, then the registered indicators over a small ledger."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from lantian.city import clock
from lantian.city.models import LoadedPack
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.queries import evaluate
from lantian.indicators.value import ReasonCode
from lantian.plan.models import (
    Assignment,
    DispatchRound,
    Document,
    DocumentVersion,
    Measure,
    ProgressReport,
    RoundEntry,
    Step,
    Trace,
)
from lantian.plan.rules import figures
from lantian.plan.rules.figures import Duty, Move
from tests.builders import make_version

D = dt.date
YEAR = (D(2020, 1, 1), D(2020, 12, 31))


def duty(key: int, *moves: tuple[int, str, str], deadline: int | None = 30, measure: int = 1, created: int = 1) -> Duty:
    """A duty of June 2020: days of the month."""
    steps = tuple(Move(D(2020, 6, day), source, target) for day, source, target in moves)
    now = moves[-1][2] if moves else "not_started"
    due = D(2020, 6, deadline) if deadline else None
    return Duty(key, measure, 1, due, D(2020, 6, created), now, steps)


DONE = (
    (5, "not_started", "in_progress"),
    (10, "in_progress", "submitted"),
    (14, "submitted", "verified"),
    (20, "verified", "signed_off"),
)


def test_the_state_of_a_day_follows_from_the_moves():
    one = duty(1, *DONE)
    seen = [one.state_on(D(2020, 6, day)) for day in (1, 5, 9, 10, 19, 20, 30)]
    assert seen == [
        "not_started", "in_progress", "in_progress", "submitted", "verified", "signed_off", "signed_off"
    ]  # fmt: skip
    assert one.state_on(D(2020, 5, 31)) == ""
    assert not one.live_on(D(2020, 5, 31))


def test_in_time_means_by_the_deadline_and_its_grace():
    duties = [duty(1, *DONE, deadline=20), duty(2, *DONE, deadline=19), duty(3, deadline=19)]
    due = figures.due_in(duties, *YEAR)
    assert figures.reached_in_time(due, "signed_off", 0) == figures.Share(1, 3, (2, 3))
    assert figures.reached_in_time(due, "signed_off", 1) == figures.Share(2, 3, (3,))
    assert figures.due_in(duties, D(2020, 6, 20), D(2020, 6, 25)) == [duties[0]]


def test_nothing_of_nothing_is_no_share():
    assert figures.Share(0, 0).percent is None


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_share_lies_between_none_and_all(counted, more):
    percent = figures.Share(counted, counted + more).percent
    assert percent is None if counted + more == 0 else 0 <= percent <= 100


def test_overdue_is_open_work_past_its_deadline():
    late, done, cancelled = duty(1, deadline=10), duty(2, *DONE, deadline=12), duty(3, (8, "not_started", "cancelled"))
    assert figures.overdue([late, done, cancelled], D(2020, 6, 11), 0) == figures.Share(1, 2, (1,))
    assert figures.overdue([late, done, cancelled], D(2020, 6, 10), 0).counted == 0
    assert figures.overdue([late, done, cancelled], D(2020, 6, 11), 1).counted == 0


def test_a_return_answers_the_submission_before_it():
    back = duty(1, (5, "not_started", "submitted"), (8, "submitted", "returned"), (12, "returned", "submitted"))
    share = figures.returned([back, duty(2, *DONE)], D(2020, 6, 1), D(2020, 6, 30))
    assert (share.counted, share.of) == (1, 3)
    taken_back = duty(3, (5, "not_started", "submitted"), (6, "submitted", "in_progress"))
    assert figures.returned([taken_back], *YEAR) == figures.Share(0, 1)


def test_waiting_counts_from_the_submission_that_was_verified():
    twice = duty(
        1,
        (1, "not_started", "submitted"),
        (3, "submitted", "returned"),
        (10, "returned", "submitted"),
        (14, "submitted", "verified"),
    )
    assert figures.days_to_verification([twice, duty(2, *DONE)], *YEAR) == [4, 4]
    assert figures.days_to_verification([twice], D(2020, 6, 15), D(2020, 6, 30)) == []


def test_a_measure_is_met_when_each_of_its_duties_is():
    duties = [
        duty(1, *DONE, measure=1),
        duty(2, *DONE, measure=2),
        duty(3, measure=2),
        duty(4, *DONE, deadline=9, measure=3),
    ]
    share = figures.measures_met(figures.due_in(duties, *YEAR), D(2020, 6, 30), 0)
    assert (share.counted, share.of) == (1, 3)
    undone = duty(5, *DONE, (25, "signed_off", "rebounded"), measure=4)
    assert figures.measures_met([undone], D(2020, 6, 30), 0).counted == 0


# The registered indicators, over a ledger of two measures with deadlines and one that returns monthly.


@pytest.fixture
def june(ledger):
    city, version = ledger
    Assignment.objects.update(deadline=D(2020, 6, 15), created_at=_at(1, 4))
    LoadedPack.objects.update(thresholds={})
    with clock.travel(D(2020, 6, 20)):
        yield city, version


def _at(day: int, month: int = 6) -> dt.datetime:
    return timezone.make_aware(dt.datetime(2020, month, day, 12))


def walk(assignment: Assignment, *moves: tuple[int, str], actor) -> None:
    """Write steps as the workflow does."""
    state = "not_started"
    for day, target in moves:
        Step.objects.create(
            assignment=assignment, action="x", from_state=state, to_state=target, by=actor, role="office", at=_at(day)
        )
        state = target
    Assignment.objects.filter(pk=assignment.pk).update(state=state)


def look(code: str, place, period: str = "to-2020-06-20"):
    return evaluate(code, place, periods.parse(period), Context(today=D(2020, 6, 20)))


def of_area(city, area: int) -> list[Assignment]:
    return list(Assignment.objects.filter(area=city.areas[area]).order_by("pk"))


def test_shares_of_the_city_and_of_a_county(june):
    city, _version = june
    mine, other = of_area(city, 0), of_area(city, 1)
    office = city.people["office"]
    walk(mine[0], (3, "submitted"), (5, "verified"), (12, "signed_off"), actor=office)
    walk(mine[1], (3, "submitted"), (5, "returned"), (16, "submitted"), actor=office)
    walk(other[0], (14, "submitted"), (18, "verified"), (19, "signed_off"), actor=office)
    everything = Assignment.objects.count()
    assert look("plan_signed_off_on_time", city.areas[0]).number == Decimal(100) / 3
    assert look("plan_signed_off_on_time", city.city).number == Decimal(100) / everything
    handed_in = look("plan_handed_in_on_time", city.areas[0])
    assert (handed_in.number, handed_in.n) == (Decimal(200) / 3, 3)
    assert look("plan_signed_off_share", city.city).number == Decimal(200) / everything
    assert look("plan_overdue_share", city.areas[0]).number == Decimal(100) / 3
    assert look("plan_overdue_share", city.areas[0], "2020-05").number == 0
    assert look("plan_returned_share", city.areas[0]).number == Decimal(100) / 3
    days = look("plan_days_to_verification", city.city)
    assert (days.number, days.n) == (3, 2)
    assert look("plan_measures_met", city.areas[0]).number == 1
    assert look("plan_measures_met", city.city).number == 0


def test_what_speaks_against_a_figure_can_be_opened(june):
    city, _version = june
    value = look("plan_overdue_share", city.areas[0])
    assert {ref.id for ref in value.lineage} == {str(a.pk) for a in of_area(city, 0)}
    assert {ref.url_name for ref in value.lineage} == {"plan:assignment"}


def test_rebounds_are_counted_each_time(june):
    city, _version = june
    walk(
        of_area(city, 0)[0],
        (3, "verified"),
        (5, "rebounded"),
        (9, "verified"),
        (12, "rebounded"),
        actor=city.people["office"],
    )
    assert look("plan_rebounds", city.city).number == 2
    assert look("plan_rebounds", city.areas[1]).number == 0
    assert look("plan_rebounds", city.city, "2020-05").number == 0


def test_nothing_to_count_is_said_and_is_not_nought(june):
    city, _version = june
    assert look("plan_returned_share", city.city).reason.code == ReasonCode.NOTHING_TO_COUNT
    assert look("plan_reporting_rate", city.city).reason.code == ReasonCode.NOTHING_TO_COUNT
    assert look("plan_signed_off_on_time", city.city, "2020-05").reason.code == ReasonCode.NOTHING_TO_COUNT
    assert look("plan_overdue_share", city.city, "2020-08").reason.code == ReasonCode.NOTHING_TO_COUNT
    assert look("plan_overdue_share", city.towns[0]).reason.code == ReasonCode.NOT_HERE


def report(assignment: Assignment, day: int, actor, **more) -> ProgressReport:
    return ProgressReport.objects.create(
        assignment=assignment, percent=50, text="x", effective_on=D(2020, 6, day), reported_by=actor, reported_at=_at(day),
        **more,
    )  # fmt: skip


def test_the_last_round_counts_what_came_by_its_day(june):
    city, version = june
    office = city.people["office"]
    round_ = DispatchRound.objects.create(
        document=version.document,
        month=D(2020, 6, 1),
        title="June",
        opened_at=_at(1),
        opened_by=office,
        due_on=D(2020, 6, 10),
    )
    for assignment in Assignment.objects.all():
        RoundEntry.objects.create(round=round_, assignment=assignment)
    in_time, late, gone = of_area(city, 0)
    report(in_time, 9, office, round=round_)
    report(late, 12, office, round=round_)
    report(gone, 9, office, round=round_, withdrawn_at=_at(10))
    value = look("plan_reporting_rate", city.areas[0])
    assert (value.number, value.n) == (Decimal(100) / 3, 3)
    assert look("plan_reporting_rate", city.areas[1]).number == 0


def test_freshness_looks_at_open_work_only(june):
    city, _version = june
    first, second, _third = of_area(city, 0)
    report(first, 19, city.people["county"])
    report(second, 1, city.people["county"], withdrawn_at=_at(2))
    walk(second, (3, "submitted"), actor=city.people["county"])
    value = look("plan_fresh_share", city.areas[0])
    assert (value.number, value.n) == (50, 2)
    assert look("plan_fresh_share", city.areas[0], "2020-05").number == 0


def county_plan(city, version, area, month: int, state: str) -> DocumentVersion:
    plan = make_version(city, kind="county_plan", state=state)
    Document.objects.filter(pk=plan.document_id).update(place=area, serves=version.document)
    DocumentVersion.objects.filter(pk=plan.pk).update(imported_at=_at(1, month))
    return plan


def test_county_plans_are_in_time_within_the_days_of_the_threshold(june):
    city, version = june
    DocumentVersion.objects.filter(pk=version.pk).update(issued_on=D(2020, 4, 15))
    assert look("plan_county_plans_on_time", city.city).number == 0
    county_plan(city, version, city.areas[0], 5, "adopted")
    county_plan(city, version, city.areas[1], 6, "in_review")
    value = look("plan_county_plans_on_time", city.city)
    assert (value.number, value.n) == (25, 4)
    assert look("plan_county_plans_on_time", city.areas[0]).number == 100
    assert look("plan_county_plans_on_time", city.areas[1]).number == 0


def test_before_the_day_nobody_is_late(june):
    city, version = june
    DocumentVersion.objects.filter(pk=version.pk).update(issued_on=D(2020, 6, 10))
    assert look("plan_county_plans_on_time", city.city).reason.code == ReasonCode.NOTHING_TO_COUNT


def test_coverage_counts_confirmed_traces_of_adopted_county_plans(june):
    city, version = june
    plan = county_plan(city, version, city.areas[0], 5, "adopted")
    theirs = Measure.objects.filter(clause__task__version=version)
    from tests.builders import make_measure_copy

    copies = [make_measure_copy(theirs[0], plan)]
    Trace.objects.create(county_measure=copies[0], city_measure=theirs[0], score=1, state="confirmed")
    Trace.objects.create(county_measure=copies[0], city_measure=theirs[1], score=1, state="suggested")
    value = look("plan_county_plan_coverage", city.areas[0])
    assert (value.number, value.n) == (Decimal(100) / 3, 3)
    assert look("plan_county_plan_coverage", city.areas[1]).number == 0
    assert look("plan_county_plan_coverage", city.city).n == 12


def test_all_figures_for_all_areas_cost_a_constant_number_of_queries(june, django_assert_max_num_queries):
    from lantian.indicators.registry import registry

    city, _version = june
    context, asked = Context(today=D(2020, 6, 20)), periods.parse("to-2020-06-20")
    with django_assert_max_num_queries(33):
        # As the pages do: what people said of all figures is one question.
        context.preload([one.code for one in registry], asked)
        for one in registry:
            for place in [city.city, *city.areas]:
                evaluate(one.code, place, asked, context)
