"""The worker: what a killed one leaves behind."""

from __future__ import annotations

from lantian.web import worker


def test_a_lock_that_a_killed_worker_left_is_taken_away():
    lock = worker.queue.lock_task("daily")
    lock.clear()
    assert worker.queue.storage.put_if_empty(lock._key, b"1"), "as a worker that is killed leaves it"
    worker.consumer()
    assert not lock.is_locked(), "else the morning's work would never be done again"
