"""The worker: what a killed one leaves behind."""

from __future__ import annotations

import pytest

from lantian.kit import later
from lantian.observations import hooks
from lantian.observations.errors import BusyError
from lantian.observations.model import Batch
from lantian.observations.schema import OBSERVATIONS
from lantian.observations.store import Store
from lantian.observations.tests.builders import row, values
from lantian.web import upkeep, worker


def test_a_lock_that_a_killed_worker_left_is_taken_away():
    lock = worker.queue.lock_task("daily")
    lock.clear()
    assert worker.queue.storage.put_if_empty(lock._key, b"1"), "as a worker that is killed leaves it"
    worker.consumer()
    assert not lock.is_locked(), "else the morning's work would never be done again"


def test_every_minute_each_registered_work_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(worker, "work", asked.append)
    worker.minute.call_local()
    assert {"observations.tell", "air.imports", "air.folders"} <= set(asked)


def test_at_night_the_hours_files_become_one(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path
    monkeypatch.setattr(hooks, "_trail", [])
    assert upkeep.tidy() == 0, "without a store there is nothing to do"
    store = Store.under(tmp_path, tells=False)
    for hour in range(3):
        with store.writer("test") as writer:
            writer.append(Batch(f"hour {hour}"), [row(hour, float(hour))])
    before = values(store)
    assert upkeep.tidy() == 1
    assert len(store.snapshot(OBSERVATIONS)[0]) == 1
    assert values(store) == before
    assert upkeep.tidy() == 0


def test_who_writes_at_night_is_not_disturbed(settings, tmp_path, monkeypatch):
    settings.LANTIAN_DATA = tmp_path

    def busy(_store):
        raise BusyError("somebody writes")

    monkeypatch.setattr(upkeep, "compact", busy)
    store = Store.under(tmp_path, tells=False)
    with store.writer("test") as writer:
        writer.append(Batch("a"), [row(0, 1.0)])
    assert upkeep.tidy() == 0


def test_a_room_wakes_the_worker(monkeypatch):
    monkeypatch.setattr(later, "_works", {"test.work": lambda: 1})
    worker.queue.flush()
    later.soon("test.work")
    task = worker.queue.dequeue()
    assert worker.queue.execute(task) is None
    with pytest.raises(LookupError):
        later.soon("nothing")
