"""What is kept: made once, also for many at once; the oldest goes; what failed is not kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from lantian.kit.kept import Kept


def test_several_that_ask_at_once_get_one_thing_that_was_made_once():
    kept, made, all_here = Kept(4), [], threading.Barrier(3)

    def make():
        made.append(1)
        threading.Event().wait(0.05)
        return object()

    def ask(_):
        all_here.wait(5)
        return kept.get("a", make)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(ask, range(3)))
    assert len(made) == 1
    assert found[0] is found[1] is found[2]


def test_another_thing_is_not_waited_for():
    kept, begun, free = Kept(4), threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert free.wait(5)

    thread = threading.Thread(target=lambda: kept.get("slow", slow))
    thread.start()
    assert begun.wait(5)
    assert kept.get("quick", lambda: 2) == 2
    free.set()
    thread.join(5)


def test_what_nobody_asked_for_longest_goes_first():
    kept = Kept(2)
    for name in ("a", "b", "a", "c"):
        kept.get(name, partial(str, name))
    assert [kept.get(name, lambda: "anew") for name in ("a", "c", "b")] == ["a", "c", "anew"]


def test_what_cannot_be_made_is_tried_again():
    kept = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1


def test_one_thing_may_ask_for_another_and_none_is_a_thing():
    kept = Kept(4)
    assert kept.get("a", lambda: kept.get("b", lambda: None)) is None
    assert kept.get("b", lambda: 1) is None
