"""Killing the commands themselves, really (SIGKILL): `lantian air import` and `lantian observations compact`.

Used by a test of modest length and by the benchmark. Whoever runs the commands knows only what they said: an import that
ended with status 0 is acknowledged, one that was killed is run again.
"""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lantian.air.tests.files import hours_of, write
from lantian.observations.lock import owner_of
from lantian.observations.model import Query
from lantian.observations.store import Store
from lantian.observations.verify import verify

CITIES = ("甲市", "乙市")
DAYS = 3
ITEMS = 6
ROWS = len(CITIES) * DAYS * 24 * ITEMS
_FIRST = dt.date(2020, 1, 30)
_PATIENCE = 120.0


@dataclass
class Storm:
    """What happened: kills of each command, files that were acknowledged, kills while the command held the pen."""

    folder: Path
    chance: random.Random
    killed: dict[str, int] = field(default_factory=lambda: {"import": 0, "compact": 0})
    writing: int = 0
    acknowledged: list[Path] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def file(self, number: int) -> Path:
        """Make a file across two months; every third one states the same hours as the two before it, with other values."""
        first = _FIRST + dt.timedelta(days=number - number % 3)
        value = str(number % 300 + 1)
        lines = [
            line
            for city in CITIES
            for day in range(DAYS)
            for line in hours_of(first + dt.timedelta(days=day), city, (value, value, value, value, value, "0.8"))
        ]
        return write(self.folder / f"f{number}.csv", lines)

    def start(self, name: str, path: Path | None = None) -> subprocess.Popen[bytes]:
        words = (
            ["air", "import", str(path), "--format", "cnemc-city-hourly", "--data", str(self.data), "--json"]
            if name == "import"
            else ["observations", "--data", str(self.data), "compact"]
        )
        return subprocess.Popen(
            [sys.executable, "-m", "lantian", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def kill(self, name: str, process: subprocess.Popen[bytes]) -> bool:
        """Kill a command at a moment of chance, mostly while it holds the pen; tell whether it was still running."""
        if self.chance.random() < 0.75:
            self._until_it_writes(process)
            time.sleep(self.chance.uniform(0, 0.3))
        else:
            time.sleep(self.chance.uniform(0, 2.0))
        holds = owner_of(self.data / "observations" / "writer.lock").get("pid") == process.pid
        if process.poll() is not None:
            return False
        process.kill()
        process.communicate()
        self.killed[name] += 1
        self.writing += holds
        return True

    def _until_it_writes(self, process: subprocess.Popen[bytes]) -> None:
        lock = self.data / "observations" / "writer.lock"
        until = time.monotonic() + _PATIENCE
        while process.poll() is None and owner_of(lock).get("pid") != process.pid and time.monotonic() < until:
            time.sleep(0.002)

    def finish(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Let a command end; it must not fail."""
        _, said = process.communicate(timeout=_PATIENCE)
        if process.returncode:
            raise AssertionError(f"{name} failed: {said.decode()}")


def storm(folder: Path, kills: int, seed: int) -> Storm:
    """Import file after file while compactions run, killing one of the two again and again; check every row at the end.

    Raises AssertionError when an acknowledged file is lost, doubled or changed, or a file is there in part.
    """
    one = Storm(folder, random.Random(seed))
    one.finish("import", one.start("import", one.file(0)))
    one.acknowledged.append(one.file(0))
    while sum(one.killed.values()) < kills:
        path = one.file(len(one.acknowledged))
        running = {"import": one.start("import", path), "compact": one.start("compact")}
        victim = one.chance.choice(list(running))
        if one.killed[victim] > kills // 2:  # both get their share
            victim = "import" if victim == "compact" else "compact"
        killed = one.kill(victim, running[victim])
        for name, process in running.items():
            if not (killed and name == victim):
                one.finish(name, process)
        if not (killed and victim == "import"):
            one.acknowledged.append(path)
    check(one, len(one.acknowledged) + 1)
    return one


def check(one: Storm, files: int) -> None:
    """Check that every acknowledged file is there once with all its rows, and no file in part."""
    store = Store.under(one.data)
    with store.writer("recovery", wait=30):
        pass
    verdict = verify(store)
    assert verdict.ok, verdict.faults
    origins = {row["batch"]: row["origin"] for row in store.register.commits("observations") if row["batch"]}
    rows = store.reader().rows(Query(history=True))
    whole = rows.group_by("batch").agg(n=pl.len(), facts=pl.struct("source", "quantity", "valid_from").n_unique())
    found = {origins[batch]: (n, facts) for batch, n, facts in whole.iter_rows()}
    assert len(found) == len(whole), "a file is there under two names"
    assert set(found.values()) == {(ROWS, ROWS)}, found
    lost = {path.name for path in one.acknowledged} - set(found)
    assert not lost, f"acknowledged and lost: {sorted(lost)}"
    for number in range(files):  # once more: nothing may be written that is there
        before = store.reader().version().observations
        one.finish("import", one.start("import", one.file(number)))
        written = store.reader().version().observations - before
        assert written == (0 if f"f{number}.csv" in found else 1), number
