"""A watched folder: files that are complete are imported and put into done/ or failed/, with a report beside them.

A file is taken by a rename into working/ and leaves it by a rename: whatever happens in between, it lies in exactly one
place, and what lies in working/ is taken up again. Its content names its import, so that it is never imported twice.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from lantian.air.reading.faults import Fault, FileFaultError
from lantian.air.reading.importing import ChangedError, Import, RefusedError, look, write
from lantian.air.reading.report import fault_lines, summary_lines
from lantian.observations.errors import StoreError
from lantian.observations.model import Receipt
from lantian.observations.store import Store

WORKING: Final = "working"
DONE: Final = "done"
FAILED: Final = "failed"
# What programs call a file that they have not finished.
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", "~", ".swp")
_LOCK = ".lantian-watch.lock"
_REPORT = ".report.txt"
log = logging.getLogger("lantian.air.watching")


class WatchedError(ValueError):
    """The folder cannot be watched: it is not there, or another process watches it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder and how its files are to be read; see `importing.look` and `write`."""

    folder: Path
    form: str
    encoding: str = "utf-8"
    time_format: str = ""
    declared: Mapping[str, str] = field(default_factory=dict)
    skip_bad: bool = False
    actor: str = ""
    lang: str = "zh"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: done, failed (see the report) or waits (the store could not be written; it is tried again)."""

    name: str
    state: Literal["done", "failed", "waits"]
    path: Path
    text: str
    found: Import | None = None
    receipt: Receipt | None = None
    faults: tuple[Fault, ...] = ()


class Watcher:
    """Remembers how large files were, so that only those are taken that did not change for `settle` seconds."""

    def __init__(self, watched: Watched, *, settle: float = 5.0, now: Callable[[], float] = time.monotonic) -> None:
        self.watched = watched
        self.settle = settle
        self._now = now
        self._known: dict[str, tuple[tuple[int, int], float]] = {}

    def scan(self, store: Store) -> Iterator[Outcome]:
        """Import what is complete, one file after the other. Raises WatchedError."""
        folder = self.watched.folder
        if not folder.is_dir():
            raise WatchedError(f"{folder} is no folder: make it, or mend the path")
        with _only(folder):
            for name in (WORKING, DONE, FAILED):
                (folder / name).mkdir(exist_ok=True)
            for path in sorted((folder / WORKING).iterdir()):
                yield self._import(path, store)
            for path in self._complete():
                taken = folder / WORKING / path.name
                if taken.exists():
                    continue  # its namesake waits for the store
                path.rename(taken)
                yield self._import(taken, store)

    def waiting(self) -> int:
        """How many files lie there, complete or not."""
        folder = self.watched.folder
        return sum(1 for one in (folder, folder / WORKING) if one.is_dir() for _path in _candidates(one))

    def _complete(self) -> list[Path]:
        found, known = [], {}
        for path in _candidates(self.watched.folder):
            try:
                there = path.stat()
            except FileNotFoundError:
                continue
            stamp = (there.st_size, there.st_mtime_ns)
            before, since = self._known.get(path.name, (None, 0.0))
            known[path.name] = (stamp, since if before == stamp else self._now())
            if before == stamp and self._now() - since >= self.settle:
                found.append(path)
        self._known = known
        return found

    def _import(self, path: Path, store: Store) -> Outcome:
        asked = self.watched
        try:
            found = look(
                path, asked.form, encoding=asked.encoding, time_format=asked.time_format, declared=asked.declared
            )
        except FileFaultError as error:
            if any(one.code == "changing" for one in error.faults):
                return Outcome(path.name, "waits", path, str(error))
            return self._ended(path, FAILED, [one.sentence(asked.lang) for one in error.faults], faults=error.faults)
        except Exception as error:
            # One file that the reader stumbles over must not keep the others waiting.
            log.exception("%s cannot be read", path)
            return self._ended(path, FAILED, [f"the reader failed, see the log: {error!r}"])
        lines = [*summary_lines(found.summary()), *fault_lines(found.faults, asked.lang, found.faults.most)]
        try:
            receipt = write(found, store, actor=asked.actor, skip_bad=asked.skip_bad)
        except RefusedError as error:
            faults = tuple(found.faults.in_order())
            return self._ended(path, FAILED, [*lines, str(error)], found=found, faults=faults)
        except (StoreError, ChangedError, OSError) as error:
            log.warning("%s waits: %s", path, error)
            return Outcome(path.name, "waits", path, str(error), found)
        last = f"in the store already, version {receipt.version}" if receipt.repeated else (
            f"{receipt.rows:,} values written, version {receipt.version}"
        )  # fmt: skip
        faults = tuple(found.faults.in_order())
        return self._ended(path, DONE, [*lines, last], found=found, receipt=receipt, faults=faults)

    def _ended(
        self, path: Path, where: Literal["done", "failed"], lines: list[str], *, found: Import | None = None,
        receipt: Receipt | None = None, faults: tuple[Fault, ...] = (),
    ) -> Outcome:  # fmt: skip
        """Write the report, then move the file beside it: a crash in between only makes the report again."""
        target = _free(self.watched.folder / where / path.name)
        stamp = dt.datetime.now(dt.UTC).astimezone().isoformat(timespec="seconds")
        text = "\n".join([f"{path.name}: {where}", stamp, f"format {self.watched.form}", *lines]) + "\n"
        target.with_name(target.name + _REPORT).write_text(text, encoding="utf-8")
        path.rename(target)
        return Outcome(path.name, where, target, lines[-1], found, receipt, faults)


def _candidates(folder: Path) -> list[Path]:
    """Files that somebody put there, no links and nothing hidden or unfinished by its name."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
        and not path.name.lower().endswith(_UNFINISHED)
    ]  # fmt: skip


def _free(path: Path) -> Path:
    """A name that nothing has yet; an earlier file of the same name keeps it."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{number}-{path.name}")
    return found


@contextmanager
def _only(folder: Path) -> Iterator[None]:
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WatchedError(f"another process watches {folder}") from None
        yield
    finally:
        os.close(handle)
