"""The worker's day: safe to repeat, and one broken job does not stop the others."""

from __future__ import annotations

import datetime as dt

import pytest

from lantian.city.models import LoadedPack
from lantian.plan import jobs
from lantian.plan.models import Assignment, EscalationProposal
from lantian.plan.services import rounds
from lantian.records.models import Notification

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def test_the_day_is_safe_to_repeat(ledger, go):
    city, version = ledger
    go(dt.date(2020, 9, 24))
    rounds.open_round(city.people["office"], version.document, due_on=dt.date(2020, 9, 25))
    first = jobs.daily()
    assert first["due_soon"]["messages"] == 2
    assert sum(done["messages"] for done in first["rounds"].values()) == 2
    assert first["escalation"]["new"] == EscalationProposal.objects.count()
    messages = Notification.objects.count()
    again = jobs.daily()
    assert again["due_soon"]["messages"] == 0
    assert Notification.objects.count() == messages


def test_deadlines_are_told_when_near_and_on_their_day(ledger, go):
    go(dt.date(2020, 9, 22))
    assert jobs.tell_due_soon(dt.date(2020, 9, 22))["messages"] == 0
    # The worker stood still on the 23rd: it is made up for.
    go(dt.date(2020, 9, 25))
    assert jobs.tell_due_soon(dt.date(2020, 9, 25))["messages"] == 2
    go(dt.date(2020, 9, 26))
    assert jobs.tell_due_soon(dt.date(2020, 9, 26))["messages"] == 0
    go(dt.date(2020, 9, 30))
    assert jobs.tell_due_soon(dt.date(2020, 9, 30))["messages"] == 2
    assert told("plan.due_soon") == ["county", "county", "county2", "county2"]


def test_finished_work_is_not_told(ledger, go):
    go(dt.date(2020, 9, 25))
    Assignment.objects.update(state="signed_off")
    assert jobs.tell_due_soon(dt.date(2020, 9, 25)) == {"messages": 0, "assignments": 0}


def test_a_refused_job_says_so_and_the_others_run(ledger, go):
    go(dt.date(2020, 9, 25))
    LoadedPack.objects.update(escalation=[{"rule": "nonsense", "settings": {}}])
    done = jobs.daily()
    assert "nonsense" in done["escalation"]["refused"]
    assert done["due_soon"]["messages"] == 2


def test_a_broken_job_is_logged_and_the_others_run(ledger, go, monkeypatch, caplog):
    def broken(day):
        raise RuntimeError("disk full")

    monkeypatch.setattr(jobs, "tell_due_soon", broken)
    done = jobs.daily()
    assert "disk full" in done["due_soon"]["failed"]
    assert "new" in done["escalation"]
    assert "due_soon failed" in caplog.text
