"""Two approvals at the same moment: one is done, the other hears of it; a double click is done once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from lantian.plan.tests import race

ROOT = Path(__file__).resolve().parents[3]


def in_a_file(tmp_path):
    """Race in a process with a SQLite file (the tests' own database lives in memory and knows no queue of writers)."""
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    env |= {"LANTIAN_DATA": str(tmp_path / "data"), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    (tmp_path / "data").mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "lantian.plan.tests.race"], env=env, cwd=ROOT, capture_output=True, text=True, timeout=180,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.slow
def test_sqlite(tmp_path):
    found = in_a_file(tmp_path)
    one = found["two people"]
    assert "signed_off" in one["outcomes"]
    assert len(one["outcomes"]) == 2
    assert set(one["outcomes"]) <= {"signed_off", "Conflict", "Unlawful"}
    assert one["outcomes"].count("signed_off") == 1
    assert (one["state"], one["steps"], one["entries"]) == ("signed_off", 1, 1)
    two = found["double click"]
    assert two["outcomes"] == ["signed_off", "signed_off"], "the second click gets the first one's result"
    assert (two["state"], two["steps"]) == ("signed_off", 1)
    assert two["entries"] == 2, "one for each of the two assignments"
    workbooks_are_applied_one_after_the_other(found["one workbook twice"], found["two workbooks"])


def workbooks_are_applied_one_after_the_other(twice, two):
    n = twice["rows"]
    assert n
    assert twice["outcomes"] == sorted(["Conflict", f"{n} applied"]), "the second window is told that it is done"
    assert (twice["reports"], twice["entries"]) == (n, 1)
    assert two["outcomes"] == sorted(["DomainError", f"{n} applied"]), "the second person is told what the first said"
    assert (two["reports"], two["entries"]) == (n, 1)
    assert two["told"] == ["said_since"]
    assert two["later"] == n, "and may say it all the same: nothing is lost"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite races in a file of its own")
@pytest.mark.django_db(transaction=True)
def test_postgresql():
    city, a = race.prepare()
    outcomes = race.race(city, a)
    assert outcomes.count("signed_off") == 1
    assert set(outcomes) <= {"signed_off", "Conflict", "Unlawful"}
    assert race.summary(city, a) == {"state": "signed_off", "steps": 1, "entries": 1}
    round_, first = race.open_round(city), city.people["county"]
    twice = race.race_workbooks(round_, (first, first), percent=40)
    workbooks_are_applied_one_after_the_other(
        twice, race.race_workbooks(round_, (first, race.colleague(city)), percent=60)
    )
