"""The thread that commits: what came in while the disk was busy goes to it together, with one sync.

A disk that takes nothing (full, failing) loses nothing: the work is held and tried again, nobody is answered meanwhile,
and what waits fills the queue, so that the server stops reading its sockets.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lantian.gateway.core.inbox import Inbox, Work

log = logging.getLogger("lantian.gateway")
_AGAIN_SECONDS = 0.5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Job(Generic[_T]):
    """Work, and what the caller wants back with the news that it is on disk."""

    work: Work
    token: _T


class Committer(Generic[_T]):
    """`done` is called in the committing thread with the tokens of what is on disk."""

    def __init__(self, inbox: Inbox, done: Callable[[list[_T]], None]) -> None:
        self._inbox, self._done = inbox, done
        self._jobs: list[Job[_T]] = []
        self._there = threading.Condition()
        self._stopping = False
        self.refusing = ""  # why the disk takes nothing at present; "" when it does
        self.commits = 0
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, job: Job[_T]) -> None:
        """Hand over work; never waits."""
        with self._there:
            self._jobs.append(job)
            self._there.notify()

    def stop(self, patience: float = 5.0) -> None:
        """Commit what was handed over and end; after `patience` seconds what the disk did not take is given up."""
        with self._there:
            self._stopping = True
            self._there.notify()
        self._thread.join(patience)

    def _run(self) -> None:
        while True:
            with self._there:
                while not self._jobs and not self._stopping:
                    self._there.wait()
                jobs, self._jobs = self._jobs, []
            if not jobs:
                return
            if not self._commit(jobs):
                return
            self._done([job.token for job in jobs])

    def _commit(self, jobs: list[Job[_T]]) -> bool:
        """Commit, again and again until the disk takes it; False when the gateway ends before."""
        works = [job.work for job in jobs]
        while True:
            try:
                self._inbox.commit(works)
            except sqlite3.Error as error:
                if not self.refusing:
                    log.error("the inbox takes nothing (%s); nobody is answered until it does", error)
                self.refusing = str(error) or type(error).__name__
            else:
                if self.refusing:
                    log.warning("the inbox takes packets again")
                self.refusing = ""
                self.commits += 1
                return True
            with self._there:
                if self._stopping:
                    return False
                self._there.wait(_AGAIN_SECONDS)
