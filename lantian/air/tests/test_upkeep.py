"""The worker compacts what hourly commits leave, and removes files that no version needs, once a day."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest

from lantian.air.quality.tests.stored import HOUR, append, in_force, ordinary_rows, row, store_of
from lantian.air.services import upkeep
from lantian.kit import later
from lantian.observations.errors import BusyError
from lantian.observations.model import Query
from lantian.observations.schema import OBSERVATIONS
from lantian.observations.verify import verify

pytestmark = pytest.mark.django_db
N = upkeep.LEAST_FILES


@pytest.fixture
def store(settings, tmp_path):
    """One file of a day, then as many small ones as are left alone."""
    settings.LANTIAN_DATA = tmp_path / "data"
    made = store_of(settings.LANTIAN_DATA, ordinary_rows(1))
    for hour in range(24, 24 + N - 2):
        append(made, f"hour {hour}", [row(hour, "SO2", 20 + hour % 2)])
    return made


def files(store):
    return store.snapshot(OBSERVATIONS)[0]


def test_hourly_commits_become_one_file_and_no_row_is_lost(store):
    assert later.run("air.upkeep") == 0
    assert len(files(store)) == N - 1
    append(store, "last", [row(24 + N, "SO2", 33)])
    before = store.reader().observations(Query()).polars().drop("known_until").sort("quantity", "valid_from")
    assert later.run("air.upkeep") == 1
    assert len(files(store)) == 1
    after = store.reader().observations(Query()).polars().drop("known_until").sort("quantity", "valid_from")
    assert after.equals(before)
    assert later.run("air.upkeep") == 0
    assert verify(store).ok


def test_files_that_nobody_needs_go_once_a_day(store):
    append(store, "last", [row(24 + N, "SO2", 33)])
    assert later.run("air.upkeep") == 1
    kept = list(store.root.glob("observations/month=*/*"))
    assert len(kept) == N + 1, "who reads an older version still finds its files"
    old = time.time() - dt.timedelta(days=2).total_seconds()
    for path in [*kept, *store.root.glob("observations/_delta_log/*"), store.root / "vacuum.stamp"]:
        os.utime(path, (old, old))
    later.run("air.upkeep")
    assert len(list(store.root.glob("observations/month=*/*"))) == 1
    assert in_force(store, start=row(0, "SO2", 0)["valid_from"] + HOUR) == {}


def test_a_store_that_is_written_to_is_left_for_the_next_minute(store, monkeypatch):
    append(store, "last", [row(24 + N, "SO2", 33)])

    def busy(*args, **options):
        raise BusyError("an import")

    monkeypatch.setattr(upkeep, "compact", busy)
    assert later.run("air.upkeep") == 0
    assert len(files(store)) == N


def test_without_a_store_there_is_nothing_to_do(settings, tmp_path):
    settings.LANTIAN_DATA = tmp_path / "none"
    assert later.run("air.upkeep") == 0
    assert not settings.LANTIAN_DATA.exists()
