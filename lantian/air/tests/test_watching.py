"""A watched folder: complete files only, done or failed with a report, never lost, never twice."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lantian.air.reading import watching
from lantian.air.reading.importing import store_in
from lantian.air.reading.watching import Watched, WatchedError, Watcher
from lantian.air.tests.files import QUIET, hours_of, line, write
from lantian.observations.errors import BusyError
from lantian.observations.model import Query

DAY = dt.date(2020, 5, 1)
ROOT = Path(__file__).resolve().parents[3]


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    return made


@pytest.fixture
def store(tmp_path):
    return store_in(tmp_path / "data")


@pytest.fixture
def watcher(folder, clock):
    return Watcher(Watched(folder, "cnemc-city-hourly", lang="en"), settle=5, now=clock)


def scan(watcher, store, clock, seconds=10.0):
    clock.now += seconds
    return [(one.name, one.state) for one in watcher.scan(store)]


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def values(store):
    return len(store.reader().observations(Query(history=True)).polars())


def test_only_what_no_longer_changes_is_taken(watcher, store, clock, folder):
    path = write(folder / "a.csv", hours_of(DAY, "甲", hours=range(1, 3)))
    write(folder / "b.csv.part", [])
    write(folder / ".hidden.csv", [])
    assert scan(watcher, store, clock) == []
    write(path, hours_of(DAY, "甲"))
    assert scan(watcher, store, clock) == [], "it grew"
    assert scan(watcher, store, clock, 1) == [], "it is too new"
    assert scan(watcher, store, clock) == [("a.csv", "done")]
    assert names(folder / "done") == ["a.csv", "a.csv.report.txt"]
    report = (folder / "done" / "a.csv.report.txt").read_text("utf-8")
    assert "144 values written" in report
    assert names(folder) == [".hidden.csv", ".lantian-watch.lock", "b.csv.part", "done", "failed", "working"]
    assert scan(watcher, store, clock) == []
    assert values(store) == 144


def test_a_bad_file_fails_with_its_faults_and_the_same_name_comes_again(watcher, store, clock, folder):
    for number, value in enumerate(("-1", "-2"), 1):
        write(folder / "a.csv", [line("2020-05-01 01:00:00", "甲", (value, *QUIET[1:]))])
        scan(watcher, store, clock)
        assert scan(watcher, store, clock) == [("a.csv", "failed")], number
    assert names(folder / "failed") == ["2-a.csv", "2-a.csv.report.txt", "a.csv", "a.csv.report.txt"]
    assert "row 2, column PM2.5: '-2'" in (folder / "failed" / "2-a.csv.report.txt").read_text("utf-8")
    (folder / "c.csv").write_bytes(b"\0\0")
    scan(watcher, store, clock)
    assert scan(watcher, store, clock) == [("c.csv", "failed")]


def test_bad_values_are_left_out_when_that_was_said(folder, store, clock):
    watcher = Watcher(Watched(folder, "cnemc-city-hourly", skip_bad=True), settle=0, now=clock)
    write(folder / "a.csv", [line("2020-05-01 01:00:00", "甲", ("-1", *QUIET[1:]))])
    scan(watcher, store, clock)
    assert scan(watcher, store, clock) == [("a.csv", "done")]
    assert values(store) == 5


def test_killed_between_writing_and_moving_it_is_not_imported_twice(watcher, store, clock, folder, monkeypatch):
    write(folder / "a.csv", hours_of(DAY, "甲"))
    scan(watcher, store, clock)

    def killed(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(watching, "_free", killed)
        with pytest.raises(KeyboardInterrupt):
            scan(watcher, store, clock)
    assert names(folder / "working") == ["a.csv"]
    again = Watcher(watcher.watched, settle=5, now=clock)
    assert scan(again, store, clock) == [("a.csv", "done")]
    assert "already" in (folder / "done" / "a.csv.report.txt").read_text("utf-8")
    assert values(store) == 144


def test_a_store_that_is_busy_is_tried_again(watcher, store, clock, folder, monkeypatch):
    write(folder / "a.csv", hours_of(DAY, "甲"))
    scan(watcher, store, clock)

    def busy(*args, **options):
        raise BusyError("somebody writes")

    with monkeypatch.context() as patch:
        patch.setattr(watching, "write", busy)
        assert scan(watcher, store, clock) == [("a.csv", "waits")]
    assert names(folder / "working") == ["a.csv"]
    assert scan(watcher, store, clock) == [("a.csv", "done")]


def test_one_process_watches_a_folder(watcher, store, folder):
    handle = os.open(folder / ".lantian-watch.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(WatchedError, match="another process"):
        list(watcher.scan(store))
    os.close(handle)
    with pytest.raises(WatchedError, match="no folder"):
        list(Watcher(Watched(folder / "none", "cnemc-city-hourly")).scan(store))


def test_the_command_once_and_until_it_is_told_to_stop(folder, tmp_path):
    data = tmp_path / "data"
    write(folder / "a.csv", hours_of(DAY, "甲"))
    command = [sys.executable, "-m", "lantian", "air", "watch", str(folder), "--data", str(data), "--settle", "0.2"]
    done = subprocess.run([*command, "--once"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, "a.csv: done" in done.stdout) == (0, True), done.stderr
    running = subprocess.Popen([*command, "--interval", "0.2"], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    write(folder / "b.csv", hours_of(DAY, "乙"))
    until = time.monotonic() + 60
    while not (folder / "done" / "b.csv").exists() and time.monotonic() < until:
        time.sleep(0.1)
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    assert "b.csv: done" in out
    assert values(store_in(data)) == 288
