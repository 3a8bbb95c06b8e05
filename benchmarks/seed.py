"""Fill the data folder with a full ledger: the packed city's plan, 60,000 reports, 100 users, its air. Prints a summary, sessions, pages.

Runs in its own process (LANTIAN_DATA names the folder). Reports are written in bulk, not through the services: what is
measured is reading.
"""

from __future__ import annotations

import datetime as dt
import os
import random

REPORTS = 60_000
USERS = 100
START = "2020-06-22T09:00"
KINDS = ("office", "county", "department", "inspector")


def main() -> None:
    os.environ["LANTIAN_CLOCK"] = START
    from lantian.cli import setup_django

    setup_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from lantian.city.demo import create_demo_people
    from lantian.city.pack import default_pack, find_pack, load_pack
    from lantian.city.services import load_pack_into_database
    from lantian.web.demo import import_and_adopt
    from lantian.web.demo_air import first_day
    from lantian.web.demo_clock import issue_day
    from lantian.web.demo_story import _name_open_areas

    pack = load_pack(find_pack(default_pack()))
    load_pack_into_database(pack)
    create_demo_people(pack)
    fill_air(pack.root, first_day(pack))
    version = import_and_adopt(pack, issue_day(pack))
    _name_open_areas()
    assignments = fill_areas(version)
    reports = fill_reports(assignments)
    sessions = make_users()
    print(f"{len(assignments)} assignments, {reports} reports, {len(sessions)} users")
    print(" ".join(sessions))
    print(" ".join(pages(version)))


def fill_air(root, start: dt.date) -> None:
    """Invent the hours of stations and cities up to the present: the air's indicators have values, as in a city at work."""
    from django.conf import settings

    from lantian.air.synthetic.writing import synthesize
    from lantian.city import clock

    synthesize(settings.LANTIAN_DATA, root, start=start, until=clock.now(), seed=7)


def fill_areas(version):
    """Give every measure an assignment in each of the areas, as the limit of the benchmark says."""
    from lantian.city import clock
    from lantian.city.models import Place
    from lantian.plan.models import Assignment, Measure

    there = set(Assignment.objects.values_list("measure_id", "place_id"))
    now = clock.now()
    more = [
        Assignment(
            measure=measure, holder="area", place=place, area=place, holder_key=f"place:{place.code}",
            deadline=dt.date(2020, 12, 31), deadline_basis="plan_end", state_since=now, created_at=now,
        )
        for measure in Measure.objects.filter(clause__task__version=version)
        for place in Place.objects.areas()
        if (measure.pk, place.pk) not in there
    ]  # fmt: skip
    Assignment.objects.bulk_create(more, batch_size=500)
    return list(Assignment.objects.order_by("pk"))


def fill_reports(assignments) -> int:
    from lantian.city import clock
    from lantian.city.models import User
    from lantian.plan.models import Assignment, ProgressReport

    dice = random.Random(1)
    author = User.objects.first()
    now = clock.now()
    rows = [
        ProgressReport(
            assignment=dice.choice(assignments), percent=dice.randint(0, 100), text="进展情况" * 10, reported_by=author,
            effective_on=clock.today(), reported_at=now - dt.timedelta(hours=dice.randint(1, 1700)),
        )
        for _ in range(REPORTS)
    ]  # fmt: skip
    ProgressReport.objects.bulk_create(rows, batch_size=2000)
    for assignment in assignments:
        assignment.state = dice.choice(
            ["not_started", "in_progress", "in_progress", "returned", "submitted", "verified", "signed_off"]
        )
        assignment.deadline = dt.date(2020, 4, 30) + dt.timedelta(days=dice.randint(0, 245))
    Assignment.objects.bulk_update(assignments, ["state", "deadline"], batch_size=500)
    return ProgressReport.objects.count()


def make_users() -> list[str]:
    """Make users of every kind and log each of them in; return the session keys."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from lantian.city.models import Agency, Membership, Place, User

    areas, agencies = list(Place.objects.areas()), list(Agency.objects.filter(kind="department"))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = []
    for number in range(USERS):
        user = User.objects.create_user(f"bench{number}", password=None, display_name=f"bench {number}")
        role = KINDS[number % len(KINDS)]
        held = {
            "county": {"place": areas[number % len(areas)]},
            "department": {"agency": agencies[number % len(agencies)]},
        }
        Membership.objects.create(user=user, role=role, since=dt.date(2000, 1, 1), **held.get(role, {}))
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        keys.append(session.session_key)
    return keys


def pages(version) -> list[str]:
    """Return the addresses that are measured: every list, and one record of each kind. A page that not everybody may
    open ends with `#` and the places of its kinds of users in KINDS."""
    from django.urls import reverse

    from lantian.city.models import Agency, Place
    from lantian.plan.models import Measure, Task

    lists = [
        "web:home", "plan:assignments", "plan:my_work", "plan:signoff", "plan:tree", "plan:counties", "plan:agencies",
        "plan:rounds", "plan:escalations", "plan:county_plans", "indicators:list", "indicators:coverage", "air:targets",
        "records:evidence_list", "records:inbox",
    ]  # fmt: skip
    records = [
        reverse("plan:task", args=[Task.objects.filter(version=version).first().pk]),
        reverse("plan:measure", args=[Measure.objects.filter(clause__task__version=version).first().pk]),
        reverse("plan:county", args=[Place.objects.areas()[0].code]) + "#0,3",
        reverse("plan:agency", args=[Agency.objects.filter(clauses__isnull=False).first().pk]),
    ]
    filtered = [
        reverse("plan:assignments") + "?status=overdue&per_page=100",
        reverse("web:search") + "?q=%E9%94%85%E7%82%89",
    ]
    return [*map(reverse, lists), *records, *filtered]


if __name__ == "__main__":
    main()
