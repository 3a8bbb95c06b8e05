"""Two people approve, or apply their workbooks, at the same moment.

Run as a program it makes a database of its own and prints what came out.
"""

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
    round_ = open_round(city)
    first = city.people["county"]
    for name, people in (("one workbook twice", (first, first)), ("two workbooks", (first, colleague(city)))):
        found[name] = race_workbooks(round_, people, percent={"one workbook twice": 40, "two workbooks": 60}[name])
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


def open_round(city):
    """Open a round in which everything of area 0 is in progress already: a report then changes no version."""
    from lantian.plan import services
    from lantian.plan.models import Assignment, Document
    from lantian.plan.services import rounds

    for one in Assignment.objects.filter(place=city.areas[0], state="not_started"):
        services.report(city.people["county"], one, percent=5, text="开工")
    return rounds.open_round(city.people["office"], Document.objects.get())


def colleague(city):
    """Return a second person of area 0."""
    from tests.builders import make_user

    return make_user("county1b", "county", place=city.areas[0])


def workbook(round_, person, percent):
    """Upload a filled-in workbook of area 0 as a person; return the upload, not applied yet."""
    import io

    import openpyxl
    from django.core.files.uploadedfile import SimpleUploadedFile

    from lantian.plan.rules.sheet import COLUMNS
    from lantian.plan.services import uploads, workbooks

    area = person.memberships.get().place_id
    book = openpyxl.load_workbook(io.BytesIO(workbooks.workbook(person, round_, area_id=area)))
    page = book.worksheets[0]
    for row in range(3, page.max_row + 1):
        if page.cell(row, COLUMNS.index("key") + 1).value:
            page.cell(row, COLUMNS.index("percent") + 1).value = percent
            page.cell(row, COLUMNS.index("text") + 1).value = f"{person.username} {percent}"
    content = io.BytesIO()
    book.save(content)
    return uploads.preview(person, round_, SimpleUploadedFile("甲县.xlsx", content.getvalue()))


def race_workbooks(round_, people, percent):
    """Let two people (or one in two windows) apply a workbook about the same rows at once; return what came of it."""
    from django.db import connection

    from lantian.kit.errors import DomainError
    from lantian.plan.models import ProgressReport, RoundUpload
    from lantian.plan.services import uploads
    from lantian.records.models import AuditEntry

    before = ProgressReport.objects.count(), AuditEntry.objects.filter(action="plan.apply_upload").count()
    # One person in two windows sends one upload twice; two people send one each, of different words.
    mine = [workbook(round_, people[0], percent)]
    mine.append(mine[0] if people[0] == people[1] else workbook(round_, people[1], percent + 1))
    gate, outcomes = threading.Barrier(2), []

    def apply(person, pk):
        try:
            own = RoundUpload.objects.get(pk=pk)
            gate.wait(timeout=20)
            outcomes.append(f"{uploads.apply(person, own, seen_version=own.version).applied} applied")
        except DomainError as problem:
            outcomes.append(type(problem).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=apply, args=(p, u.pk)) for p, u in zip(people, mine, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    rows = len(mine[0].rows)
    found = {"rows": rows, "outcomes": sorted(outcomes), "reports": ProgressReport.objects.count() - before[0]}
    found["entries"] = AuditEntry.objects.filter(action="plan.apply_upload").count() - before[1]
    # What the second one reads on the page, and that they can confirm it: nothing of theirs is lost.
    late = RoundUpload.objects.filter(pk__in=[u.pk for u in mine], applied_at__isnull=True).first()
    if late is not None:
        late = uploads.mend(late.uploaded_by, late, {})
        found["told"] = sorted({fault["code"] for row in late.rows for fault in row["reasons"]})
        ticked = {row["row"]: uploads.Mending({}, confirm=True) for row in late.rows}
        late = uploads.apply(late.uploaded_by, uploads.mend(late.uploaded_by, late, ticked))
        found["later"] = late.applied
    return found


if __name__ == "__main__":
    main()
