"""What shall be ready is prepared once for each state, in the order of registration; a fault stops nobody else."""

from __future__ import annotations

import pytest

from lantian.kit import ready


@pytest.fixture
def stocks(monkeypatch):
    monkeypatch.setattr(ready, "_stocks", {})


def test_it_is_prepared_at_first_and_whenever_the_stamp_changes(stocks):
    stamp, done = [1], []
    ready.register("a", lambda: stamp[0], lambda: done.append(stamp[0]))
    keeper = ready.Keeper()
    assert [keeper.look(), keeper.look()] == [("a",), ()]
    stamp[0] = 2
    assert keeper.look() == ("a",)
    assert done == [1, 2]
    ready.Keeper().look()
    assert done == [1, 2, 2], "every process has its own"


def test_a_fault_is_logged_and_the_next_one_is_prepared_all_the_same(stocks, caplog):
    done = []
    ready.register("bad", lambda: 1, lambda: 1 // 0)
    ready.register("worse", lambda: 1 // 0, lambda: done.append("never"))
    ready.register("good", lambda: 1, lambda: done.append("good"))
    keeper = ready.Keeper()
    keeper.look()
    assert done == ["good"]
    assert [one.message for one in caplog.records] == ["bad could not be made ready", "worse could not be made ready"]


def test_a_name_means_one_thing(stocks):
    stamp, prepare = (lambda: 1), (lambda: 2)
    ready.register("a", stamp, prepare)
    ready.register("a", stamp, prepare)
    with pytest.raises(ValueError, match="'a' is registered already"):
        ready.register("a", stamp, lambda: 3)


def test_the_thread_prepares_what_changes_while_requests_are_answered(stocks, monkeypatch):
    import threading

    monkeypatch.setattr(ready, "EVERY", 0.01)
    changed, stamp = threading.Event(), [1]

    def prepare():
        if stamp[0] == 2:
            changed.set()

    ready.register("a", lambda: stamp[0], prepare)
    keeper = ready.Keeper()
    thread = keeper.watch()
    assert thread.daemon, "a process that is stopped does not wait for it"
    stamp[0] = 2
    assert changed.wait(5)
    keeper.stop()
    thread.join(5)
    assert not thread.is_alive()
