"""Two people approve at the same moment. Run as a program it makes a database of its own and prints what came out."""

from __future__ import annotations

import datetime as dt
import json
import threading


def prepare():
    """Make the small city with one assignment that is ready for approval; return (city, assignment)."""
    from lantian.city import clock
    from lantian.plan import services
    from lantian.plan.tests import ledger as lib
    from tests.builders import make_city, make_ledger

    city = make_city()
    make_ledger(city)
    a = lib.led(city)
    with clock.travel(dt.date(2020, 6, 1)):
        lib.submit(city, a)
        lib.verify(city, a)
        services.publicise(city.people["office"], a, statement="公示")
    return city, a


def race(city, a, keys=(None, None)):
    """Let two people of the office approve at once; return what each got ("signed_off" or the error's class)."""
    from django.db import connection

    from lantian.kit.errors import DomainError
    from lantian.plan import services
    from lantian.plan.models import Assignment

    gate, outcomes = threading.Barrier(2), []

    def approve(name, key):
        try:
            mine = Assignment.objects.get(pk=a.pk)
            gate.wait(timeout=20)
            services.approve(city.people[name], mine, reason="同意", seen_version=mine.version, key=key)
            outcomes.append(mine.state)
        except DomainError as problem:
            outcomes.append(type(problem).__name__)
        finally:
            connection.close()

    people = ("office", "office2") if keys[0] is None else ("office", "office")
    threads = [threading.Thread(target=approve, args=pair) for pair in zip(people, keys, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(outcomes)


def summary(city, a):
    from lantian.plan.models import Step
    from lantian.records.models import AuditEntry

    a.refresh_from_db()
    return {
        "state": a.state,
        "steps": Step.objects.filter(assignment=a, action="approve").count(),
        "entries": AuditEntry.objects.filter(action="plan.approve").count(),
    }


def main():
    """Race in a database file of its own (LANTIAN_DATA), once with two people and once with one double click."""
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from lantian.plan.models import Assignment

    call_command("migrate", verbosity=0)
    city, a = prepare()
    found = {"two people": {"outcomes": race(city, a), **summary(city, a)}}
    other = Assignment.objects.get(measure__code="1-1-2", place=city.areas[0])
    found["double click"] = double_click(city, other)
    print(json.dumps(found))  # noqa: T201


def double_click(city, a):
    """Race one person against themselves with the same key on another assignment; return outcomes and counts."""
    from lantian.city import clock
    from lantian.plan import services
    from lantian.plan.tests import ledger as lib

    with clock.travel(dt.date(2020, 6, 1)):
        lib.submit(city, a)
        lib.verify(city, a)
        services.publicise(city.people["office"], a, statement="公示")
    return {"outcomes": race(city, a, ("k", "k")), **summary(city, a)}


if __name__ == "__main__":
    main()
