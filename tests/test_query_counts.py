"""Pages take a constant number of queries: the same with ten times as many rows, and never more than the baseline."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from lantian.city import clock
from lantian.plan.models import Assignment, Measure, Objection, ProgressReport, Publicity, Step
from tests.builders import make_city, make_plan
from tests.querycounts import count, hold

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 30
STATES = ("not_started", "in_progress", "submitted", "returned", "verified", "signed_off", "rebounded")


def grow(city, version, n):
    """Add n enterprises in each state to the first measure, each with steps, reports and, where verified, publicity."""
    measure = Measure.objects.filter(clause__task__version=version).order_by("pk").first()
    office, county, now = city.people["office"], city.people["county"], clock.now()
    start = Assignment.objects.count()
    for at in range(start, start + n * len(STATES)):
        a = Assignment.objects.create(
            measure=measure, holder="enterprise", enterprise=f"厂{at}", holder_key=f"enterprise:{at}", state_since=now,
            place=city.areas[0], area=city.areas[0], state=STATES[at % len(STATES)], created_at=now,
            deadline=clock.today() + dt.timedelta(days=at % 40 - 20), deadline_basis="text",
        )  # fmt: skip
        ProgressReport.objects.create(
            assignment=a, percent=at % 100, text="进展", effective_on=clock.today(), reported_by=county, reported_at=now
        )
        for action, to in (("submit", "submitted"), ("return", "returned"), ("rebound", "rebounded")):
            Step.objects.create(
                assignment=a, action=action, from_state="in_progress", to_state=to, by=county, role="county", at=now,
                reason="说明",
            )  # fmt: skip
        if a.state == "verified" and at % 3:
            period = Publicity.objects.create(
                assignment=a, starts_on=clock.today(), ends_on=clock.today() + dt.timedelta(days=7), statement="公示",
                opened_by=office, opened_at=now,
            )  # fmt: skip
            if at % 2:
                Objection.objects.create(publicity=period, name="王某", text="不对", received_at=now)


def addresses(city, version):
    """Return page -> address; a page's name is that of its route, with what distinguishes it."""
    measure = Measure.objects.filter(clause__task__version=version).order_by("pk").first()
    whole = Assignment.objects.order_by("pk").first()
    return {
        "plan:tree": reverse("plan:tree"),
        "plan:task": reverse("plan:task", args=[measure.clause.task_id]),
        "plan:measure": reverse("plan:measure", args=[measure.pk]),
        "plan:assignments": reverse("plan:assignments") + "?per_page=100",
        "plan:assignments all columns": reverse("plan:assignments")
        + "?per_page=100&columns=status,freshness,code,measure,holder,deadline,percent,last_report,task,area,agencies,"
        "nature,days,basis,note",
        "plan:assignment": reverse("plan:assignment", args=[whole.pk]),
        "plan:my_work": reverse("plan:my_work"),
        "plan:signoff": reverse("plan:signoff"),
        "plan:counties": reverse("plan:counties"),
        "plan:county": reverse("plan:county", args=[city.areas[0].code]),
        "plan:agencies": reverse("plan:agencies"),
        "plan:agency": reverse("plan:agency", args=[city.agencies["生态环境局"].pk]),
        "plan:publicity": reverse("plan:publicity"),
    }


@pytest.mark.parametrize("person", ["office", "dept", "county"])
def test_ten_times_the_rows_take_no_more_queries(client, person):
    with clock.travel(dt.date(2020, 6, 20)):
        city = make_city()
        version = make_plan(city)
        grow(city, version, FEW)
        client.force_login(city.people[person], backend="django.contrib.auth.backends.ModelBackend")
        few = {page: count(client, address) for page, address in addresses(city, version).items()}
        grow(city, version, MANY - FEW)
        many = {page: count(client, address) for page, address in addresses(city, version).items()}
    assert many == few
    for page, queries in many.items():
        hold(f"{page} ({person})", queries)


# Pages of the air read the store, not the database: what they ask of the database is the frame and a few names.
AIR = {
    "air:home": [],
    "air:ranking": [],
    "air:targets": [],
    "air:target": ["pm25-city"],
    "air:dustfall": [],
    "air:dust": [],
    "air:places": [],
    "air:quality": [],
    "air:stations": [],
    "air:station": ["9901A"],
    "air:place": ["990001"],
    "air:place_calendar": ["990001"],
    "air:place_years": ["990001"],
    "air:place_distribution": ["990001"],
    "air:place_day": ["990001"],
}


@pytest.mark.parametrize("person", ["office", "county", "public"])
def test_pages_of_the_air_ask_the_database_for_little(client, air, person):
    city = make_city()
    client.force_login(city.people[person], backend="django.contrib.auth.backends.ModelBackend")
    for page, arguments in AIR.items():
        hold(f"{page} ({person})", count(client, reverse(page, args=arguments)))


@pytest.mark.parametrize("person", ["office", "county"])
def test_indicators_that_are_computed_take_no_query_each(client, air, person):
    city = make_city()
    client.force_login(city.people[person], backend="django.contrib.auth.backends.ModelBackend")
    for page in ("indicators:list", "indicators:coverage"):
        hold(f"{page} ({person})", count(client, reverse(page)))
