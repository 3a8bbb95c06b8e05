"""The database and the pure rules give the same status and freshness, on all combinations."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.utils import timezone

from lantian.city import clock
from lantian.plan import queries
from lantian.plan.models import Assignment, ProgressReport
from lantian.plan.rules.states import STATES
from lantian.plan.thresholds import Thresholds, thresholds
from tests.builders import make_assignment, make_city, make_plan

pytestmark = pytest.mark.django_db
OFFSETS = (None, -40, -3, -2, -1, 0, 1, 6, 7, 8, 30)


def make_all(version, city):
    """Make one assignment for each state × deadline on the first measure, as enterprises (no two share a holder)."""
    measure = version.tasks.first().clauses.first().measures.first()
    today = clock.today()
    for state, days in itertools.product(STATES, OFFSETS):
        deadline = None if days is None else today + dt.timedelta(days=days)
        make_assignment(
            measure, city.areas[0], holder="enterprise", enterprise=f"{state}{days}", holder_key=f"e:{state}{days}",
            state=state, deadline=deadline,
        )  # fmt: skip


@pytest.mark.parametrize(("soon", "grace"), [(7, 0), (7, 2), (0, 0), (30, 40)])
def test_status_in_the_database_is_the_pure_status(go, city, soon, grace):
    make_all(make_plan(city), city)
    limits = Thresholds(clock.today(), soon, 30, grace, 10, 5, {"once": 35, "ageing_share": 70})
    rows = Assignment.objects.with_status(limits.today, soon, grace_days=grace)
    assert len(rows) == len(STATES) * len(OFFSETS)
    for row in rows:
        assert row.status == limits.status(row.state, row.deadline), (row.state, row.deadline)


@pytest.mark.parametrize(
    "recurrence", [[], ["daily"], ["weekly"], ["monthly", "daily"], ["quarterly"], ["yearly"], ["x"]]
)
def test_freshness_in_the_database_is_the_pure_freshness(go, city, recurrence):
    version = make_plan(city)
    measure = version.tasks.first().clauses.first().measures.first()
    measure.recurrence = recurrence
    measure.save()
    limits, today = thresholds(), clock.today()
    for age in (None, 0, 1, 2, 3, 7, 8, 10, 11, 24, 25, 35, 36, 70, 71, 100, 101, 266, 267, 380, 381):
        a = make_assignment(measure, city.areas[0], holder="enterprise", enterprise=f"e{age}", holder_key=f"e{age}")
        if age is None:
            continue
        for late, hour in ((0, 23), (5, 1)):
            day = dt.datetime.combine(today - dt.timedelta(days=age + late), dt.time(hour, 59))
            ProgressReport.objects.create(
                assignment=a, percent=1, text="x", effective_on=today, reported_by=city.people["county"],
                reported_at=timezone.make_aware(day),
            )  # fmt: skip
    rows = list(Assignment.objects.with_lights(limits))
    assert {row.freshness for row in rows} == {"never", "fresh", "ageing", "stale"}
    for row in rows:
        last = timezone.localdate(row.last_report_at) if row.last_report_at else None
        assert row.freshness == limits.freshness_of(last, recurrence), (row.enterprise, recurrence)


def test_rows_that_are_shown_have_the_lights_of_the_database(go, city):
    version = make_plan(city)
    make_all(version, city)
    measure = version.tasks.first().clauses.first().measures.first()
    for days, one in enumerate(Assignment.objects.filter(measure=measure)[:40]):
        ProgressReport.objects.create(
            assignment=one, percent=days, text="x", effective_on=clock.today(), reported_by=city.people["county"],
            reported_at=clock.now() - dt.timedelta(days=2 * days),
        )  # fmt: skip
    limits = thresholds()
    judged = {row.pk: (row.status, row.freshness, row.last_percent) for row in Assignment.objects.with_lights(limits)}
    shown = {
        row.pk: (row.status, row.freshness, row.last_percent) for row in queries.rows(Assignment.objects.all(), limits)
    }
    assert shown == judged
    assert len({freshness for _status, freshness, _percent in shown.values()}) >= 3


def test_a_withdrawn_report_is_no_news(go, city):
    version = make_plan(city)
    a = make_assignment(version.tasks.first().clauses.first().measures.first(), city.areas[0])
    ProgressReport.objects.create(
        assignment=a, percent=1, text="x", effective_on=clock.today(), reported_by=city.people["county"],
        reported_at=clock.now(), withdrawn_at=clock.now(),
    )  # fmt: skip
    assert Assignment.objects.with_lights(thresholds()).get().freshness == "never"


def test_thresholds_come_from_the_pack_and_else_from_the_country(db):
    assert thresholds().due_soon_days == 7
    make_city()
    from lantian.city.models import LoadedPack

    LoadedPack.objects.update(thresholds={"assignment.due_soon_days": 12, "freshness.daily": 5})
    found = thresholds()
    assert (found.due_soon_days, found.freshness["daily"], found.freshness["monthly"]) == (12, 5, 35)


def test_families_of_choices_name_every_value():
    from lantian.kit.choices import family
    from lantian.plan.rules.states import ACTIONS, FRESHNESS, STATUSES

    assert set(family("status")) == set(STATUSES)
    assert set(family("freshness")) == set(FRESHNESS)
    assert set(family("ledger_action")) == set(ACTIONS)
    assert all(choice.meaning for name in ("status", "freshness") for choice in family(name).values())
