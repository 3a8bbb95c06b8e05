"""Killing the importer and the compactor, really (SIGKILL): used by a test of modest length and by the benchmark.

Children come from a fork server that has only imported modules, so that many of them can be started and killed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from lantian.observations.compaction import compact
from lantian.observations.errors import BusyError
from lantian.observations.model import Batch, Query
from lantian.observations.store import Store
from lantian.observations.tests.builders import row
from lantian.observations.verify import verify

PRELOAD = ["lantian.observations.tests.kills"]
ROWS = 40


def context():
    """Return the way to start children."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(PRELOAD)
    return found


def open_store(root: Path) -> Store:
    return Store(root, offset=dt.timedelta(hours=8))


def batch_rows(number: int) -> list[dict]:
    """Rows of one batch: two months, two sources; every third batch corrects an earlier one."""
    base = (number - number % 3) * 20
    return [
        row(hour, float(number), source=source)
        for source in ("s1", "s2")
        for hour in (*range(base, base + ROWS // 4), *range(base + 744, base + 744 + ROWS // 4))
    ]


def die_at(step: str) -> Callable[[str], None]:
    """Return a callback that kills this process when a step has happened."""

    def callback(done: str) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return callback


def import_once(root: Path, number: int, step: str) -> None:
    """Child: import one batch and die at a step."""
    with open_store(root).writer("import", wait=30, on_step=die_at(step)) as writer:
        writer.append(Batch(f"b{number}"), batch_rows(number))


def compact_once(root: Path, step: str) -> None:
    """Child: compact and die at a step."""
    compact(open_store(root), wait=30, on_step=die_at(step))


def import_on(root: Path, acknowledged: Path, last: int) -> None:
    """Child: import batches one after the other; write down each that is acknowledged. Begins two before the last."""
    begin = max(0, len(numbers(acknowledged)) - 2)
    for number in range(begin, last):
        with open_store(root).writer("import", wait=60) as writer:
            writer.append(Batch(f"b{number}", digest=str(number)), batch_rows(number))
        with acknowledged.open("a") as file:
            file.write(f"{number}\n")


def compact_on(root: Path) -> None:
    """Child: compact again and again."""
    while True:
        with contextlib.suppress(BusyError):
            compact(open_store(root), wait=1)
        time.sleep(0.05)


def numbers(acknowledged: Path) -> set[int]:
    return {int(line) for line in acknowledged.read_text().split()} if acknowledged.exists() else set()


def storm(root: Path, kills: int, seed: int, *, longest: float = 0.8) -> tuple[int, int]:
    """Run an importer and a compactor and kill one of them at random, `kills` times; then check every batch.

    Returns (batches, rows). Raises AssertionError when an acknowledged batch is lost, doubled or changed.
    """
    chance, mp = random.Random(seed), context()
    acknowledged = root.with_name("acknowledged")
    starts = {
        "import": lambda: mp.Process(target=import_on, args=(root, acknowledged, 1_000_000), daemon=True),
        "compact": lambda: mp.Process(target=compact_on, args=(root,), daemon=True),
    }
    running = {name: start() for name, start in starts.items()}
    for process in running.values():
        process.start()
    while not numbers(acknowledged):  # children are quick once the fork server has imported everything
        time.sleep(0.05)
    for _ in range(kills):
        time.sleep(chance.uniform(0.05, longest))
        name = chance.choice(["import", "import", "compact"])
        running[name].kill()
        running[name].join()
        running[name] = starts[name]()
        running[name].start()
    for process in running.values():
        process.kill()
        process.join()
    return check(root, numbers(acknowledged))


def check(root: Path, acknowledged: set[int]) -> tuple[int, int]:
    """Check that every acknowledged batch is in the store once with all its rows, and nothing is there in part."""
    store = open_store(root)
    with store.writer("recovery", wait=30):
        pass
    verdict = verify(store)
    assert verdict.ok, verdict.faults
    rows = store.reader().observations(Query(history=True)).expression
    counted = {r["batch"]: (r["n"], r["facts"], r["low"], r["high"]) for r in _by_batch(rows)}
    for name, (n, facts, low, high) in counted.items():
        number = int(name[1:])
        assert (n, facts, low, high) == (ROWS, ROWS, number, number), (name, n, facts)
    lost = {f"b{number}" for number in acknowledged} - counted.keys()
    assert not lost, f"acknowledged and lost: {sorted(lost)}"
    return len(counted), sum(n for n, *_ in counted.values())


def _by_batch(rows) -> list[dict]:
    fact = rows.source + rows.valid_from.cast("string")
    grouped = rows.group_by("batch").agg(
        n=rows.count(), facts=fact.nunique(), low=rows.value.min(), high=rows.value.max()
    )
    return grouped.to_pyarrow().to_pylist()
