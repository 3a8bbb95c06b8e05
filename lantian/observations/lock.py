"""One writer at a time. The lock is the operating system's: it ends with the process, however that ends."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lantian.observations.errors import BusyError

_PAUSE = 0.02


@contextmanager
def writer_lock(path: Path, purpose: str, wait: float) -> Iterator[None]:
    """Hold the lock file `path`, which names its owner; wait for it up to `wait` seconds, then raise BusyError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        _acquire(handle, path, wait)
        owner = {"pid": os.getpid(), "host": socket.gethostname(), "purpose": purpose, "since": int(time.time())}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(owner).encode(), 0)
        yield
    finally:
        # Closing gives the lock back. The file stays: removing it would let two writers hold two files of one name.
        os.close(handle)


def _acquire(handle: int, path: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise BusyError(_busy(path, wait)) from None
            time.sleep(_PAUSE)


def owner_of(path: Path) -> dict[str, object]:
    """Return who holds the lock, or held it last ({} when nobody ever did)."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _busy(path: Path, wait: float) -> str:
    owner = owner_of(path)
    who = f"process {owner.get('pid')} on {owner.get('host')} ({owner.get('purpose')})" if owner else "another process"
    return f"{who} is writing to {path.parent}; waited {wait:g} s. Try again when it is done, or wait longer."
