"""The worker: what a killed one leaves behind."""

from __future__ import annotations

import pytest

from lantian.kit import later
from lantian.web import worker


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


def test_a_room_wakes_the_worker(monkeypatch):
    monkeypatch.setattr(later, "_works", {"test.work": lambda: 1})
    worker.queue.flush()
    later.soon("test.work")
    task = worker.queue.dequeue()
    assert worker.queue.execute(task) is None
    with pytest.raises(LookupError):
        later.soon("nothing")
